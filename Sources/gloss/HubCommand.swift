internal import ArgumentParser
internal import Gloss
internal import GlossStore
internal import GlossSync

/// `gloss hub`
struct HubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub", abstract: "Connect the library with a hub.",
    discussion: """
      EXAMPLE
        gloss hub connect https://hub.example
      """,
    subcommands: [Connect.self, History.self])

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
        valueName: "file"), completion: .file())
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

  /// `gloss hub history`
  struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "history",
      abstract: "Say what a machine that joins later gets of the library's past.",
      discussion: """
        Once a hub holds many changes it asks one of the machines for a snapshot, and a
        machine that joins begins with that. With "whole", the default, it has every
        value that was ever written. With "current" it knows of every change, and of
        texts that were replaced only that there was one. Machines that have a value
        keep it.

        EXAMPLE
          gloss hub history current
        """)

    @OptionGroup var options: LibraryOptions
    @Argument(help: "whole or current; without it, what is set.", transform: Self.history)
    var history: SnapshotHistory?

    func run() throws {
      guard let history else {
        return Output.line(try options.open(.readOnly).snapshotHistory().rawValue)
      }
      try options.open().setSnapshotHistory(history)
      Output.note("set; gloss sync tells the other machines")
    }

    private static func history(_ text: String) throws -> SnapshotHistory {
      guard let history = SnapshotHistory(rawValue: text) else {
        throw ValidationError("write whole or current")
      }
      return history
    }
  }
}
