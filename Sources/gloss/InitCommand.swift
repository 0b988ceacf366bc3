internal import ArgumentParser
internal import Gloss

/// `gloss init`
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a new, empty library.",
    discussion: """
      EXAMPLE
        gloss init --name desk
      """)

  @OptionGroup var library: LibraryOptions
  @Option(help: "What histories call this machine; its host name where not given.")
  var name: String?

  func run() throws {
    let path = try library.pathForNew()
    _ = try Library.create(
      at: path, deviceName: name ?? Surroundings.hostName, clock: Surroundings.clock,
      randomness: Surroundings.randomness)
    Output.note("made \(Text.line(path))")
    Output.note("hint: gloss add FILE puts an article into it")
  }
}
