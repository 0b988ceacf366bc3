internal import ArgumentParser
internal import GlossCore

/// What a person wants of the terminal: taken by every command, before or after its name.
struct TerminalOptions: ParsableArguments {
  @Option(
    name: .customLong("color"),
    help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var colour = ColourChoice.auto

  @Flag(name: .customLong("no-pager"), help: "Print at once what would go through a pager.")
  var isPagerUnwanted = false

  @Flag(name: [.customShort("q"), .customLong("quiet")], help: "Say nothing but data and errors.")
  var isQuiet = false

  /// Makes the choices those of the program; parsing calls this.
  func validate() {
    let isPagerUnwanted = isPagerUnwanted
    let isQuiet = isQuiet
    let colour = colour
    Wishes.current.withLock {
      $0 = Wishes(colour: colour, isPagerUnwanted: isPagerUnwanted, isQuiet: isQuiet)
    }
  }
}

/// When to print in colour.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}

/// What the command line says about how to print.
struct Wishes {
  var colour = ColourChoice.auto
  var isPagerUnwanted = false
  var isQuiet = false

  /// Those of this run.
  static let current = Locked(Wishes())
}
