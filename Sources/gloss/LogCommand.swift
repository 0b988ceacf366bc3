internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss log`
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Show the changes of the whole library, the newest first.",
    discussion: """
      Each has the time by the clock of the machine that made it, that machine,
      and its name, such as 3f2a.12: the first digits of the device and the
      number of the change there. The name is the same on all machines, and gloss
      show --at, diff, revert and undo take it; desk.12 means the same where a
      machine is called desk.

      --since and --until take a day, a time in UTC, or words: 2026-11-24,
      yesterday, "last monday", 2w. Both include what they name.

      EXAMPLE
        gloss log --since yesterday --by desk --kind note
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Option(help: ArgumentHelp("Only changes from then on.", valueName: "time")) var since: String?
  @Option(help: ArgumentHelp("Only changes up to then.", valueName: "time")) var until: String?
  @Option(
    help: ArgumentHelp("Only changes of this device: its name or digits.", valueName: "device"),
    completion: .device)
  var by: String?
  @Option(help: "article, highlight, note, or what programs keep: device, library, query.")
  var kind: String?
  @Option(help: "At most so many.") var limit: Int?

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is 0 or more") }
    if let kind, !Library.allKinds.contains(Name(kind)) {
      throw ValidationError(
        "--kind is one of \(Library.allKinds.map(\.text).joined(separator: ", "))")
    }
  }

  func run() throws {
    let library = try options.open(.readOnly)
    let query = try query(in: library)
    let naming = try Naming([], in: library)
    guard !output.isJSON else { return try printJSON(query, naming, library) }
    Pager.start()
    var isEmpty = true
    let width = Terminal.output.width
    try library.log(query) { line in
      isEmpty = false
      for text in Self.lines(line, naming, width: width) { Output.line(text.rendered()) }
    }
    if isEmpty { Output.note("no such changes") }
  }

  private func query(in library: Library) throws -> LogQuery {
    var query = LogQuery(kinds: kind.map { [Name($0)] } ?? ReadingKind.allCases.map(\.name))
    query.limit = limit
    if let since { query.start = try Self.range(since).start }
    if let until { query.end = try Self.range(until).end }
    if let by {
      let replicas = try library.replicas(named: by)
      guard !replicas.isEmpty else {
        throw Failure(
          .noMatch, "no device is called \(Text.line(by, width: 40))",
          hint: "gloss devices lists them; at least four of a device's digits do too")
      }
      query.replicas = replicas
    }
    return query
  }

  /// The first and the last millisecond of what a person wrote.
  private static func range(_ text: String) throws -> (start: UInt64, end: UInt64) {
    do {
      let reference = TimeReference(now: Surroundings.clock())
      let moment = try Moment(parsing: text)
      return (
        UInt64(max(0, moment.start(at: reference))), UInt64(max(0, moment.end(at: reference)))
      )
    } catch {
      throw Failure(error, in: text)
    }
  }

  // MARK: - For people

  /// One line where the terminal is wide, two where it is not.
  static func lines(_ line: LogLine, _ naming: Naming, width: Int) -> [StyledText] {
    var start = StyledText(CivilTime.minute(line.milliseconds) + "  ", .faint)
    start.append(Text.padded(naming.device(line.dot.replica), to: 6) + "  ")
    start.append(naming.change(line.dot), .heading)
    start.append("  ")
    var record = StyledText(line.key.id.firstDigits(8), .name)
    record.append("  " + (line.headline.map { Text.line($0) } ?? line.key.kind.text))
    let what = what(line, width: width)
    guard width >= 120 else {
      var first = start
      first += record
      return [first.cut(to: width), what.indented(by: 4).cut(to: width)]
    }
    var text = start
    text += record.cut(to: max(30, (width - start.columns) * 2 / 5))
    text.append("  ")
    text += what
    return [text.cut(to: width)]
  }

  private static func what(_ line: LogLine, width: Int) -> StyledText {
    if line.isFirst { return StyledText("added", .added) }
    var text = StyledText()
    for (index, write) in line.writes.enumerated() {
      if index > 0 { text.append(ReadingField.tags.member(of: write.field) == nil ? ", " : " ") }
      text += ChangeText.line(write, width: max(44, width / line.writes.count), column: 0)
    }
    return text
  }

  // MARK: - For programs

  /// Prints one change after another: there may be more than fit into memory.
  private func printJSON(_ query: LogQuery, _ naming: Naming, _ library: Library) throws {
    Output.write("{\"version\":1,\"changes\":[")
    var isFirst = true
    try library.log(query) { line in
      Output.write((isFirst ? "" : ",") + Self.json(line, naming).text)
      isFirst = false
    }
    Output.line("]}")
  }

  private static func json(_ line: LogLine, _ naming: Naming) -> JSON {
    .object([
      ("change", .text(naming.change(line.dot))),
      ("time", .text(CivilTime.exact(line.milliseconds))),
      ("device", .text("\(line.dot.replica)")), ("seq", .integer(Int64(line.dot.seq))),
      ("name", JSON(naming.rawDevice(line.dot.replica))),
      ("kind", .text(line.key.kind.text)), ("id", .text("\(line.key.id)")),
      ("headline", JSON(line.headline)), ("added", .bool(line.isFirst)),
      ("writes", .array(line.writes.map(ChangeText.json))),
    ])
  }
}
