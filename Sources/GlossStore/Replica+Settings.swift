package import GlossWire

/// The hub that a library syncs with, and how far this replica is with it.
package struct Remote: Hashable, Sendable {
  /// The hub's base address.
  package var address: String

  /// This replica's token.
  package var credential: String

  /// Up to where the hub's log is applied here, `nil` for nothing yet.
  package var cursor: Cursor?

  /// The last change of this replica that the hub has acknowledged, 0 for none.
  package var pushedSeq: UInt64

  package init(address: String, credential: String, cursor: Cursor? = nil, pushedSeq: UInt64 = 0) {
    self.address = address
    self.credential = credential
    self.cursor = cursor
    self.pushedSeq = pushedSeq
  }
}

extension Replica {
  /// Returns a setting of this replica, which does not sync, or `nil` where it was never set.
  package func setting(_ key: String) throws -> [UInt8]? {
    try read { try $0.transaction.meta(key) }
  }

  /// Keeps a setting of this replica, which does not sync; `nil` forgets it.
  package func setSetting(_ key: String, to value: [UInt8]?) throws {
    try transact { try $0.setMeta(key, to: value) }
  }

  /// Returns the hub that the library syncs with, or `nil` where there is none.
  package func remote() throws -> Remote? {
    try read { try $0.transaction.remote() }
  }

  /// Keeps the hub that the library syncs with.
  package func setRemote(_ remote: Remote) throws {
    try transact { try $0.setRemote(remote) }
  }
}

extension Transaction {
  /// Returns what `_meta` has under a key.
  func meta(_ key: String) throws(StoreError) -> [UInt8]? {
    let statement = try prepare("SELECT value FROM _meta WHERE key = ?")
    statement.bind(key, at: 1)
    return try statement.step() ? statement.bytes(at: 0) : nil
  }

  /// Puts a value into `_meta`, or removes the one that is there.
  func setMeta(_ key: String, to value: [UInt8]?) throws(StoreError) {
    let statement = try prepare(
      value == nil
        ? "DELETE FROM _meta WHERE key = ?" : "INSERT OR REPLACE INTO _meta VALUES (?, ?)")
    statement.bind(key, at: 1)
    if let value { statement.bind(value, at: 2) }
    try statement.run()
  }

  func remote() throws(StoreError) -> Remote? {
    let statement = try prepare(
      "SELECT address, credential, log, entry, hash, pushed_seq FROM _remote")
    guard try statement.step() else { return nil }
    return Remote(
      address: statement.text(at: 0), credential: statement.text(at: 1),
      cursor: Cursor(
        log: statement.bytes(at: 2), index: UInt64(statement.integer(at: 3)),
        hash: statement.bytes(at: 4)),
      pushedSeq: UInt64(statement.integer(at: 5)))
  }

  func setRemote(_ remote: Remote) throws(StoreError) {
    let statement = try prepare(
      """
      INSERT OR REPLACE INTO _remote(id, address, credential, log, entry, hash, pushed_seq)
      VALUES (1, ?, ?, ?, ?, ?, ?)
      """)
    statement.bind(remote.address, at: 1)
    statement.bind(remote.credential, at: 2)
    if let cursor = remote.cursor {
      statement.bind(cursor.log, at: 3)
      statement.bind(Int64(cursor.index), at: 4)
      statement.bind(cursor.hash, at: 5)
    }
    statement.bind(Int64(remote.pushedSeq), at: 6)
    try statement.run()
  }
}
