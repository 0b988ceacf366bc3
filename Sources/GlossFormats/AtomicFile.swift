internal import Glibc

/// A file that appears under its name once it is whole and on the disk, and not at all where it never was.
public final class AtomicFile {
  public let path: String
  /// Where it is until it is finished.
  let temporaryPath: String
  private let descriptor: Int32
  private var isFinished = false

  /// What is done where there is a file of the name.
  public enum Existing: Sendable {
    case refuse
    case replace
  }

  /// Begins a file that only its owner can read.
  ///
  /// - Throws: `ExchangeError.exists` or `.file`.
  public init(_ path: String, existing: Existing) throws(ExchangeError) {
    self.path = path
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
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
      }
      guard count > 0 || errno == EINTR else { throw .file(path: path, code: errno) }
      written += max(0, count)
    }
  }

  /// Gives the file its name.
  public func finish() throws(ExchangeError) {
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw .file(path: path, code: errno)
    }
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
}
