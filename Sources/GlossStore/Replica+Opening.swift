internal import Glibc
public import GlossCore

extension Replica {
  /// Makes a new, empty copy of a library in a new file, which only its owner can read.
  ///
  /// A file without content, as a creation that was killed leaves it, counts as none.
  ///
  /// - Parameters:
  ///   - path: Where the file goes; its folder exists.
  ///   - library: The library; its other copies have the same.
  ///   - id: This copy: a new random identifier.
  ///   - schema: The kinds that the program knows.
  /// - Throws: `StoreError.alreadyExists`, `.readOnly`, `.full`, `.notFound` (no such folder), or `.io`.
  public static func create(
    at path: String, library: LibraryID, id: ReplicaID, schema: Schema
  ) throws -> Replica {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let code = errno
    if descriptor >= 0 {
      Glibc.close(descriptor)
    } else if code != EEXIST || !mayBeUnfinished(path) {
      throw StoreError(errno: code, path: path)
    }
    return try FileLock.holding(
      path: lockPath(of: path), patienceMilliseconds: patienceMilliseconds
    ) { lock in
      // It is a library, or another process was faster.
      guard isUnfinished(path) else { throw StoreError.alreadyExists(path: path) }
      do {
        // The file beside the library says whose it is before it is one, and the names of both are on the disk once that of
        // SQLite's log is: neither a kill nor a loss of power makes a new library look like a copy.
        guard let inode = Place.inode(of: path) else { throw StoreError.notFound(path: path) }
        lock.setPlace(Place(replica: id, generation: 0, inode: inode))
        let connection = try Connection(path: path, access: .readWrite)
        try connection.use { handle in
          try prepare(handle, of: connection, for: .readWrite)
          try fill(connection, handle, library: library, id: id, schema: schema)
        }
        return Replica(connection: connection, library: library, id: id, schema: schema)
      } catch {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        throw StoreError(error, path: path)
      }
    }
  }

  /// Whether a file has no content, or begins as a database does.
  private static func mayBeUnfinished(_ path: String) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return false }
    let start = FileContent.read(path, limit: 15) ?? []
    return start.isEmpty ? info.st_size == 0 : start == Array("SQLite format 3".utf8)
  }

  /// Whether a file is what a creation that was killed leaves: nothing, or a database in which nothing is.
  ///
  /// What was under way in it is undone first, as by everybody who opens it.
  private static func isUnfinished(_ path: String) -> Bool {
    var info = stat()
    guard mayBeUnfinished(path), stat(path, &info) == 0 else { return false }
    if info.st_size == 0 { return stat(path + "-wal", &info) != 0 || info.st_size == 0 }
    guard
      let connection = try? Connection(path: path, access: .readWrite, patienceMilliseconds: 0)
    else { return false }
    let isEmpty = try? connection.use {
      try connection.number(
        """
        SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)
          AND (SELECT user_version FROM pragma_user_version) = 0
        """, on: $0)
    }
    return isEmpty == 1
  }

  /// Makes an empty database an empty library: all of it or nothing.
  private static func fill(
    _ connection: Connection, _ handle: OpaquePointer, library: LibraryID, id: ReplicaID,
    schema: Schema
  ) throws {
    try connection.execute("PRAGMA application_id = \(Layout.applicationID)", on: handle)
    try connection.transaction(.immediate, on: handle) {
      let transaction = Transaction(connection: handle, path: connection.path, schema: schema)
      try transaction.execute(Layout.ownTables + Layout.derivedTables)
      for kind in schema.kinds {
        try transaction.execute(Layout.tables(of: kind))
      }
      try transaction.setMeta("library", to: library.bytes)
      try transaction.setMeta("replica", to: id.bytes)
      try transaction.setMeta("schema", to: Array(Layout.description(of: schema).utf8))
      try transaction.setGeneration(0)
      try transaction.vouchForAll()
      try transaction.finish()
      try transaction.execute("PRAGMA user_version = \(Layout.version)")
    }
  }

  /// Opens a copy that ``create(at:library:id:schema:)`` made.
  ///
  /// A file that was copied, moved to another file system or put back from a backup since it was last written to becomes a new
  /// replica, which keeps all that is in it; ``renewal`` says so. That takes write access, and so does a file that an
  /// earlier version of the program wrote.
  ///
  /// Where the file's tables were made for other kinds than those of `schema`, by another version of the program, they are
  /// made anew from the log; that takes write access.
  ///
  /// - Parameters:
  ///   - generator: The source of new identifiers; a cryptographic one outside tests.
  ///   - progress: Is told how far it is where tables are made anew.
  /// - Throws: `StoreError.notFound`, `.notALibrary`, `.newerFormat`, `.busy`, `.readOnly`, `.corrupt`, or `.io`.
  public static func open(
    at path: String, schema: Schema, access: Access = .readWrite,
    using generator: inout some RandomNumberGenerator, progress: WorkProgress? = nil
  ) throws -> Replica {
    guard Glibc.access(path, F_OK) == 0 else { throw StoreError(errno: errno, path: path) }
    do {
      if access == .readWrite, Glibc.access(path, W_OK) != 0 {
        throw StoreError.readOnly(path: path)
      }
      let connection = try Connection(path: path, access: access)
      let (library, id, version) = try connection.use { handle in
        // Another program's file is not touched.
        let version = try format(of: connection, handle)
        try prepare(handle, of: connection, for: access)
        let transaction = Transaction(connection: handle, path: path, schema: schema)
        return (
          try identifier("library", in: transaction) as LibraryID,
          try identifier("replica", in: transaction) as ReplicaID, version
        )
      }
      let replica = Replica(connection: connection, library: library, id: id, schema: schema)
      if access == .readWrite {
        if version < Layout.version { try replica.migrate() }
        try replica.settle(as: .random(using: &generator))
      }
      let description = Array(Layout.description(of: schema).utf8)
      if try replica.setting("schema") != description {
        try replica.rebuildTables(progress: progress)
        try replica.setSetting("schema", to: description)
      }
      return replica
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Sets a connection up for what the store asks of it.
  private static func prepare(
    _ handle: OpaquePointer, of connection: Connection, for access: Access
  ) throws(StoreError) {
    SQLFunctions.add(to: handle)
    guard access == .readWrite else { return }
    // The change to WAL is the one transaction with a journal of the old kind, whose end is durable only with EXTRA.
    try connection.execute(
      """
      PRAGMA page_size = 8192;
      PRAGMA synchronous = EXTRA;
      PRAGMA journal_mode = WAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA synchronous = FULL;
      PRAGMA secure_delete = OFF;
      PRAGMA cache_size = -32768;
      """, on: handle)
    let synchronous = try connection.number("PRAGMA synchronous", on: handle)
    precondition(synchronous == 2, "a commit is on the disk when it returns")
  }

  /// Returns the version of the file's own tables.
  private static func format(
    of connection: Connection, _ handle: OpaquePointer
  ) throws(StoreError) -> Int {
    guard
      try connection.number("PRAGMA application_id", on: handle) == Int64(Layout.applicationID)
    else { throw .notALibrary(path: connection.path) }
    let version = Int(try connection.number("PRAGMA user_version", on: handle) ?? 0)
    guard version <= Layout.version else {
      throw .newerFormat(path: connection.path, found: version, supported: Layout.version)
    }
    guard version >= 1 else { throw .notALibrary(path: connection.path) }
    return version
  }

  /// Makes a file of an earlier version one of this version.
  private func migrate() throws {
    try transact { transaction in
      let version = try transaction.prepare("PRAGMA user_version")
      guard try version.step() else { return }
      let found = Int(version.integer(at: 0))
      guard found < Layout.version else { return }
      version.reset()
      if found < 2 { try transaction.execute(Layout.asideTable) }
      if found < 3 {
        try transaction.execute(Layout.thinTable)
        try transaction.execute(Layout.blobTables)
        try transaction.execute(Layout.keyringTables)
        try transaction.findWantedBlobs()
        // Until then large values travelled inside bundles, and the hub has none by itself.
        try transaction.offerAllBlobs()
      } else {
        try transaction.execute("ALTER TABLE _thin ADD COLUMN held_tip BLOB")
        try transaction.vouchForThinRuns()
      }
      try transaction.vouchForAll()
      try transaction.execute("PRAGMA user_version = \(Layout.version)")
    }
  }

  /// Sees to it that the file is a replica of its own: where it is a copy, it becomes the replica `id`.
  private func settle(as id: ReplicaID) throws {
    guard try !read({ try $0.transaction.isSettled() }) else { return }
    let renewal = try transact { transaction -> Renewal? in
      // Another process may have been faster.
      if try transaction.isSettled() { return nil }
      guard try transaction.meta("generation") != nil else {
        // A file of a version that kept no place.
        try transaction.setGeneration(0)
        return nil
      }
      return try transaction.renew(as: id)
    }
    if let renewal { noteRenewal(renewal) }
  }

  private static func identifier<ID: Identifier>(
    _ key: String, in transaction: Transaction
  ) throws(StoreError) -> ID {
    guard let bytes = try transaction.meta(key), let id = ID(bytes: bytes) else {
      throw transaction.corrupt("the \(key) is missing")
    }
    return id
  }
}

extension StoreError {
  /// Creates an error from what the operating system returned.
  init(errno code: Int32, path: String) {
    switch code {
    case ENOENT, ENOTDIR: self = .notFound(path: path)
    case EEXIST: self = .alreadyExists(path: path)
    case EACCES, EPERM, EROFS: self = .readOnly(path: path)
    case ENOSPC, EDQUOT: self = .full(path: path)
    default: self = .io(path: path, detail: String(cString: strerror(code)))
    }
  }
}
