internal import ArgumentParser

/// The command `gloss-hub`.
@main
struct GlossHubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gloss-hub",
    abstract: "Store and forward the sealed bundles of Gloss libraries.",
    discussion: """
      The hub cannot read what it stores.

      Exit codes: 0 stopped as asked; 64 the command line is wrong; 69 the address cannot be \
      listened on; 70 the hub failed; 73 the data directory cannot be used.
      """,
    version: "gloss-hub \(softwareVersion)",
    subcommands: [Serve.self, Invite.self, Backup.self, Verify.self])

  /// The version that the hub tells its clients.
  static let softwareVersion = "0.1.0"
}
