internal import GlossCore
internal import GlossCrypto

// What no tip vouches for
// =======================
//
// Changes are vouched for by tips, large values by their names, and everything shown by the changes. What is left is small: whose
// the file is and where it stands with its hub, keys, bundles that were set aside. Nothing else says what these should be, so
// `_meta` has a hash of each of these tables, made in the transaction that writes to it. A table that is not what its hash says
// when it is written to keeps the old hash: a later write must not vouch for an earlier fault of the disk.

/// A table whose content nothing else vouches for.
enum VouchedTable: Int, CaseIterable {
  case settings, remote, thin, keyring, aside

  /// The setting that has the hashes, one after another, and is no part of the hash of its own table.
  static let key = "vouched"

  /// The table's name in the file.
  var name: String {
    switch self {
    case .settings: "_meta"
    case .remote: "_remote"
    case .thin: "_thin"
    case .keyring: "_keyring"
    case .aside: "_aside"
    }
  }

  /// Selects what is hashed.
  fileprivate var sql: String {
    switch self {
    case .settings: "SELECT key, value FROM _meta WHERE key <> '\(Self.key)' ORDER BY key"
    case .remote:
      "SELECT address, credential, log, entry, hash, pushed_seq FROM _remote ORDER BY id"
    case .thin: "SELECT replica, first, last, held_tip FROM _thin ORDER BY replica, first"
    case .keyring: "SELECT epoch, entry FROM _keyring ORDER BY epoch"
    case .aside:
      "SELECT origin, first, last, reason, bundle FROM _aside ORDER BY origin, first, last"
    }
  }

  fileprivate var columnCount: Int32 {
    switch self {
    case .settings, .keyring: 2
    case .thin: 4
    case .aside: 5
    case .remote: 6
    }
  }

  /// The places of the table's hash among all.
  fileprivate var range: Range<Int> {
    rawValue * sha256ByteCount..<(rawValue + 1) * sha256ByteCount
  }
}

extension Transaction {
  /// Has to be called before a row of the table is written, so that its hash follows.
  func willChange(_ table: VouchedTable) throws(StoreError) {
    guard vouched[table] == nil else { return }
    vouched[table] = try isAsVouched(table)
  }

  /// Whether the table is what its hash says.
  func isAsVouched(_ table: VouchedTable) throws(StoreError) -> Bool {
    guard let hashes = try meta(VouchedTable.key), hashes.count == Self.hashesByteCount else {
      return false
    }
    return try Array(hashes[table.range]) == hash(of: table)
  }

  /// Makes the hashes of the tables that were written to, and that were in order before.
  func vouchForWritten() throws(StoreError) {
    let tables = VouchedTable.allCases.filter { vouched[$0] == true }
    guard !tables.isEmpty, var hashes = try meta(VouchedTable.key),
      hashes.count == Self.hashesByteCount
    else { return }
    for table in tables { hashes.replaceSubrange(table.range, with: try hash(of: table)) }
    try setMeta(VouchedTable.key, to: hashes)
  }

  /// Makes the hashes of all tables as they are: where the file is made, or was made by a version that had no hashes.
  func vouchForAll() throws(StoreError) {
    var hashes: [UInt8] = []
    for table in VouchedTable.allCases { hashes += try hash(of: table) }
    try setMeta(VouchedTable.key, to: hashes)
  }

  /// Gives thin runs of a file of an earlier version the tips that what is here of them comes to.
  func vouchForThinRuns() throws(StoreError) {
    let runs = try prepare("SELECT replica, first, last FROM _thin")
    let update = try prepare("UPDATE _thin SET held_tip = ? WHERE replica = ? AND first = ?")
    var held: [(replica: Int64, first: UInt64, tip: [UInt8])] = []
    while try runs.step() {
      let (origin, first) = (try replica(runs.integer(at: 0)), runs.seq(at: 1))
      let last = runs.seq(at: 2)
      guard first > 0, var tip = try tip(of: origin, at: first - 1) else { continue }
      try eachChange(of: origin, from: first) { change, _ throws(StoreError) in
        guard change.dot.seq <= last else { return false }
        tip = self.tip(after: tip, change)
        return true
      }
      held.append((runs.integer(at: 0), first, tip))
    }
    runs.reset()
    for (replica, first, tip) in held {
      update.bind(tip, at: 1)
      update.bind(replica, at: 2)
      update.bind(Int64(first), at: 3)
      try update.run()
    }
  }

  private static let hashesByteCount = VouchedTable.allCases.count * sha256ByteCount

  /// Returns a hash over all rows of a table.
  private func hash(of table: VouchedTable) throws(StoreError) -> [UInt8] {
    let statement = try prepare(table.sql)
    var hash: [UInt8] = []
    while try statement.step() {
      var row = ByteWriter()
      for column in 0..<table.columnCount {
        row.writeByte(statement.isNull(at: column) ? 0 : 1)
        row.writeCounted(statement.bytes(at: column))
      }
      hash = sha256(hash, row.bytes)
    }
    return hash.isEmpty ? [UInt8](repeating: 0, count: sha256ByteCount) : hash
  }
}
