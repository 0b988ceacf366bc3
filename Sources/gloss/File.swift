internal import Glibc
internal import GlossCore

/// Reading files and standard input, as bytes.
enum File {
  /// Returns the content of the file, or of standard input for `-`.
  static func read(_ path: String, limit: Int = Limits.blobByteCount) throws -> [UInt8] {
    if path == "-" {
      return try read(descriptor: STDIN_FILENO, name: "standard input", limit: limit)
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    return try read(descriptor: descriptor, name: path, limit: limit)
  }

  /// Writes bytes over the content of the file.
  static func write(_ bytes: [UInt8], descriptor: Int32, path: String) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
      }
      guard count > 0 || errno == EINTR else { throw failure(path) }
      written += max(0, count)
    }
  }

  /// The name of the file without its folder and its ending.
  static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }

  private static func read(descriptor: Int32, name: String, limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(name)
      }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw Failure(
          .badInput, "\(name) is over the limit of \(limit) bytes",
          hint: "split it, or add only the part that you want to keep")
      }
    }
  }

  private static func failure(_ path: String) -> Failure {
    let status: Status =
      switch errno {
      case ENOENT, ENOTDIR, EISDIR: .noInput
      case EACCES, EPERM: .refused
      default: .inputOutput
      }
    return Failure(
      status, "\(Text.path(path)): \(String(cString: strerror(errno)))",
      hint: status == .noInput
        ? "name a file that is there, or - for standard input"
        : "check the file's permissions and its disk")
  }
}
