internal import ArgumentParser
internal import Gloss

/// `gloss passphrase`
struct PassphraseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passphrase", abstract: "Put the library's key under a passphrase, or not.",
    discussion: """
      The key seals what goes to the hub, and opens what comes from there. Under a
      passphrase, who takes the file cannot use the key, and gloss sync and
      gloss pair ask. Reading and editing do not: the content of the file is not
      encrypted, which is for the disk's encryption to do. A passphrase is this
      machine's alone; other machines have their own or none.

      It is asked for on a terminal. Otherwise it is a line of standard input; for
      change, two lines: the former and the new one. Where GLOSS_PASSPHRASE_FILE
      names a file, the former is that file's first line; this is also how a
      service syncs. It is never an argument.

      EXAMPLE
        gloss passphrase set
      """, subcommands: [Set.self, Change.self, Remove.self])

  /// `gloss passphrase set`
  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Put the key under a passphrase.",
      discussion: """
        EXAMPLE
          gloss passphrase set
        """)

    @OptionGroup var options: LibraryOptions

    func run() throws {
      let library = try options.open()
      // Before somebody thinks of one.
      guard try !library.hasPassphrase() else { throw LibraryError.hasPassphrase }
      let isErased = try library.setPassphrase(try Passphrases.new())
      Output.note("set; gloss sync and gloss pair ask for it")
      guard isErased else { return PassphraseCommand.tellOfLog() }
      Output.note("hint: copies of the file that were made before still have the key as it was")
    }
  }

  /// `gloss passphrase change`
  struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "change", abstract: "Put the key under another passphrase.",
      discussion: """
        EXAMPLE
          gloss passphrase change
        """)

    @OptionGroup var options: LibraryOptions

    func run() throws {
      let library = try options.open()
      guard try library.hasPassphrase() else { throw LibraryError.noPassphrase }
      try library.unlock(try Passphrases.current())
      let isErased = try library.changePassphrase(to: try Passphrases.new())
      Output.note("changed")
      if !isErased { PassphraseCommand.tellOfLog() }
    }
  }

  /// `gloss passphrase remove`
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Keep the key in the file as it is.",
      discussion: """
        EXAMPLE
          gloss passphrase remove
        """)

    @OptionGroup var options: LibraryOptions

    func run() throws {
      let library = try options.open()
      guard try library.hasPassphrase() else { throw LibraryError.noPassphrase }
      try library.unlock(try Passphrases.current())
      try library.removePassphrase()
      Output.note("removed; whoever can read the file can use the library's key")
    }
  }

  private static func tellOfLog() {
    Output.note(
      "hint: another program is reading the library, so the key as it was may still be beside it; "
        + "when that has ended: gloss passphrase change")
  }
}
