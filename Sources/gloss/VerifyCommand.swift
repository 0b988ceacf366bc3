internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore
internal import GlossSync

/// `gloss verify`
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check that the library is as it was written.",
    discussion: """
      Reads the whole file: every change against the hashes that vouch for it, every
      record against its changes, every text against its name. Nothing is written.

      With --hub it also compares what the hub holds: by hashes over all changes of
      each machine, in a few requests, and names the records that differ. What only
      one side has, because no sync was since, is told and is no damage.

      Exit status: 0 where all is in order, 70 where something is damaged or differs.

      EXAMPLE
        gloss verify && cp -a ~/.local/share/gloss /backup
        gloss verify --hub
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Flag(help: "Compare what the hub holds, too.")
  var hub = false

  func run() async throws {
    // The engine may have to keep a key that the file lacks.
    let library = try options.open(hub ? .readWrite : .readOnly)
    let found = try ProgressBar.during("checking") { bar in
      try library.verify { bar?.advance(to: $0, of: $1) }
    }
    let compared = hub ? try await compare(library) : nil
    let state = found.damages.isEmpty ? try library.stateHash() : nil
    if output.isJSON {
      JSON.print([
        ("changes", JSON(found.changeCount)), ("records", JSON(found.recordCount)),
        ("texts", JSON(found.blobCount)), ("state", JSON(state)),
        ("unfinishedCommit", .bool(found.hasRemainsOfCommit)),
        ("damages", .array(found.damages.map { .text(Self.words(for: $0)) })),
        ("hub", compared.map(Self.json) ?? .null),
      ])
    } else if found.damages.isEmpty {
      Output.line(Self.counts(found) + ": all in order")
    }
    if let compared, !output.isJSON { Self.tell(compared) }
    if found.hasRemainsOfCommit {
      Output.note(
        "note: the library's log ends in a change that is not whole, as a power failure leaves it")
    }
    let damage =
      found.damages.isEmpty
      ? nil : Self.failure(found, hasHub: try library.hubAddress() != nil)
    let difference = compared.flatMap { $0.isInOrder ? nil : Self.failure($0) }
    if let damage, difference != nil { damage.report() }
    if let failure = difference ?? damage { throw failure }
  }

  private func compare(_ library: Library) async throws -> HubVerification {
    let transport = try library.transport()
    return try await transport.closing {
      try library.unlockIfLocked()
      return try await library.verify(over: transport, sleep: Surroundings.sleep)
    }
  }

  /// What a library has that is damaged, and what to do.
  static func failure(_ found: Verification, hasHub: Bool) -> Failure {
    let shown = found.damages.prefix(20).map(words)
    let rest = found.damages.count - shown.count
    return Failure(
      .fault, "the library is damaged",
      details: shown + (rest > 0 ? ["and \(rest) more"] : []),
      hint: hint(found, hasHub: hasHub))
  }

  private static func hint(_ found: Verification, hasHub: Bool) -> String {
    if found.damages.allSatisfy(\.isMendedByRepair) { return "gloss repair mends it" }
    let isInFile = found.damages.contains { damage in
      if case .file = damage { true } else { false }
    }
    if isInFile { return Failure.damagedFileHint }
    return hasHub && found.damages.contains(where: \.canBeFetched)
      ? "keep a copy of the file, then gloss repair: it fetches what the hub has of it"
      : "keep a copy of the file; another machine has what is missing here: gloss pair there, "
        + "gloss join here into a new file"
  }

  static func counts(_ found: Verification) -> String {
    [
      Shown.count(found.changeCount, "change"), Shown.count(found.recordCount, "record"),
      Shown.count(found.blobCount, "text"),
    ].joined(separator: ", ")
  }

  static func words(for damage: Damage) -> String {
    switch damage {
    case .file(let detail): "the file: \(Text.line(detail))"
    case .missingChanges(let replica, let seqs): "\(Self.numbers(seqs)) of \(replica) missing"
    case .unreadableChange(let dot): "change \(dot.seq) of \(dot.replica) cannot be read"
    case .alteredChanges(let replica, let seqs):
      seqs.count == 1
        ? "change \(seqs.lowerBound) of \(replica) is not as it came"
        : "one of the \(Self.numbers(seqs)) of \(replica) is not as it came"
    case .otherState(let key):
      "\(Text.line(key.kind.text)) \(key.id) is not what its changes come to"
    case .strayRows(let table): "the table \(table) has rows that belong to nothing, or lacks some"
    case .alteredBlob(let id):
      "the text \(hexadecimal(id.digest.prefix(8))) is not as it was written"
    case .missingBlob(let id): "the text \(hexadecimal(id.digest.prefix(8))) is missing"
    case .alteredTable(let table): "the table \(table) is not as it was written"
    case .lostCommits(let count):
      "the write-ahead log is damaged: \(Shown.count(count, "commit")) behind that cannot be read"
    }
  }

  static func numbers(_ seqs: ClosedRange<UInt64>) -> String {
    seqs.count == 1
      ? "change \(seqs.lowerBound)" : "changes \(seqs.lowerBound) to \(seqs.upperBound)"
  }
}
