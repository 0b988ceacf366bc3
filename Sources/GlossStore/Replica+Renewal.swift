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
// the copy was not noticed in time, are there two different changes of one number. What the hub has keeps the number, and the
// others are made again (`Transaction+Remaking.swift`), by everybody who holds them. So nobody else's log contradicts this
// one, each value is a head exactly where it was one, and nothing waits for a person.
//
// A file may have been several replicas one after another, each with changes that are still unsent.

extension Replica {
  /// Makes changes again that others contradict, and the file another replica's where it made some of them.
  ///
  /// - Parameters:
  ///   - id: A new random identifier, for the file.
  ///   - agreedSeq: The last change of `replica` that others agree with.
  ///   - replica: Whose changes they have differently: this replica, one that the file was, or somebody else.
  ///   - bundles: What others have, where that may tell a tip that is not known here because values were dropped.
  /// - Returns: How the file came to be another replica's, `nil` where it did not.
  @discardableResult
  package func renew(
    as id: ReplicaID, after agreedSeq: UInt64, of replica: ReplicaID,
    given bundles: [ReceivedBundle] = []
  ) throws -> Renewal? {
    let renewal = try transact { transaction in
      try transaction.learnTip(of: replica, at: agreedSeq, from: bundles)
      return try transaction.settleFork(of: replica, after: agreedSeq, id)
    }
    if let renewal { noteRenewal(renewal) }
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
  /// Makes the file, which is a copy, another replica's.
  func renew(as id: ReplicaID) throws(StoreError) -> Renewal {
    var unsent: [(replica: ReplicaID, seq: UInt64)] = []
    for (replica, seq) in try pushedSeqs() where try seq < known(replica).lastSeq {
      unsent.append((replica, seq))
    }
    return try renew(as: id, formerly: unsent, remadeCount: 0)
  }

  /// Makes changes again that others contradict, and the file another replica's where it made some of them.
  fileprivate func settleFork(
    of replica: ReplicaID, after agreedSeq: UInt64, _ id: ReplicaID
  ) throws(StoreError) -> Renewal? {
    let own = try ownID()
    let remade = try remake(replica, after: agreedSeq)
    let isRenewed = replica == own || remade.firstByOrigin[own] != nil
    var pushed: [(replica: ReplicaID, seq: UInt64)] = []
    for (former, seq) in try pushedSeqs() where former != own || isRenewed {
      let agreed = former == replica ? agreedSeq : seq
      let kept = min(agreed, (remade.firstByOrigin[former] ?? .max) - 1)
      if try kept < known(former).lastSeq { pushed.append((former, kept)) }
    }
    // Nobody else may come to send what this file alone holds.
    pushed += remade.branches.map { ($0, 0) }
    guard isRenewed else {
      try setFormerPushedSeqs(pushed)
      return nil
    }
    return try renew(as: id, formerly: pushed, remadeCount: remade.count)
  }

  private func renew(
    as id: ReplicaID, formerly pushed: [(replica: ReplicaID, seq: UInt64)], remadeCount: Int
  ) throws(StoreError) -> Renewal {
    let former = try ownID()
    try setOwnID(id)
    try setFormerPushedSeqs(pushed)
    if var remote = try remote() {
      remote.pushedSeq = 0
      try setRemote(remote)
      try setMeta(Self.sharedTokenKey, to: [1])
    }
    try setGeneration(0)
    return Renewal(former: former, id: id, remadeCount: remadeCount)
  }

  /// The setting that says so; see ``Replica/hasSharedToken()``.
  static let sharedTokenKey = "shared-token"

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
