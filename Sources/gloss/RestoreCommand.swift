internal import ArgumentParser
internal import Glibc
internal import Gloss
internal import GlossFormats
internal import GlossSeal
internal import GlossStore

/// `gloss restore`
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Make a library of a backup.",
    discussion: """
      The library is the one of --library, GLOSS_LIBRARY or the usual place. Where
      there is one it stays, unless --replace is given, and then it is kept beside
      the new one. Stop gloss sync --watch before.

      The library that comes of a backup is a machine of its own, under a new name:
      the one that made it may go on. gloss sync brings what came after.

      What opens a sealed backup: the same library, where it is in its usual place
      or in the one to restore to; a file that --key-file names, with what gloss
      backup --recovery-code printed (- for standard input); the passphrase that the
      library had, from a terminal or the file that GLOSS_PASSPHRASE_FILE names; or
      the recovery code, which is asked for on a terminal. Neither is ever an
      argument.

      EXAMPLE
        gloss restore /mnt/disk/library.backup
        gloss restore --library copy.gloss --key-file code library.backup
      """)

  @OptionGroup var options: LibraryOptions
  @Flag(help: "Take the place of the library that is there, which is kept beside it.")
  var replace = false
  @Option(
    name: .customLong("key-file"),
    help: ArgumentHelp("A file with the recovery code; - for standard input.", valueName: "file"))
  var keyFile: String?
  @Argument(help: ArgumentHelp("The backup; - for standard input.", valueName: "file"))
  var file: String

  func validate() throws {
    guard file != "-" || keyFile != "-" else {
      throw ValidationError("standard input cannot be both the backup and the code")
    }
  }

  func run() throws {
    let path = try options.pathForNew()
    let isThere = access(path, F_OK) == 0
    guard !isThere || replace else {
      throw Failure(
        .cannotCreate, "there is a library at \(Text.line(path)) already",
        hint:
          "--library PATH restores to another place; --replace keeps the one that is there beside it"
      )
    }
    var restorer = try BackupRestorer(try InputFile(file))
    let root = try restorer.header.map { header in
      try keyFile == nil
        ? keyOfLibrary(at: path, opening: &restorer) ?? key(for: header) : key(for: header)
    }
    let report = try ProgressBar.during("restoring", unit: "bytes") { bar in
      try restorer.restore(
        to: path, root: root, existing: replace ? .setAside : .refuse, clock: Surroundings.clock,
        randomness: Surroundings.randomness, progress: { bar?.advance($0) })
    }
    tell(report, restorer.header)
  }

  private func tell(_ report: BackupRestorer.Report, _ header: BackupHeader?) {
    let made = header.map { " of \(CivilTime.minute($0.milliseconds))" } ?? ""
    Output.note(
      "restored the backup\(made): \(VerifyCommand.counts(report.verification)), all in order")
    Output.note("the library is \(Text.line(report.library.replica.path))")
    if let name = try? Naming([], in: report.library).device(report.library.replica.id) {
      Output.note("this machine is \(name) now")
    }
    if let aside = report.asidePath { Output.note("what was there is \(Text.line(aside))") }
    let hasHub = (try? report.library.hubAddress()) != nil
    Output.note(
      hasHub
        ? "hint: gloss sync brings what came after it"
        : "hint: gloss hub connect makes it known to a hub")
  }

  /// Has a person or a file say what opens a backup.
  private func key(for header: BackupHeader) throws -> RootKey {
    if let keyFile { return try code(in: keyFile, for: header) }
    if let bytes = header.wrappedKey {
      let wrapped = try wrappedKey(bytes)
      let passphrase =
        file == "-" || !Prompt.isPossible ? try Passphrases.inFile() : try Passphrases.current()
      guard let passphrase else { throw LibraryError.locked }
      do {
        return try wrapped.unwrap(library: header.library, passphrase: passphrase)
      } catch .wrongPassphrase {
        throw LibraryError.wrongPassphrase
      } catch {
        throw LibraryError.wrappedKey(error)
      }
    }
    guard file != "-", Prompt.isPossible else {
      throw Failure(
        .refused, "the backup is sealed, and nothing here opens it",
        hint: "--key-file FILE names a file with what gloss backup --recovery-code printed")
    }
    return try code(try Prompt.secret("recovery code"), from: nil, for: header)
  }

  private func wrappedKey(_ bytes: [UInt8]) throws -> WrappedRootKey {
    do {
      return try WrappedRootKey(bytes: bytes)
    } catch {
      throw LibraryError.wrappedKey(error)
    }
  }

  private func code(in path: String, for header: BackupHeader) throws -> RootKey {
    let source = path == "-" ? "standard input" : Text.line(path)
    return try code(
      String(decoding: try File.read(path), as: UTF8.self), from: source, for: header)
  }

  private func code(
    _ text: String, from source: String?, for header: BackupHeader
  ) throws -> RootKey {
    let hint = "gloss backup --recovery-code prints it on a machine that has the library"
    let code: RecoveryCode
    do {
      code = try RecoveryCode(parsing: text)
    } catch PairingCodeError.notACode {
      throw Failure(
        .badInput,
        source.map { "there is no recovery code in \($0)" } ?? "this is not a recovery code",
        hint: hint + "; it begins with glosskey")
    } catch {
      throw Failure(error)?.hinting(hint) ?? error
    }
    guard code.library == header.library else {
      throw Failure(
        .refused, "the code is of another library than the backup",
        hint: "the backup is of library \(header.library)")
    }
    return code.root
  }

  /// The key of a library that is here, where it opens the backup.
  private func keyOfLibrary(
    at path: String, opening restorer: inout BackupRestorer
  ) throws -> RootKey? {
    for path in [path, LibraryOptions.usual.path] {
      guard
        let library = try? Library.open(
          at: path, access: .readOnly, clock: Surroundings.clock,
          randomness: Surroundings.randomness)
      else { continue }
      if try library.isLocked() {
        guard let passphrase = try Passphrases.inFile(),
          (try? library.unlock(passphrase)) != nil
        else { continue }
      }
      let root = try library.recoveryCode().root
      if try restorer.opens(with: root) { return root }
    }
    return nil
  }
}
