internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss verify`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check that the library is as it was written.",
    discussion: """
      Reads the whole file: every change against the hashes that vouch for it, every
      record against its changes, every text against its name. Nothing is written.

      EXAMPLE
        gloss verify && cp -a ~/.local/share/gloss /backup
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let library = try options.open(.readOnly)
    let found = try library.verify()
    if output.isJSON {
      JSON.print([
        ("changes", JSON(found.changeCount)), ("records", JSON(found.recordCount)),
        ("texts", JSON(found.blobCount)), ("unfinishedCommit", .bool(found.hasRemainsOfCommit)),
        ("damages", .array(found.damages.map { .text(Self.words(for: $0)) })),
      ])
    } else if found.damages.isEmpty {
      Output.line(Self.counts(found) + ": all in order")
    }
    if found.hasRemainsOfCommit {
      Output.note(
        "note: the library's log ends in a change that is not whole, as a power failure leaves it")
    }
    guard !found.damages.isEmpty else { return }
    throw Self.failure(found)
  }

  /// What a library has that is damaged, and what to do.
  static func failure(_ found: Verification) -> Failure {
    let shown = found.damages.prefix(20).map(words)
    let rest = found.damages.count - shown.count
    return Failure(
      .fault, "the library is damaged",
      details: shown + (rest > 0 ? ["and \(rest) more"] : []),
      hint: found.damages.allSatisfy(\.isMendedByRepair)
        ? "gloss repair mends it"
        : "keep a copy of the file; another machine has what is missing here: gloss pair there, "
          + "gloss join here into a new file")
  }

  static func counts(_ found: Verification) -> String {
    [
      Shown.count(found.changeCount, "change"), Shown.count(found.recordCount, "record"),
      Shown.count(found.blobCount, "text"),
    ].joined(separator: ", ")
  }

  private static func words(for damage: Damage) -> String {
    switch damage {
    case .file(let detail): "the file: \(Text.line(detail))"
    case .missingChanges(let replica, let seqs): "\(Self.numbers(seqs)) of \(replica) missing"
    case .unreadableChange(let dot): "change \(dot.seq) of \(dot.replica) cannot be read"
    case .alteredChanges(let replica, let last):
      "a change of \(replica) up to \(last) is not as it came"
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

  private static func numbers(_ seqs: ClosedRange<UInt64>) -> String {
    seqs.count == 1
      ? "change \(seqs.lowerBound)" : "changes \(seqs.lowerBound) to \(seqs.upperBound)"
  }
}

/// `gloss repair`
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Compute anew what can be computed from the changes.",
    discussion: """
      Makes what is shown of every record, its conflicts and its tags anew from the
      changes. It only adds: no change and no text is removed or altered.

      EXAMPLE
        gloss repair
      """)

  @OptionGroup var options: LibraryOptions

  func run() throws {
    let library = try options.open()
    try library.repair()
    let found = try library.verify()
    guard found.damages.isEmpty else { throw VerifyCommand.failure(found) }
    Output.line(VerifyCommand.counts(found) + ": all in order")
  }
}
