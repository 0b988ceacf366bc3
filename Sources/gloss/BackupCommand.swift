internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossFormats
internal import GlossSeal
internal import GlossStore

/// `gloss backup`
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the whole library to one file, checked and sealed.",
    discussion: """
      Everything is in it: what export has, and the key, the hub's token, what is
      unsent. Other programs may write meanwhile. The copy is read and checked as
      gloss verify does, written, and read back before it gets its name.

      It is sealed with the library's key. A machine that has the library opens it
      without a question. For when every machine is lost: if the library has a
      passphrase (gloss passphrase set), that opens the backups that were made since.
      Otherwise write down what gloss backup --recovery-code prints, once. It opens
      all backups of the library, whenever they are made: keep it as you keep keys.

      With --plain the file is not sealed: who has it can read the library.

      EXAMPLE
        gloss backup /mnt/disk/library.backup
        gloss backup - | ssh nas 'cat >library.backup'
        gloss backup --recovery-code
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Flag(help: "Do not seal it.")
  var plain = false
  @Flag(help: "Replace the file where it exists.")
  var force = false
  @Flag(name: .customLong("recovery-code"), help: "Print the code that opens all backups.")
  var printsCode = false
  @Argument(help: ArgumentHelp("The file; - for standard output.", valueName: "file"))
  var file: String?

  func validate() throws {
    guard printsCode != (file != nil) else {
      throw ValidationError(
        printsCode ? "a file and --recovery-code do not go together" : "name the file to write")
    }
  }

  func run() throws {
    let library = try options.open(.readOnly)
    if printsCode { return try printCode(of: library) }
    guard let file else { return }
    if !plain { try library.unlockIfLocked() }
    let maker = BackupMaker(library, plain ? .none : .sealed)
    let report: BackupMaker.Report
    if file == "-" {
      guard !Terminal.output.isTerminal else {
        throw Failure(
          .usage, "a backup is nothing for a terminal", hint: "name a file, or pipe it somewhere")
      }
      report = try maker.write(to: { Output.write(bytes: $0) })
    } else {
      report = try ProgressBar.during("backing up", unit: "bytes") { bar in
        try maker.write(
          to: file, existing: force ? .replace : .refuse, progress: { bar?.advance($0) })
      }
    }
    if output.isJSON, file != "-" {
      return JSON.print([
        ("path", .text(file)), ("bytes", .integer(Int64(clamping: report.byteCount))),
        ("sealed", .bool(!plain)), ("changes", JSON(report.verification.changeCount)),
        ("records", JSON(report.verification.recordCount)),
        ("texts", JSON(report.verification.blobCount)),
      ])
    }
    Output.note(
      "backed up \(VerifyCommand.counts(report.verification)), all in order; "
        + "\(Self.size(report.byteCount))\(plain ? ", not sealed" : "")")
    try tellOfKey(of: library)
  }

  private static func size(_ byteCount: UInt64) -> String {
    byteCount < 10_485_760 ? "\(byteCount / 1_024) KiB" : "\(byteCount / 1_048_576) MiB"
  }

  private func tellOfKey(of library: Library) throws {
    if plain {
      guard try !library.hasPassphrase() else { return }
      return Output.note("hint: it has the library's key, too: keep it where nobody else reads it")
    }
    guard try !library.hasPassphrase() else {
      return Output.note(
        "hint: it opens with the library's passphrase, and on machines that have the library")
    }
    Output.note(
      "hint: it opens on machines that have the library, and with gloss backup --recovery-code: keep that code elsewhere"
    )
  }

  private func printCode(of library: Library) throws {
    try library.unlockIfLocked()
    Output.line(try library.recoveryCode().text)
    Output.note(
      "hint: it opens every backup of this library: write it down, and keep it where you keep keys")
  }
}
