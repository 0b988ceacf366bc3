internal import Glibc

/// Reads a library's file and those beside it, as bytes.
enum FileContent {
  /// Returns up to `limit` bytes from a file's start, `nil` where there is none or it cannot be read.
  static func read(_ path: String, limit: Int = .max) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    var isRead = true
    let bytes = [UInt8](unsafeUninitializedCapacity: min(limit, Int(info.st_size))) { room, count in
      while count < room.count, isRead {
        let step = Glibc.read(descriptor, room.baseAddress.map { $0 + count }, room.count - count)
        if step == 0 { break }
        isRead = step > 0 || errno == EINTR
        count += max(0, step)
      }
    }
    return isRead ? bytes : nil
  }
}
