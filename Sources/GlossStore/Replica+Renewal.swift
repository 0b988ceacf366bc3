public import GlossCore

/// How a file came to be another replica's: it was a copy.
public struct Renewal: Hashable, Sendable {
  /// The replica that the file was, as which somebody else may go on.
  public let former: ReplicaID

  /// The replica that it is now.
  public let id: ReplicaID

  /// How many changes were made again under the new identifier, because others have different ones of the same numbers.
  public let remadeCount: Int

  package init(former: ReplicaID, id: ReplicaID, remadeCount: Int) {
    self.former = former
    self.id = id
    self.remadeCount = remadeCount
  }
}

// Two files, one identifier
// =========================
//
// A file that is a copy takes a new identifier and keeps what it holds. The changes that it made under the old one stay as
// they are: the original has the same ones, and whoever comes first sends them. Only where the two have gone apart, because
// the copy was not noticed in time, are there two different changes of one number. Those that the hub does not have are made
// again under the new identifier, with the same values, times and order, and what they name of each other is named anew. So
// nobody else's log contradicts this one, each value is a head exactly where it was one, and nothing waits for a person.
//
// A file may have been several replicas one after another, each with changes that are still unsent. Where the hub contradicts
// one of them, all that was made since and is unsent is made again with it, because it may name what has to be named anew.

extension Replica {
  /// Makes the file another replica's.
  ///
  /// - Parameters:
  ///   - id: A new random identifier.
  ///   - agreedSeq: Where others contradict changes that this file made, the last of them that they agree with; the later ones
  ///     are made again as the new replica's.
  ///   - replica: The replica that the file made them as.
  @discardableResult
  package func renew(
    as id: ReplicaID, after agreedSeq: UInt64, of replica: ReplicaID
  ) throws -> Renewal {
    let renewal = try transact { transaction in
      try transaction.renew(as: id, contradicted: (replica, agreedSeq))
    }
    noteRenewal(renewal)
    return renewal
  }

  /// Notes that the hub holds the changes that this file made as a former replica up to a number.
  package func acknowledgeFormer(_ replica: ReplicaID, upTo seq: UInt64) throws {
    try transact { transaction in
      let isAll = try seq >= transaction.known(replica).lastSeq
      try transaction.setFormerPushedSeqs(
        try transaction.pushedSeqs().dropLast().compactMap { former in
          guard former.replica == replica else { return former }
          return isAll ? nil : (replica, seq)
        })
    }
  }

  /// Whether the replica uses the token of the one that it was, which whoever goes on as that one uses too.
  package func hasSharedToken() throws -> Bool {
    try setting(Transaction.sharedTokenKey) != nil
  }

  /// Notes that the replica has a token of its own.
  package func ownToken() throws {
    guard try hasSharedToken() else { return }
    try setSetting(Transaction.sharedTokenKey, to: nil)
  }

  /// Returns those that the replica was while it made changes that are still unsent, the first one first, and itself behind
  /// them: later ones' changes may name earlier ones'.
  package func authors() throws -> [ReplicaID] {
    try read { try $0.transaction.pushedSeqs().map(\.replica) }
  }

  /// Returns of this replica, and of those that it was while it had changes that are still unsent, the last one sent.
  package func pushedSeqByReplica() throws -> [ReplicaID: UInt64] {
    try read { snapshot in
      Dictionary(
        uniqueKeysWithValues: try snapshot.transaction.pushedSeqs().map { ($0.replica, $0.seq) })
    }
  }
}

extension Transaction {
  /// Makes the file another replica's.
  ///
  /// - Parameter contradicted: The replica whose changes others contradict, and the last change that they agree with; `nil`
  ///   where nobody does.
  func renew(
    as id: ReplicaID, contradicted: (replica: ReplicaID, agreedSeq: UInt64)? = nil
  ) throws(StoreError) -> Renewal {
    let former = try ownID()
    var pushed = try pushedSeqs()
    var remade: [Change] = []
    if let contradicted,
      let place = pushed.firstIndex(where: { $0.replica == contradicted.replica })
    {
      pushed[place].seq = contradicted.agreedSeq
      for (replica, seq) in pushed[place...] {
        remade += try removeChanges(of: replica, after: seq)
      }
      pushed.removeSubrange(place...)
    } else {
      var unsent: [(replica: ReplicaID, seq: UInt64)] = []
      for (replica, seq) in pushed where try seq < known(replica).lastSeq {
        unsent.append((replica, seq))
      }
      pushed = unsent
    }
    try setOwnID(id)
    try setFormerPushedSeqs(pushed)
    if var remote = try remote() {
      remote.pushedSeq = 0
      try setRemote(remote)
      try setMeta(Self.sharedTokenKey, to: [1])
    }
    for change in remade.remade(as: id) {
      let table = try table(of: change.kind)
      guard let record = try table.number(of: change.record) else {
        throw corrupt("the record of the change \(change.dot) is missing")
      }
      try append(change, record: record, numbers: try table.shape(of: change).numbers)
    }
    if !remade.isEmpty { try rebuildTables() }
    try setGeneration(0)
    return Renewal(former: former, id: id, remadeCount: remade.count)
  }

  /// The setting that says so; see ``Replica/hasSharedToken()``.
  static let sharedTokenKey = "shared-token"

  /// Takes the last changes of a replica out of the log and returns them, the first first. Tables are not touched.
  private func removeChanges(
    of replica: ReplicaID, after seq: UInt64
  ) throws(StoreError) -> [Change] {
    let known = try known(replica)
    guard seq < known.lastSeq else { return [] }
    guard let tip = try tip(of: replica, at: seq) else {
      throw corrupt("what this file made itself lacks values")
    }
    let changes = try changes(of: replica, from: seq + 1)
    for rows in [
      "_change WHERE id > ? AND id <= ?", "_tip WHERE replica << 40 | seq BETWEEN ? + 1 AND ?",
    ] {
      let statement = try prepare("DELETE FROM \(rows)")
      statement.bind(known.number << 40 | Int64(seq), at: 1)
      statement.bind(known.number << 40 | Int64(Limits.seq), at: 2)
      try statement.run()
    }
    known.advance(to: seq, tip: tip)
    return changes
  }

  /// Returns of those that this replica was while it had changes that are still unsent, the first one first, and of itself the
  /// last change sent.
  func pushedSeqs() throws(StoreError) -> [(replica: ReplicaID, seq: UInt64)] {
    var pushed: [(replica: ReplicaID, seq: UInt64)] = []
    var reader = ByteReader(try meta("former") ?? [])
    do {
      while !reader.isAtEnd {
        pushed.append((try reader.readIdentifier(as: ReplicaID.self), try reader.readVarint()))
      }
    } catch {
      throw corrupt("the former replicas cannot be read")
    }
    return pushed + [(try ownID(), try remote()?.pushedSeq ?? 0)]
  }

  fileprivate func setFormerPushedSeqs(
    _ pushed: [(replica: ReplicaID, seq: UInt64)]
  ) throws(StoreError) {
    var writer = ByteWriter()
    for (replica, seq) in pushed {
      writer.writeFixed(replica.value)
      writer.writeVarint(seq)
    }
    try setMeta("former", to: writer.bytes.isEmpty ? nil : writer.bytes)
  }

  /// Whether the file stands where the file beside it says.
  func isSettled() throws(StoreError) -> Bool {
    guard let inode = Place.inode(of: path), try meta("generation") != nil,
      let said = try Place.said(besideLibraryAt: path)
    else { return false }
    return Place(replica: try ownID(), generation: try generation(), inode: inode).isAt(said)
  }

  /// Counts one more time that the replica was heard of outside; see ``Place``.
  func advanceGeneration() throws(StoreError) {
    try setGeneration(try generation() + 1)
  }

  func generation() throws(StoreError) -> UInt64 {
    guard let bytes = try meta("generation") else { return 0 }
    var reader = ByteReader(bytes)
    guard let generation = try? reader.readFixed(as: UInt64.self) else {
      throw corrupt("the generation cannot be read")
    }
    return generation
  }

  func setGeneration(_ generation: UInt64) throws(StoreError) {
    var writer = ByteWriter()
    writer.writeFixed(generation)
    try setMeta("generation", to: writer.bytes)
    guard let inode = Place.inode(of: path) else { throw .notFound(path: path) }
    nextPlace = Place(replica: try ownID(), generation: generation, inode: inode)
  }
}

extension [Change] {
  /// Returns the changes as another replica's, numbered from 1; what they name of each other is named anew.
  fileprivate func remade(as replica: ReplicaID) -> [Change] {
    let newByOld = Dictionary(
      uniqueKeysWithValues: enumerated().map { ($1.dot, Dot(replica, UInt64($0) + 1)) })
    func renamed(_ dot: Dot) -> Dot { newByOld[dot] ?? dot }
    return map { change in
      Change(
        dot: renamed(change.dot), timestamp: change.timestamp, record: change.record,
        kind: change.kind,
        writes: change.writes.map { Write($0.field, $0.value, parents: $0.parents.map(renamed)) },
        covers: change.covers.map(renamed))
    }
  }
}
