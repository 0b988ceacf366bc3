internal import Glibc

/// An advisory lock on a file, held by one process at a time and freed when it ends, however it ends.
///
/// SQLite 3.40 can corrupt a file whose write-ahead log is restarted while two connections write and checkpoint at once, so
/// each write and each checkpoint of a library holds one of these for its short life. Readers take none.
package struct FileLock: ~Copyable {
  let descriptor: Int32

  /// Takes the lock, waiting up to `patienceMilliseconds` for whoever holds it.
  ///
  /// - Parameter path: The file that is locked; it is created where it does not exist, and never removed.
  package init(path: String, patienceMilliseconds: Int) throws(StoreError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      switch errno {
      case EACCES, EROFS, EPERM: throw .readOnly(path: path)
      case ENOSPC, EDQUOT: throw .full(path: path)
      case ENOENT: throw .notFound(path: path)
      default: throw .io(path: path, detail: String(cString: strerror(errno)))
      }
    }
    var waitedMilliseconds = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, waitedMilliseconds < patienceMilliseconds else {
        Glibc.close(descriptor)
        throw .busy(path: path)
      }
      let pauseMilliseconds = 5
      usleep(UInt32(pauseMilliseconds * 1_000))
      waitedMilliseconds += pauseMilliseconds
    }
    self.descriptor = descriptor
  }

  deinit {
    Glibc.close(descriptor)
  }

  /// Runs `body` while the lock on the file at `path` is held.
  static func holding<T>(
    path: String, patienceMilliseconds: Int, _ body: (borrowing FileLock) throws -> T
  ) throws -> T {
    let lock = try FileLock(path: path, patienceMilliseconds: patienceMilliseconds)
    let result = try body(lock)
    lock.release()
    return result
  }

  /// Gives the lock back; where an error is thrown instead, it goes with the value.
  package consuming func release() {}
}
