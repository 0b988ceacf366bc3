internal import Glibc
public import Gloss
internal import GlossStore

/// A file that appears under its name once it is whole and on the disk, and not at all where it never was.
public final class AtomicFile {
  public let path: String
  /// Where it is until it is finished.
  let temporaryPath: String
  private let existing: Existing
  private let descriptor: Int32
  private var isFinished = false

  /// What is done where there is a file of the name.
  public enum Existing: Sendable {
    case refuse
    case replace
  }

  /// Begins a file that only its owner can read.
  ///
  /// - Parameter library: The one that is read for it, whose own files are replaced in no case.
  /// - Throws: `ExchangeError.isLibrary`, `.exists` or `.file`.
  public convenience init(
    _ path: String, existing: Existing, from library: Library
  ) throws(ExchangeError) {
    for suffix in ["", "-wal", "-shm", "-lock", "-sync-lock"]
    where Self.isSameFile(path, library.replica.path + suffix) {
      throw .isLibrary(path: path)
    }
    try self.init(path, existing: existing)
  }

  /// Begins a file that only its owner can read.
  ///
  /// - Throws: `ExchangeError.exists` or `.file`.
  init(_ path: String, existing: Existing) throws(ExchangeError) {
    self.path = path
    self.existing = existing
    if existing == .refuse, access(path, F_OK) == 0 { throw .exists(path: path) }
    var template = Array((path + ".part-XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    temporaryPath = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard descriptor >= 0 else { throw .file(path: path, code: errno) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit {
    if isFinished { return }
    close(descriptor)
    unlink(temporaryPath)
  }

  /// Gives the file other permissions.
  func setMode(_ mode: mode_t) throws(ExchangeError) {
    guard fchmod(descriptor, mode) == 0 else { throw .file(path: path, code: errno) }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(ExchangeError) {
    guard writeAll(bytes, to: descriptor) else { throw .file(path: path, code: errno) }
  }

  /// Sees to it that what was written is on the disk, and is read from there next, as far as the system lets go of its own copy.
  func flush() throws(ExchangeError) {
    guard fsync(descriptor) == 0 else { throw .file(path: path, code: errno) }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }

  /// Gives the file its name.
  ///
  /// - Throws: `ExchangeError.exists` where one of the name came meanwhile and is not to be replaced; `.file`.
  public func finish() throws(ExchangeError) {
    try flush()
    try takeName()
    isFinished = true
    close(descriptor)
    // The name is on the disk once its folder is.
    let end = path.lastIndex(of: "/")
    let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folderDescriptor >= 0 else { return }
    fsync(folderDescriptor)
    close(folderDescriptor)
  }

  private func takeName() throws(ExchangeError) {
    if existing == .refuse {
      // A second name cannot replace a file, as a rename does.
      if link(temporaryPath, path) == 0 {
        unlink(temporaryPath)
        return
      }
      guard errno != EEXIST else { throw .exists(path: path) }
      // The file system has no second names.
    }
    guard rename(temporaryPath, path) == 0 else { throw .file(path: path, code: errno) }
  }

  private static func isSameFile(_ path: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(path, &first) == 0 && stat(other, &second) == 0
      && first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}

/// Writes all of the bytes; where the result is false, `errno` says why.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes {
      Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
    }
    guard count > 0 || errno == EINTR else { return false }
    written += max(0, count)
  }
  return true
}
