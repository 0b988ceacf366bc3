internal import Glibc

extension Replica {
  /// Writes a copy of the library as it is now to a file that is empty or not there yet, without the room that nothing uses.
  /// Others may write meanwhile; nobody waits.
  package func copyFile(to path: String) throws {
    try connection.use { handle in
      let statement = try Statement("VACUUM INTO ?", connection: handle, path: self.path)
      statement.bind(path, at: 1)
      try statement.run()
    }
  }

  /// Puts a library's file, which nobody has open, at a path, with the file beside it that says that it is no copy.
  ///
  /// - Parameters:
  ///   - temporaryPath: The file, on the same file system.
  ///   - path: Where the library belongs.
  ///   - asidePath: Where the library goes that is at `path`, which stays a library of its own. Only that one's own process
  ///     may go on with it.
  /// - Returns: Whether there was one.
  /// - Throws: `StoreError.busy` where somebody writes to it, or syncs; `.io`. Then the library at `path` is as it was.
  package static func install(
    _ temporaryPath: String, at path: String, asidePath: String
  ) throws -> Bool {
    guard access(path, F_OK) == 0 else {
      // What is left of a library that is gone would be taken for the new one's.
      unlink(lockPath(of: path))
      try move([("-wal", path, asidePath), ("-shm", path, asidePath)], temporaryPath, path)
      return false
    }
    let sync = try FileLock(path: path + "-sync-lock", patienceMilliseconds: 0)
    let lock = try FileLock(path: lockPath(of: path), patienceMilliseconds: patienceMilliseconds)
    emptyLog(of: path)
    try move(
      ["-wal", "-shm", "-lock", ""].map { ($0, path, asidePath) }, temporaryPath, path)
    lock.release()
    sync.release()
    return true
  }

  /// Brings what is in a library's write-ahead log into its file, so that the two are never apart, whenever the power fails while they
  /// are moved. One that is too damaged for that is moved as it is. The library's lock is held.
  private static func emptyLog(of path: String) {
    guard
      let connection = try? Connection(path: path, access: .readWrite, patienceMilliseconds: 0)
    else { return }
    try? connection.use { try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)", on: $0) }
    try? connection.close()
  }

  /// Moves some files aside, as far as they are there, and a library to their place: all of it or nothing.
  private static func move(
    _ aside: [(suffix: String, from: String, to: String)], _ temporaryPath: String, _ path: String
  ) throws {
    let moves = aside + ["-lock", ""].map { ($0, temporaryPath, path) }
    var done: [(suffix: String, from: String, to: String)] = []
    for (suffix, from, to) in moves {
      if rename(from + suffix, to + suffix) == 0 {
        done.append((suffix, from, to))
      } else if errno != ENOENT || from == temporaryPath {
        let error = StoreError(errno: errno, path: to + suffix)
        for (suffix, from, to) in done.reversed() { rename(to + suffix, from + suffix) }
        throw error
      }
    }
    flushFolder(of: path)
  }

  /// Sees to it that the names in a file's folder are on the disk.
  private static func flushFolder(of path: String) {
    let end = path.lastIndex(of: "/")
    let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    Glibc.close(descriptor)
  }
}
