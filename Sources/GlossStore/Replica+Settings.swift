internal import GlossCore
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

  /// Returns all settings in one consistent view, those that the store itself keeps among them.
  package func settings() throws -> [String: [UInt8]] {
    try read { try $0.transaction.allMeta() }
  }

  /// Lets `body` change some settings in one transaction, after which neither the file nor its write-ahead log has the bytes
  /// that they had before.
  ///
  /// Their table is overwritten whole, for SQLite leaves what was moved or replaced in a page's unused part, and the log is
  /// emptied.
  ///
  /// - Returns: Whether the log could be emptied. Where it could not, because another process goes on reading an old state of
  ///   the file for as long as ``patienceMilliseconds``, the change is made, but the log may have the former bytes.
  package func overwriteSettings(
    _ body: (inout [String: [UInt8]]) throws -> Void
  ) throws -> Bool {
    try transact { transaction in
      var settings = try transaction.allMeta()
      try body(&settings)
      try transaction.overwriteMeta(with: settings)
    }
    return (try? emptyLog()) ?? false
  }

  /// Returns the hub that the library syncs with, or `nil` where there is none.
  package func remote() throws -> Remote? {
    try read { try $0.transaction.remote() }
  }

  /// Keeps the hub that the library syncs with. One of which nothing is known yet may lack every large value.
  package func setRemote(_ remote: Remote) throws {
    try transact { transaction in
      try transaction.setRemote(remote)
      if remote.cursor == nil { try transaction.offerAllBlobs() }
    }
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
    if !key.hasSameBytes(as: VouchedTable.key) { try willChange(.settings) }
    let statement = try prepare(
      value == nil
        ? "DELETE FROM _meta WHERE key = ?" : "INSERT OR REPLACE INTO _meta VALUES (?, ?)")
    statement.bind(key, at: 1)
    if let value { statement.bind(value, at: 2) }
    try statement.run()
  }

  /// Returns all that `_meta` has.
  func allMeta() throws(StoreError) -> [String: [UInt8]] {
    let statement = try prepare("SELECT key, value FROM _meta")
    var settings: [String: [UInt8]] = [:]
    while try statement.step() { settings[statement.text(at: 0)] = statement.bytes(at: 1) }
    return settings
  }

  /// Makes `settings` all that `_meta` has, and fills with zeros where its content was.
  fileprivate func overwriteMeta(with settings: [String: [UInt8]]) throws(StoreError) {
    try willChange(.settings)
    try setSecureDelete(true)
    try execute("DELETE FROM _meta")
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      try setMeta(key, to: value)
    }
    try setSecureDelete(false)
  }

  /// Says whether SQLite fills with zeros what is deleted, on this connection.
  private func setSecureDelete(_ isOn: Bool) throws(StoreError) {
    let statement = try prepare("PRAGMA secure_delete = \(isOn ? "ON" : "OFF")")
    _ = try statement.step()
  }

  func remote() throws(StoreError) -> Remote? {
    let statement = try prepare(
      "SELECT address, credential, log, entry, hash, pushed_seq FROM _remote")
    guard try statement.step() else { return nil }
    return Remote(
      address: statement.text(at: 0), credential: statement.text(at: 1),
      cursor: Cursor(
        log: statement.bytes(at: 2), index: UInt64(max(statement.integer(at: 3), 0)),
        hash: statement.bytes(at: 4)),
      pushedSeq: statement.seq(at: 5))
  }

  func setRemote(_ remote: Remote) throws(StoreError) {
    try willChange(.remote)
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
