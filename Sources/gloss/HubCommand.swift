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
        A hub that lost all that it held is filled again by any one machine: connect
        it with --again, and sync. The other machines join again with a code of that
        one: gloss pair there, gloss join here, into the library that they have.

        EXAMPLE
          gloss hub connect https://hub.example
        """)

    @OptionGroup var options: LibraryOptions
    @Flag(help: "Connect although the library has a hub: with another one, or one that lost it.")
    var again = false
    @Option(
      help: ArgumentHelp(
        "A file with the invitation of the hub's operator, where the hub wants one; - reads it.",
        valueName: "file"))
    var invitation: String?
    @Argument(help: "The hub's address.") var url: String

    func run() async throws {
      let library = try options.open()
      if let address = try library.hubAddress(), !again {
        throw Failure(
          .cannotCreate, "the library has a hub already: \(Text.line(address))",
          hint:
            "gloss sync syncs with it; --again connects it with another one, or one that lost it")
      }
      let invitation = try invitation.map { path in
        try ImportedText.decode(try File.read(path, limit: 16_384)[...])
          .trimmingPrefix { $0.isWhitespace }.prefix { !$0.isWhitespace }
      }
      let transport = try Surroundings.transport(to: url)
      try await transport.closing {
        try await library.connect(
          to: url, invitation: invitation.map { String($0) }, over: transport)
      }
      Output.note("connected with \(Text.line(url))")
      Output.note("hint: gloss sync sends what is here; gloss pair brings another machine in")
    }
  }
}
