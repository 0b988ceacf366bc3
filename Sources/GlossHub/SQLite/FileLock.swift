internal import Foundation

/// Keeps a second process out of a data directory.
///
/// Two processes that write and checkpoint one SQLite file at the same time can damage it (the WAL-reset fault of SQLite 3.7.0
/// to 3.51.2), and a cursor's promises hold only where one process orders the log.
final class FileLock: Sendable {
  private let file: Int32

  /// Takes the lock or fails at once. The system lets go of it when the process ends, however it ends.
  init(directory: String) throws(SQLiteStorage.Failure) {
    let path = directory + "/hub.lock"
    // Not a property yet: where all are set, an error ends in `deinit`, which closes, too.
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .directory(path: directory, reason: String(cString: strerror(errno)))
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw .busy(path: directory)
    }
    self.file = file
  }

  /// Lets go of the lock.
  func unlock() {
    flock(file, LOCK_UN)
  }

  deinit {
    close(file)
  }
}
