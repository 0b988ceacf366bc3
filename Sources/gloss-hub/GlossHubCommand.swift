internal import ArgumentParser
internal import GlossCore

/// The command `gloss-hub`.
@main
struct GlossHubCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gloss-hub",
    abstract: "Store and forward the sealed bundles of Gloss libraries.",
    discussion: """
      The hub cannot read what it stores.

      In the data directory: hub.sqlite with hub.sqlite-wal and hub.sqlite-shm, the database; \
      hub.lock, which keeps a second hub out; invitation.key, which makes invitations good. \
      Copy the database with `gloss-hub backup` only.

      Exit codes: 0 done, or stopped as asked; 64 the command line is wrong; 65 the data are \
      damaged; 66 there is no hub's database; 69 the address cannot be listened on; 70 the hub \
      failed; 73 the data directory or a file cannot be used; 78 the certificate or the key \
      cannot be used.

      EXAMPLE
        gloss-hub serve --data hub --listen 127.0.0.1:8080
      """,
    version: software,
    subcommands: [Serve.self, Invite.self, Backup.self, Verify.self])

  /// What the hub calls itself, to its clients too.
  static let software = "gloss-hub \(Software.version)"
}
