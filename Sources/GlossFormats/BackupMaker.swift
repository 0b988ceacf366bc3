internal import Glibc
public import Gloss
internal import GlossCore
internal import GlossCrypto
internal import GlossSeal
public import GlossStore

// A backup is made in four steps, and each can stop it: a consistent copy beside the library, while others write (SQLite's
// VACUUM INTO); a reading of all of that copy (`verify`); the sealing of it into a file of another name; and a reading of that
// file, back to the copy's bytes. Only then does the file get its name. The copy beside the library is as little sealed as the
// library itself, and never leaves its folder.

/// Makes a backup of a library: its whole file, sealed or not.
public struct BackupMaker {
  /// Whether a backup is sealed.
  public enum Protection: Sendable {
    /// Under the library's root key.
    case sealed
    /// Not at all: who reads the file reads the library, and has its key where that is under no passphrase.
    case none
  }

  /// What was made.
  public struct Report: Hashable, Sendable {
    /// What was read and checked before it was written.
    public var verification: Verification
    /// The number of bytes of the file.
    public var byteCount: UInt64
  }

  private let library: Library
  private let protection: Protection

  public init(_ library: Library, _ protection: Protection = .sealed) {
    self.library = library
    self.protection = protection
  }

  /// Makes a backup in a file, which appears under its name once all of it is written, on the disk, and read back.
  ///
  /// - Parameter progress: Is told of bytes written.
  /// - Throws: `ExchangeError.isLibrary`, `.exists`, `.file`, `.damaged` or `.unreadable`, or `LibraryError`.
  public func write(
    to path: String, existing: AtomicFile.Existing, progress: (ExportProgress) -> Void = { _ in }
  ) throws -> Report {
    let file = try AtomicFile(path, existing: existing, from: library)
    let (report, digest, seal) = try write(to: { try file.write($0) }, progress: progress)
    try file.flush()
    var hash = RunningSHA256()
    let input = try InputFile(file.temporaryPath)
    do {
      var reader = BackupReader(source: input.next)
      if let (header, root) = seal {
        let read = try reader.header()
        guard read == header else { throw ExchangeError.unreadable(path: path) }
        try reader.open(root) { hash.update($0) }
      } else {
        try reader.copy { hash.update($0) }
      }
    } catch is BackupError {
      throw ExchangeError.unreadable(path: path)
    }
    guard hash.digest == digest else { throw ExchangeError.unreadable(path: path) }
    try file.finish()
    return report
  }

  /// Writes a backup to wherever `sink` puts it, without reading it back.
  public func write(
    to sink: ([UInt8]) throws -> Void, progress: (ExportProgress) -> Void = { _ in }
  ) throws -> Report {
    try write(to: sink, progress: progress).report
  }

  private func write(
    to sink: ([UInt8]) throws -> Void, progress: (ExportProgress) -> Void
  ) throws -> (report: Report, digest: [UInt8], seal: (header: BackupHeader, root: BackupSeal)?) {
    // Before the work begins: a locked key cannot seal.
    let seal = protection == .sealed ? try library.backupSeal() : nil
    let scratch = try ScratchFile(besideLibraryAt: library.replica.path)
    try library.copyFile(to: scratch.path)
    let verification = try scratch.verify()
    let input = try InputFile(scratch.path)
    let total = input.byteCount
    var byteCount: UInt64 = 0
    var hash = RunningSHA256()
    var writer = seal.map { ChunkWriter($0.seal) }
    if let seal {
      let head = seal.header.bytes + seal.seal.commitment
      try sink(head)
      byteCount += UInt64(head.count)
    }
    var doneCount: UInt64 = 0
    while true {
      let piece = try input.next()
      hash.update(piece)
      let bytes = writer?.add(piece) ?? piece
      if !bytes.isEmpty { try sink(bytes) }
      byteCount += UInt64(bytes.count)
      doneCount += UInt64(piece.count)
      progress(ExportProgress(doneCount: doneCount, totalCount: total))
      if piece.isEmpty { break }
    }
    return (
      Report(verification: verification, byteCount: byteCount), hash.digest,
      seal.map { ($0.header, $0.seal) }
    )
  }
}

/// Cuts bytes into chunks and seals these.
private struct ChunkWriter {
  private var seal: BackupSeal
  private var rest: [UInt8] = []

  init(_ seal: BackupSeal) {
    self.seal = seal
  }

  /// Takes in bytes, none at the end, and returns what can be sealed of them.
  mutating func add(_ bytes: [UInt8]) -> [UInt8] {
    rest += bytes
    guard !bytes.isEmpty else { return seal.seal(rest, .last) }
    var sealed: [UInt8] = []
    var start = 0
    // What may be the last chunk waits.
    while rest.count - start > BackupSeal.chunkByteCount {
      sealed += seal.seal(Array(rest[start..<start + BackupSeal.chunkByteCount]), .within)
      start += BackupSeal.chunkByteCount
    }
    rest.removeFirst(start)
    return sealed
  }
}
