internal import Glibc

/// A file, or standard input for `-`, as bytes that come one piece after another.
public final class InputFile {
  /// The path as it was given.
  public let path: String
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 17)

  /// - Throws: `ExchangeError.file`.
  public init(_ path: String) throws(ExchangeError) {
    self.path = path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path: path, code: errno) }
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// The number of bytes of a file, `nil` of anything else.
  public var byteCount: UInt64? {
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
    return UInt64(info.st_size)
  }

  /// Returns the next bytes, none at the end.
  ///
  /// - Throws: `ExchangeError.file`.
  public func next() throws(ExchangeError) -> [UInt8] {
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count >= 0 { return Array(buffer[..<count]) }
      guard errno == EINTR else { throw .file(path: path, code: errno) }
    }
  }
}
