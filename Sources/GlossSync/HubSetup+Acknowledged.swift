public import GlossCore
internal import GlossCrypto
public import GlossSeal
public import GlossStore
public import GlossWire

// What everybody has
// ==================
//
// The hub notes with which cursor each device asked last: it has applied the log up to there. What the hub held at the least of
// those places is what every device has, this one's own place aside, for it knows better what it holds. A device that never
// asked has nothing. So whoever is let in and stays away holds back everything that came since, until it comes or is revoked.
//
// The hub may say what it likes here. Compaction drops values and no changes, and only what is held here counts, so the worst
// that a hub can bring about is that this replica lets go of the past of what others have not seen yet; they come to the same state.

extension HubSetup {
  /// Returns what every device that the hub lets in has applied, as far as this replica holds it.
  ///
  /// - Parameter root: The library's root key, by which what the hub has is told from other changes of the same numbers, where this
  ///   file or another one is a copy and nobody knows it yet. Without it, where a passphrase locks it, numbers alone count.
  /// - Throws: `.notConnected` without a hub, `.store`, or `.hub`.
  public static func acknowledged(
    of replica: Replica, root: RootKey?, over transport: any HubTransport
  ) async throws(SyncError) -> Vector {
    let credential = try credential(of: replica)
    let own = sha256(Array(credential.utf8))
    let list = try await request(.devices(replica.library), credential: credential, transport)
    guard case .devices(let devices) = list else { throw .unexpectedReply }
    var held = try await vector(of: replica, at: nil, credential, transport)
    let least = devices.filter { $0.tokenDigest != own }.map(\.appliedIndex).min()
    if let least, least < held.end.index {
      guard least > 0 else { return Vector() }
      do throws(SyncError) {
        held = try await vector(of: replica, at: least, credential, transport)
      } catch .hub(.refused(let problem)) where problem.type == .compacted {
        // It takes in a snapshot when it comes: until then nobody can say what it has.
        return Vector()
      }
      // A hub of before this question answers as of now.
      guard held.end.index == least else { return Vector() }
    }
    let (vector, pushed) = try stored(replica) {
      (try replica.read { try $0.vector() }, try replica.pushedSeqByReplica())
    }
    let sealer = root.map { Sealer(root: $0, library: replica.library) }
    var acknowledged = Vector()
    for (origin, end) in held.origins {
      if let sealer,
        let tip = try stored(replica, { try replica.tip(of: origin, at: end.lastSeq) }),
        sealer.commitment(toTip: tip) != end.tip
      {
        continue
      }
      // Of its own changes no more than it sent: another copy of the file may have sent others of these numbers.
      let own = pushed[origin] ?? .max
      acknowledged[origin] = min(end.lastSeq, vector[origin], own)
    }
    return acknowledged
  }

  private static func vector(
    of replica: Replica, at index: UInt64?, _ credential: String, _ transport: any HubTransport
  ) async throws(SyncError) -> HubVector {
    let reply = try await request(
      .vector(replica.library, at: index), credential: credential, transport)
    guard case .vector(let vector) = reply else { throw .unexpectedReply }
    return vector
  }
}
