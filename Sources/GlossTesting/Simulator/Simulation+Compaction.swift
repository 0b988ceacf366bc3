internal import GlossCore
internal import GlossStore
internal import GlossSync
internal import GlossWire

// A machine that has dropped values holds the same changes without some of them. The checkers are about changes with their
// values, so each change that lacks some is looked at as it was when its values were dropped: everything else of it has to be the
// same. What may lack values is what was dropped somewhere, and the values of heads never are.

extension Simulation {
  /// A machine lets go of what was replaced, as far as the hub says that everybody has it.
  func compact() async throws -> String? {
    let index = Int.random(in: machines.indices, using: &generator)
    let replica = machines[index].replica
    let acknowledged: Vector
    do throws(SyncError) {
      acknowledged = try await HubSetup.acknowledged(
        of: replica, root: root, over: direct(index))
    } catch {
      return nil
    }
    let before = try replica.allChanges()
    let blobs = try heldBlobs(replica, before)
    let terms = CompactionTerms(
      acknowledged: acknowledged, replacedUpTo: UInt64(time.withLock { $0 }))
    let report = try replica.compact(terms, at: UInt64(time.withLock { $0 }))
    guard report.valueCount > 0 || report.blobCount > 0 else { return nil }
    let after = Dictionary(try replica.allChanges().map { ($0.dot, $0) }) { first, _ in first }
    for change in before where after[change.dot] != change && !change.lacksValues {
      originals[change.dot, default: []].append(change)
    }
    history.letGo.formUnion(blobs.subtracting(try heldBlobs(replica, before)))
    for damage in try replica.verify().damages {
      breach("compaction", "\(machines[index].name) is damaged: \(damage)")
    }
    return "\(machines[index].name), \(report.valueCount) values"
  }

  /// Returns changes as they were before values of them were dropped.
  func whole(_ changes: [Change]) -> [Change] {
    guard !originals.isEmpty else { return changes }
    return changes.map { change in
      guard change.lacksValues else { return change }
      return originals[change.dot]?.first { change.isSame(as: $0) } ?? change
    }
  }

  /// Returns what all changes that a replica holds say.
  func writes(of replica: Replica) throws -> Set<WriteSignature> {
    Set(
      whole(try replica.allChanges()).flatMap { change in
        change.writes.map { WriteSignature(change, $0) }
      })
  }

  /// Returns the large values that changes name and that a replica has.
  func heldBlobs(_ replica: Replica, _ changes: [Change]) throws -> Set<BlobID> {
    try replica.read { snapshot in
      var blobs: Set<BlobID> = []
      for case .blob(let blob) in changes.flatMap(\.writes).map(\.value)
      where try snapshot.holdsBlob(blob) {
        blobs.insert(blob)
      }
      return blobs
    }
  }
}
