internal import Glibc
internal import Gloss
internal import GlossStore

/// A file that holds a copy of a library for a short time, in a hidden folder of its own beside that library.
///
/// The folder is new and only its owner's, so nothing that a person put there is ever written over or removed. Who makes one removes
/// those that a process left which was killed: nobody holds the lock on their folder any more.
final class ScratchFile {
  let path: String
  private let folder: String
  /// Held on the folder for as long as it is used.
  private let descriptor: Int32
  private let file: Int32

  /// The names in a folder of this kind.
  private static let name = "library"
  private static let names = ["", "-wal", "-shm", "-lock", "-sync-lock"].map { name + $0 }

  /// - Throws: `ExchangeError.file`.
  init(besideLibraryAt libraryPath: String) throws {
    let (parent, base) = Self.split(libraryPath)
    let prefix = ".\(base).gloss-scratch-"
    Self.removeLeftovers(in: parent, prefix: prefix)
    var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ExchangeError.file(path: parent, code: errno) }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    path = folder + "/" + Self.name
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    // Whoever holds it took the folder, which was empty still, for a leftover.
    let isLocked = descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0
    file = isLocked ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) : -1
    guard file >= 0 else { throw ExchangeError.file(path: folder, code: errno) }
  }

  deinit {
    if file >= 0 { close(file) }
    if descriptor >= 0 {
      Self.remove(folder)
      close(descriptor)
    }
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
    guard writeAll(bytes, to: file) else { throw ExchangeError.file(path: path, code: errno) }
  }

  /// Sees to it that the content is on the disk.
  func flush() throws {
    guard fsync(file) == 0 else { throw ExchangeError.file(path: path, code: errno) }
  }

  private static func split(_ path: String) -> (parent: String, base: Substring) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
    return (
      slash == path.startIndex ? "/" : String(path[..<slash]), path[path.index(after: slash)...]
    )
  }

  private static func remove(_ folder: String) {
    for name in names { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  private static func removeLeftovers(in parent: String, prefix: String) {
    guard let list = opendir(parent) else { return }
    defer { closedir(list) }
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(prefix) else { continue }
      let folder = parent + "/" + name
      let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { remove(folder) }
      close(descriptor)
    }
  }
}
