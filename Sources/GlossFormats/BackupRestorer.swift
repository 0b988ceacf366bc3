internal import Glibc
public import Gloss
public import GlossSeal
public import GlossStore

/// Makes a library of a backup.
///
/// The file that comes of it is a new replica: it goes on under an identifier of its own, with all that is in it, so that
/// nothing that the machine it was made on did later is at odds with it. A sync brings what came after it.
public struct BackupRestorer {
  private var reader: BackupReader
  private let byteCount: UInt64?

  /// What the backup begins with, `nil` where it is not sealed.
  public let header: BackupHeader?

  /// What was made.
  public struct Report: Sendable {
    public let library: Library
    public let verification: Verification
    /// Where the library is that was there before, `nil` where there was none.
    public let asidePath: String?
  }

  /// What is done where there is a library at the path.
  public enum Existing: Sendable {
    case refuse
    /// It is kept under another name.
    case setAside
  }

  /// Reads the beginning of a backup.
  ///
  /// - Throws: `BackupError`, or `ExchangeError.file`.
  public init(_ input: InputFile) throws {
    byteCount = input.byteCount
    reader = BackupReader(source: input.next)
    header = try reader.header()
  }

  /// Whether this key opens the backup; `false` where it is not sealed.
  public mutating func opens(with root: RootKey) throws -> Bool {
    guard let header else { return false }
    return try reader.isSealed(with: BackupSeal(header, root: root))
  }

  /// Restores the backup.
  ///
  /// - Parameters:
  ///   - path: Where the library goes; its folder exists.
  ///   - root: What it was sealed with; not needed where it was not.
  ///   - progress: Is told of bytes read.
  /// - Throws: `ExchangeError.exists`, `.file`, `.damaged`, `BackupError`, or `StoreError`, `.busy` where the library that is
  ///   there syncs. Then everything is as it was.
  public mutating func restore(
    to path: String, root: RootKey?, existing: Existing,
    clock: @escaping @Sendable () -> UInt64, randomness: @escaping Library.Randomness,
    progress: (ExportProgress) -> Void = { _ in }
  ) throws -> Report {
    guard existing == .setAside || access(path, F_OK) != 0 else {
      throw ExchangeError.exists(path: path)
    }
    let scratch = try ScratchFile(besideLibraryAt: path)
    var doneCount: UInt64 = 0
    let sink: ([UInt8]) throws -> Void = { [byteCount] bytes in
      try scratch.write(bytes)
      doneCount += UInt64(bytes.count)
      progress(ExportProgress(doneCount: doneCount, totalCount: byteCount))
    }
    if let header {
      guard let root else { throw BackupError.wrongKey }
      try reader.open(BackupSeal(header, root: root), sink)
    } else {
      try reader.copy(sink)
    }
    try scratch.flush()
    // Opening it makes it a replica of its own, and one of this program's version.
    let library = try Library.open(
      at: scratch.path, clock: clock, randomness: randomness)
    let verification = try library.verify()
    try library.close()
    guard verification.damages.isEmpty else { throw ExchangeError.damaged(verification) }
    let asidePath = Self.asidePath(for: path)
    // One that came meanwhile is no less somebody's.
    guard existing == .setAside || access(path, F_OK) != 0 else {
      throw ExchangeError.exists(path: path)
    }
    let isAside = try Replica.install(scratch.path, at: path, asidePath: asidePath)
    return Report(
      library: try Library.open(at: path, clock: clock, randomness: randomness),
      verification: verification, asidePath: isAside ? asidePath : nil)
  }

  /// A path at which there is nothing.
  private static func asidePath(for path: String) -> String {
    let numbered = (1...).lazy.map { "\(path).before-restore" + ($0 == 1 ? "" : "-\($0)") }
    return numbered.first { access($0, F_OK) != 0 && access($0 + "-lock", F_OK) != 0 } ?? path
  }
}
