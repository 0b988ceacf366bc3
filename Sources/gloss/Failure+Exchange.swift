internal import Glibc
internal import GlossCore
internal import GlossFormats
internal import GlossSeal
internal import GlossStore

// The words for what goes wrong with files that are written out and read back.

extension Failure {
  init(_ error: ExchangeError) {
    switch error {
    case .cursorOfOtherLibrary:
      self.init(
        .badInput, "the cursor is of another library",
        hint: "check --library, or export everything once, without --since")
    case .notAnExport:
      self.init(
        .badInput, "this is not what gloss export writes",
        hint: "gloss add FILE adds an article; gloss restore FILE reads a backup")
    case .newerVersion(let version):
      self.init(
        .tooOld, "the file is of version \(version), which this gloss does not know",
        hint: "update gloss on this machine; nothing was changed")
    case .otherLibrary(let library):
      self.init(
        .needsDecision, "the file is of another library, \(library)",
        hint:
          "gloss import --library PATH makes a library of its own of it; --other-library merges it into this one for good"
      )
    case .badLine(let line, let reason):
      self.init(
        .badInput, "line \(line) of the file is damaged: \(Text.line(reason, width: 160))",
        hint: Self.mergeHint)
    case .altered(let lines):
      self.init(
        .badInput,
        "something in lines \(lines.lowerBound) to \(lines.upperBound) is not as it was written",
        hint: Self.mergeHint)
    case .cutShort(let line):
      self.init(
        .badInput, "the file ends at line \(line), before its end", hint: Self.mergeHint)
    case .gap(let line, let replica, let held, let first):
      self.init(
        .badInput,
        "from line \(line) on the file continues what is not here: it begins with change \(first) of device \(replica.shortText), and \(held == 0 ? "none is" : "\(held) is the last one") here",
        hint: "import what was exported before it first; the cursor of --since says where it begins"
      )
    case .contradicts(let line, let dot):
      self.init(
        .fault,
        "from line \(line) on the file has another change \(dot.seq) of device \(dot.replica.shortText) than the library",
        hint:
          "two copies of the library were used as that device; gloss sync on both keeps all of it")
    case .isLibrary(let path):
      self.init(
        .cannotCreate, "\(Text.path(path)) is the library itself", hint: "choose another name")
    case .exists(let path):
      self.init(
        .cannotCreate, "\(Text.path(path)) exists already",
        hint: "choose another name, or replace it with --force")
    case .file(let path, let code):
      let status: Status =
        switch code {
        case ENOENT, ENOTDIR, EISDIR: .noInput
        case EACCES, EPERM, EROFS: .refused
        default: .inputOutput
        }
      let name = path == "-" ? "standard input" : Text.path(path)
      self.init(status, "\(name): \(String(cString: strerror(code)))")
    case .damaged(let found):
      self.init(
        .fault, "what is in it is damaged, so this is no backup",
        details: found.damages.prefix(20).map(VerifyCommand.words),
        hint: "gloss verify and gloss repair look after a library; older backups may be whole")
    case .unreadable(let path):
      self.init(
        .inputOutput, "what was written to \(Text.path(path)) is not what is read back",
        hint: "the disk is failing, or the memory: try another one; no file was left")
    case .otherState(let expected, let found):
      self.init(
        .fault,
        "all was taken in, and the state is \(found.prefix(16)) instead of \(expected.prefix(16))",
        hint: "gloss verify checks the library; keep the file, and report this")
    }
  }

  init(_ error: BackupError) {
    switch error {
    case .notABackup:
      self.init(
        .badInput, "this is not a backup",
        hint: "gloss backup FILE makes one; gloss import reads what gloss export writes")
    case .newerVersion(let version):
      self.init(
        .tooOld, "the backup is of version \(version), which this gloss does not know",
        hint: "update gloss on this machine; nothing was changed")
    case .truncated:
      self.init(
        .badInput, "the end of the backup is missing",
        hint: "copy the file again, or take another backup; nothing was changed")
    case .wrongKey:
      self.init(
        .refused, "the key does not open this backup",
        hint:
          "it takes the library's recovery code (gloss backup --recovery-code on a machine that has the library), with --key-file FILE, or its passphrase if it had one"
      )
    case .altered(let chunk):
      self.init(
        .badInput, "the backup is damaged in its chunk \(chunk) of 64 KiB",
        hint: "take another backup, or another copy of this one; nothing was changed")
    }
  }

  /// What helps with a damaged file of which a part may have been taken in.
  static let mergeHint =
    "what was before it was taken in, which does no harm: read a whole file again, and the rest is added"
}
