internal import ArgumentParser
internal import Gloss

/// `gloss hub`
struct HubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub", abstract: "Connect the library with a hub.", subcommands: [Connect.self])

  /// `gloss hub connect`
  struct Connect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "connect", abstract: "Make the library known to a hub, once per library.",
      discussion: """
        A hub that lost all that it held is filled again by any one machine: connect it with --again,
        and sync. The other machines join again with a code of that one: gloss pair there, gloss join
        here, into the library that they have.

        EXAMPLE
          gloss hub connect https://hub.example
        """)

    @OptionGroup var options: LibraryOptions
    @Flag(help: "Connect although the library has a hub: with another one, or one that lost it.")
    var again = false
    @Argument(help: "The hub's address.") var url: String

    func run() async throws {
      let library = try options.open()
      if let address = try library.hubAddress(), !again {
        throw Failure(
          .cannotCreate, "the library has a hub already: \(Text.line(address))",
          hint:
            "gloss sync syncs with it; --again connects it with another one, or one that lost it")
      }
      let transport = try Surroundings.transport(to: url)
      try await transport.closing { try await library.connect(to: url, over: transport) }
      Output.note("connected with \(Text.line(url))")
      Output.note("hint: gloss sync sends what is here; gloss pair brings another machine in")
    }
  }
}
