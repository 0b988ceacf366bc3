internal import GlossCore

/// That a replica's changes from a number on have another name: they were made again as another replica's, from number 1 on.
struct Renaming: Equatable {
  /// The replica that they were.
  let origin: ReplicaID
  /// The number of the first one.
  let first: UInt64
  /// The replica that they are now.
  let branch: ReplicaID
}

extension Dot {
  /// Returns the name that the change has after renamings of one moment.
  func renamed(by renamings: some Sequence<Renaming>) -> Dot {
    for renaming in renamings where renaming.origin == replica && renaming.first <= seq {
      return Dot(renaming.branch, seq - renaming.first + 1)
    }
    return self
  }
}

extension Basis {
  /// Returns the basis with the names that the changes have after renamings, one after another, that came since it was read.
  func renamed(by renamings: some Sequence<Renaming>) -> Basis {
    var basis = self
    for renaming in renamings {
      basis.heads = basis.heads.mapValues { $0.map { $0.renamed(by: CollectionOfOne(renaming)) } }
    }
    return basis
  }
}

// Somebody may have looked at a record before, and edit it after. What they saw has its former names, and these may be others'
// changes by now. So the file keeps all renamings that it ever did, which are few, and a basis says how many came before it.

extension Transaction {
  /// Returns all renamings of this file, the first one first.
  func renamings() throws(StoreError) -> [Renaming] {
    var renamings: [Renaming] = []
    var reader = ByteReader(try meta("renamings") ?? [])
    do {
      while !reader.isAtEnd {
        renamings.append(
          Renaming(
            origin: try reader.readIdentifier(as: ReplicaID.self), first: try reader.readVarint(),
            branch: try reader.readIdentifier(as: ReplicaID.self)))
      }
    } catch {
      throw corrupt("the renamings of changes cannot be read")
    }
    return renamings
  }

  func setRenamings(_ renamings: [Renaming]) throws(StoreError) {
    var writer = ByteWriter()
    for renaming in renamings {
      writer.writeFixed(renaming.origin.value)
      writer.writeVarint(renaming.first)
      writer.writeFixed(renaming.branch.value)
    }
    try setMeta("renamings", to: writer.bytes)
  }

  /// Returns a basis with the names that the changes have now.
  func current(_ basis: Basis) throws(StoreError) -> Basis {
    let renamings = try renamings()
    guard basis.renamingCount < renamings.count else { return basis }
    var current = basis.renamed(by: renamings.dropFirst(basis.renamingCount))
    current.renamingCount = renamings.count
    return current
  }

  /// What somebody who looks at a record in this state sees.
  func basis(of state: RecordState) throws(StoreError) -> Basis { try numbered(state.basis) }

  /// Returns what is seen now with the number of renamings that came before it.
  func numbered(_ seen: Basis) throws(StoreError) -> Basis {
    var basis = seen
    if renamingCount == nil { renamingCount = try renamings().count }
    basis.renamingCount = renamingCount ?? 0
    return basis
  }
}
