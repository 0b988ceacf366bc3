// What a replica keeps of the library's keyring. The store reads none of it: the secrets come sealed.

/// The keys of a replica and the entries of the library's keyring, as they lie in its file.
package struct StoredKeyring: Sendable {
  /// The secrets, sealed; `nil` where there are none yet.
  package var keys: [UInt8]?

  /// The entries by their epochs.
  package var entries: [UInt32: [UInt8]]
}

extension Replica {
  /// Returns what is kept of the keyring.
  package func storedKeyring() throws -> StoredKeyring {
    try read { try $0.transaction.storedKeyring() }
  }

  /// Lets `body` change what is kept of the keyring in one transaction.
  package func updateKeyring<T>(_ body: (inout StoredKeyring) throws -> T) throws -> T {
    try transact { transaction in
      var stored = try transaction.storedKeyring()
      let before = stored.entries
      let result = try body(&stored)
      try transaction.setMeta("keys", to: stored.keys)
      if stored.entries != before { try transaction.willChange(.keyring) }
      for (epoch, entry) in stored.entries where before[epoch] != entry {
        let statement = try transaction.prepare("INSERT OR REPLACE INTO _keyring VALUES (?, ?)")
        statement.bind(Int64(epoch), at: 1)
        statement.bind(entry, at: 2)
        try statement.run()
      }
      for epoch in before.keys where stored.entries[epoch] == nil {
        let statement = try transaction.prepare("DELETE FROM _keyring WHERE epoch = ?")
        statement.bind(Int64(epoch), at: 1)
        try statement.run()
      }
      return result
    }
  }
}

extension Transaction {
  fileprivate func storedKeyring() throws(StoreError) -> StoredKeyring {
    var stored = StoredKeyring(keys: try meta("keys"), entries: [:])
    // A file of an earlier version that may only be read has no such table.
    let table = try prepare("SELECT 1 FROM sqlite_schema WHERE name = '_keyring'")
    guard try table.step() else { return stored }
    let statement = try prepare("SELECT epoch, entry FROM _keyring")
    while try statement.step() {
      stored.entries[UInt32(clamping: statement.integer(at: 0))] = statement.bytes(at: 1)
    }
    return stored
  }
}
