internal import Glibc
internal import Gloss
internal import GlossStore

/// A file beside a library that holds a copy of one for a short time. Who finds one that somebody left uses it again.
final class ScratchFile {
  let path: String
  private let descriptor: Int32
  private var isKept = false

  /// - Throws: `StoreError.busy` where another process has one of this name; `ExchangeError.file`.
  init(besideLibraryAt libraryPath: String, suffix: String) throws {
    path = libraryPath + suffix
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ExchangeError.file(path: path, code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      isKept = true
      throw StoreError.busy(path: path)
    }
    guard ftruncate(descriptor, 0) == 0 else { throw ExchangeError.file(path: path, code: errno) }
    for suffix in ["-wal", "-shm", "-lock"] { unlink(path + suffix) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if isKept { return }
    for suffix in ["", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
  }

  /// Reads all of the library in it.
  ///
  /// - Throws: `ExchangeError.damaged` where something is not as it was written.
  func verify() throws -> Verification {
    let copy = try Library.open(
      at: path, access: .readOnly, clock: { 0 }, randomness: { SystemRandomNumberGenerator() })
    let found = try copy.verify()
    try copy.close()
    guard found.damages.isEmpty else { throw ExchangeError.damaged(found) }
    return found
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
      }
      guard count > 0 || errno == EINTR else { throw ExchangeError.file(path: path, code: errno) }
      written += max(0, count)
    }
  }

  /// Sees to it that the content is on the disk.
  func flush() throws {
    guard fsync(descriptor) == 0 else { throw ExchangeError.file(path: path, code: errno) }
  }

  /// Leaves the file to whoever gave it another name.
  func keep() { isKept = true }
}
