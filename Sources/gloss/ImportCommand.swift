internal import ArgumentParser
internal import Glibc
internal import Gloss
internal import GlossCore
internal import GlossFormats
internal import GlossStore

/// `gloss import`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in what gloss export wrote.",
    discussion: """
      Where there is no library yet, it makes one that holds the same, to the hash of
      its state. Into a library with records it merges, by the rules of a sync: what
      is here already is passed over, so reading a file twice changes nothing.

      Every part of the file is checked before it is taken in. Where one is damaged
      or missing, what was before it stays, which is no harm, and the whole file can
      be read again.

      EXAMPLE
        gloss import library.jsonl
        cat first.jsonl since.jsonl | gloss import -
      """)

  @OptionGroup var options: LibraryOptions
  @Flag(
    name: .customLong("other-library"), help: "Merge a file of another library into this one.")
  var acceptsOthers = false
  @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file"))
  var file: String

  func run() throws {
    let input = try InputFile(file)
    var importer = ChangeImporter(source: { try input.next() })
    let path = try options.pathForNew()
    let isNew = access(path, F_OK) != 0
    do {
      let report = try ProgressBar.during("importing", unit: "changes") { bar in
        try importer.run(
          others: acceptsOthers ? .accept : .refuse,
          open: { library in
            guard isNew else { return try options.open() }
            return try Library.createCopy(
              of: library, at: path, clock: Surroundings.clock, randomness: Surroundings.randomness)
          }, progress: { bar?.advance($0) })
      }
      tell(report, isNew ? path : nil)
    } catch let error as ExchangeError where access(path, F_OK) != 0 {
      let failure = Failure(error)
      throw failure.hint == Failure.mergeHint
        ? failure.hinting("nothing was made of it; copy or export it again") : failure
    }
  }

  private func tell(_ report: ChangeImporter.Report, _ newPath: String?) {
    if let newPath { Output.note("made \(Text.line(newPath))") }
    var words = "took in \(Shown.count(report.newChangeCount, "change"))"
    if report.newTextCount > 0 { words += ", \(Shown.count(report.newTextCount, "text"))" }
    if report.knownChangeCount > 0 {
      words += "; \(report.knownChangeCount) were here already"
    }
    Output.note(words)
    if let state = report.state {
      Output.note("the state is the one of the file: \(state.prefix(16))")
    }
    if newPath != nil {
      Output.note(
        "hint: gloss join enters the library's hub with a code; gloss hub connect begins on a new one"
      )
    }
  }
}
