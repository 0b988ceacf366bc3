internal import GlossCore
internal import GlossStore
internal import GlossWire

/// What a sync would do, as far as that can be known without doing it.
public struct SyncPreview: Equatable, Sendable {
  /// The changes that the hub lacks, those of other machines among them that it lost.
  public var changesToSend = 0
  /// Their bytes as they travel.
  public var bytesToSend = 0
  /// The large values that the hub is not known to have, and their bytes.
  public var blobsToSend = 0
  public var blobBytesToSend = 0
  /// The changes that the hub has and this replica does not.
  public var changesToReceive = 0
  /// Their bytes as they travel, as far as the hub tells with one page; `nil` where its log is not the one that was read before.
  public var bytesToReceive: Int?
  /// Whether there are more bytes than that.
  public var hasMoreToReceive = false
  /// The large values that changes name and that are not here.
  public var blobsToReceive = 0

  public init() {}
}

extension SyncEngine {
  /// Asks the hub what it holds, and counts. Nothing is written here, and the hub learns of nothing but of being asked.
  ///
  /// One page is fetched and not applied. No second one is: to ask for it would say that the first is held.
  public func preview() async throws(SyncError) -> SyncPreview {
    guard let remote = try stored({ try replica.remote() }) else { throw .notConnected }
    var requests = 0
    let reply = try await send(
      .vector(replica.library), credential: remote.credential, counting: &requests)
    guard case .vector(let hub) = reply else { throw .unexpectedReply }
    let vector = try stored { try replica.read { try $0.vector() } }
    var preview = SyncPreview()
    let unsent = try stored { try replica.read { try $0.unsent() } }
    preview.blobsToSend = unsent.blobCount
    preview.blobBytesToSend = unsent.blobByteCount
    preview.blobsToReceive = try stored { try replica.wantedBlobCount() }
    for origin in vector.replicas.sorted() {
      try addToSend(origin, from: hub.origins[origin]?.lastSeq ?? 0, upTo: vector[origin], &preview)
    }
    // What is here and could not be taken in yet does not come again.
    let aside = try stored { try replica.setAside() }
    for (origin, held) in hub.origins {
      let waiting = aside.filter { $0.origin == origin && $0.last > vector[origin] }
        .reduce(0) { $0 + Int(clamping: $1.last - max($1.first, vector[origin] + 1) + 1) }
      let lacking = held.lastSeq - min(held.lastSeq, vector[origin])
      preview.changesToReceive += max(0, Int(clamping: lacking) - waiting)
    }
    try await addPage(remote, vector, &preview)
    return preview
  }

  private func addToSend(
    _ origin: ReplicaID, from held: UInt64, upTo last: UInt64, _ preview: inout SyncPreview
  ) throws(SyncError) {
    var next = held + 1
    while next <= last {
      let run = try stored {
        try replica.run(of: origin, from: next, byteLimit: SyncSession.bundleByteLimit)
      }
      guard let run else { return }
      preview.changesToSend += run.content.changes.count
      preview.bytesToSend += seal(run).count
      next = run.last + 1
    }
  }

  private func addPage(
    _ remote: Remote, _ vector: Vector, _ preview: inout SyncPreview
  ) async throws(SyncError) {
    var requests = 0
    let reply: HubReply
    do throws(SyncError) {
      reply = try await send(
        .pull(replica.library, after: remote.cursor), credential: remote.credential,
        counting: &requests)
    } catch .hub(.refused(let problem))
      where [.cursorUnknown, .compacted].contains(problem.type)
    {
      return
    }
    guard case .page(let page) = reply else { throw .unexpectedReply }
    preview.bytesToReceive = page.bundles.reduce(0) { sum, bundle in
      guard let header = try? BundleHeader(of: bundle), header.last <= vector[header.origin] else {
        return sum + bundle.count
      }
      return sum
    }
    preview.hasMoreToReceive = page.hasMore
  }
}
