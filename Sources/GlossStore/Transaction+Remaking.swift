internal import GlossCore
internal import GlossCrypto

// Changes that are made again
// ===========================
//
// Two histories of one replica are told apart by the first change that differs. What the hub has keeps the replica's name from
// there on. The other branch is made again as a replica of its own, whose identifier is a hash of the replica's and of the
// branch's first change: everybody who holds the branch makes the same changes of it, whoever comes first sends them, and the
// file that first made them need not be there. Values, times and order stay, and what the changes name of each other is named
// anew.
//
// Others may have written changes meanwhile that name some of the branch. Those are made again likewise, with all that their
// authors made after them: the log that has the other branch has none of these, because nobody sends what names a change before
// the log has that one.

extension Transaction {
  /// What came of changes that were made again.
  struct Remade {
    /// Of each replica that lost changes, the first one.
    var firstByOrigin: [ReplicaID: UInt64] = [:]
    /// The replicas that have them now, in the order in which they were found: what the first change of one names of another comes
    /// behind that one, though two may name each other.
    var branches: [ReplicaID] = []
    /// The number of the changes.
    var count = 0
  }

  /// Makes a replica's changes after a number again, and those that name them.
  func remake(_ origin: ReplicaID, after agreedSeq: UInt64) throws(StoreError) -> Remade {
    guard try agreedSeq < known(origin).lastSeq else { return Remade() }
    let tails = try tails(naming: origin, after: agreedSeq)
    var remade = Remade()
    var branchByOrigin: [ReplicaID: ReplicaID] = [:]
    var changesByOrigin: [ReplicaID: [Change]] = [:]
    for (origin, first) in tails {
      let changes = try removeChanges(of: origin, from: first)
      let branch = branch(of: changes, after: try known(origin).tip)
      remade.firstByOrigin[origin] = first
      remade.branches.append(branch)
      remade.count += changes.count
      branchByOrigin[origin] = branch
      changesByOrigin[origin] = changes
    }
    var renamings = try renamings()
    for (origin, first) in tails {
      guard let branch = branchByOrigin[origin] else { continue }
      renamings.append(Renaming(origin: origin, first: first, branch: branch))
    }
    let latest = renamings.suffix(tails.count)
    for (origin, _) in tails {
      try append((changesByOrigin[origin] ?? []).map { $0.renamed(by: latest) })
    }
    try setRenamings(renamings)
    try rebuildTables()
    return remade
  }

  /// Returns of each replica with a change that names one of a replica's after a number, or one that is returned, the first such
  /// change, and that replica's own.
  private func tails(
    naming origin: ReplicaID, after seq: UInt64
  ) throws(StoreError) -> [(origin: ReplicaID, first: UInt64)] {
    var tails = [(origin: origin, first: seq + 1)]
    var firstByOrigin = [origin: seq + 1]
    func isTail(_ dot: Dot) -> Bool { firstByOrigin[dot.replica].map { $0 <= dot.seq } ?? false }
    var hasMore = true
    while hasMore {
      hasMore = false
      for other in try heldReplicas() where other != origin {
        let end = firstByOrigin[other] ?? .max
        try eachChange(of: other, from: 1) { change, _ throws(StoreError) in
          guard change.dot.seq < end else { return false }
          guard change.named.contains(where: isTail) else { return true }
          // Where values were dropped nothing can be cut off.
          guard try tip(of: other, at: change.dot.seq - 1) != nil else { return true }
          if let place = tails.firstIndex(where: { $0.origin == other }) {
            tails[place].first = change.dot.seq
          } else {
            tails.append((other, change.dot.seq))
          }
          firstByOrigin[other] = change.dot.seq
          hasMore = true
          return false
        }
      }
    }
    return tails
  }

  /// Returns the replicas that changes are held of, in the order in which they were heard of.
  private func heldReplicas() throws(StoreError) -> [ReplicaID] {
    let statement = try prepare("SELECT uuid FROM _replica WHERE last_seq > 0 ORDER BY id")
    var replicas: [ReplicaID] = []
    while try statement.step() {
      replicas.append(try statement.identifier(as: ReplicaID.self, at: 0))
    }
    return replicas
  }

  /// Takes the last changes of a replica out of the log and returns them, the first first. Tables are not touched.
  private func removeChanges(
    of replica: ReplicaID, from first: UInt64
  ) throws(StoreError) -> [Change] {
    let known = try known(replica)
    guard let tip = try tip(of: replica, at: first - 1) else {
      throw corrupt("what is to be made again lacks values")
    }
    let changes = try changes(of: replica, from: first)
    try willChange(.thin)
    for rows in [
      "_change WHERE id BETWEEN ? AND ?", "_tip WHERE replica << 40 | seq BETWEEN ? AND ?",
      "_thin WHERE replica << 40 | first BETWEEN ? AND ?",
    ] {
      let statement = try prepare("DELETE FROM \(rows)")
      statement.bind(known.number << 40 | Int64(first), at: 1)
      statement.bind(known.number << 40 | Int64(Limits.seq), at: 2)
      try statement.run()
    }
    known.advance(to: first - 1, tip: tip)
    return changes
  }

  /// Returns the replica that changes are made again as: the same one wherever the first of them is held.
  ///
  /// Where values are missing, not everybody can make the same ones of them, so it is one that has these only.
  private func branch(of changes: [Change], after tip: [UInt8]) -> ReplicaID {
    let proof = changes.contains(where: \.lacksValues) ? changes : Array(changes.prefix(1))
    let digest = sha256(
      Array("gloss branch".utf8), proof.reduce(tip) { self.tip(after: $0, $1) })
    return ReplicaID(digest.prefix(ReplicaID.byteCount).reduce(0) { $0 << 8 | UInt128($1) })
  }

  /// Appends what is not held of a branch to the log. Tables are not touched.
  private func append(_ branch: [Change]) throws(StoreError) {
    guard let last = branch.last?.dot else { return }
    let known = try known(last.replica)
    guard known.lastSeq < last.seq else { return }
    let isThin = branch.contains(where: \.lacksValues)
    if isThin, known.lastSeq > 0 { return }
    for change in branch where change.dot.seq > known.lastSeq {
      let table = try table(of: change.kind)
      guard let record = try table.number(of: change.record) else {
        throw corrupt("the record of the change \(change.dot) is missing")
      }
      try append(change, record: record, numbers: try table.shape(of: change).numbers)
    }
    guard isThin else { return }
    try noteThin(last.replica, 1...last.seq, heldTip: known.tip)
    try keepTip(known.tip, of: last.replica, at: last.seq)
  }
}

extension Change {
  /// The changes that it names.
  fileprivate var named: [Dot] { writes.flatMap(\.parents) + covers }

  /// Returns the change with the names that it, and what it names, have now.
  fileprivate func renamed(by renamings: some Sequence<Renaming>) -> Change {
    Change(
      dot: dot.renamed(by: renamings), timestamp: timestamp, record: record, kind: kind,
      writes: writes.map { write in
        Write(write.field, write.value, parents: write.parents.map { $0.renamed(by: renamings) })
      },
      covers: covers.map { $0.renamed(by: renamings) })
  }
}
