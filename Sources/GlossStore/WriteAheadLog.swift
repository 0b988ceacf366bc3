internal import Glibc

// The log that is not in the file yet
// ===================================
//
// SQLite keeps what was committed last in a file beside its own (`-wal`), as frames: a page each, with a checksum that goes on
// from frame to frame. When it opens the file it reads frames up to the first whose checksum is wrong, and takes everything
// behind that for the remains of a crash. Where a disk altered a frame it so loses all later commits without a word.
//
// What tells the two apart: each commit is on the disk before the next one begins (`synchronous = FULL`), so a crash leaves at
// most one commit that is not whole, and behind it nothing. A frame that ends a commit, behind a frame that is wrong, was
// durable together with all in front of it, unless it ends the very commit that the wrong frame is part of. That one case
// cannot be decided: it may be the remains of a crash, whose commit nobody was told of, or a loss.
//
// The format: https://www.sqlite.org/fileformat2.html#walformat

/// What stands in a write-ahead log behind what SQLite reads of it.
struct WriteAheadLog: Equatable {
  /// The number of commits behind a frame that is not as it was written.
  var lostCommitCount = 0
  /// Whether something stands behind the last commit, or the remains of one.
  var hasRemains = false

  private static let headerByteCount = 32
  private static let frameHeaderByteCount = 24

  /// Reads the log of the library at `path`, twice where there is anything to tell: somebody may be writing.
  static func read(besideLibraryAt path: String) -> WriteAheadLog {
    func once() -> WriteAheadLog {
      guard let bytes = FileContent.read(path + "-wal") else { return WriteAheadLog() }
      return bytes.withUnsafeBytes { WriteAheadLog($0) }
    }
    let first = once()
    return first == WriteAheadLog() ? first : once()
  }

  private init() {}

  init(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > Self.headerByteCount else { return }
    func word(_ offset: Int) -> UInt32 {
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    let pageByteCount = Int(word(8))
    var sum = Checksum(isBigEndian: word(0) & 1 == 1)
    sum.add(bytes[0..<24])
    guard word(0) & ~1 == 0x377F_0682, sum.first == word(24), sum.second == word(28),
      (512...65_536).contains(pageByteCount)
    else {
      // The header is on the disk before the first frame is.
      if bytes.contains(where: { $0 != 0 }) { lostCommitCount = 1 }
      return
    }
    let frameByteCount = Self.frameHeaderByteCount + pageByteCount
    var isWhole = true
    var commitCount = 0
    var end = Self.headerByteCount
    for start in stride(
      from: Self.headerByteCount, through: bytes.count - frameByteCount, by: frameByteCount)
    {
      let isOfThisLog = word(start + 8) == word(16) && word(start + 12) == word(20)
      let endsCommit = word(start + 4) != 0
      if isWhole {
        sum.add(bytes[start..<start + 8])
        sum.add(bytes[start + Self.frameHeaderByteCount..<start + frameByteCount])
        isWhole = isOfThisLog && sum.first == word(start + 16) && sum.second == word(start + 20)
        if isWhole, endsCommit { end = start + frameByteCount }
      }
      if !isWhole, isOfThisLog, endsCommit { commitCount += 1 }
    }
    hasRemains = bytes[end...].contains { $0 != 0 }
    if commitCount > 1 { lostCommitCount = commitCount - 1 }
  }

  /// The checksum of SQLite's log: two sums over words.
  private struct Checksum {
    let isBigEndian: Bool
    var first: UInt32 = 0
    var second: UInt32 = 0

    mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
      let bytes = UnsafeRawBufferPointer(rebasing: bytes)
      var (one, two) = (first, second)
      for offset in stride(from: 0, to: bytes.count - 7, by: 8) {
        let left = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        let right = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
        one = one &+ (isBigEndian ? left.bigEndian : left.littleEndian) &+ two
        two = two &+ (isBigEndian ? right.bigEndian : right.littleEndian) &+ one
      }
      (first, second) = (one, two)
    }
  }
}
