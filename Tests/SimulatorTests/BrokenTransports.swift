import GlossCore
import GlossStore
import GlossTesting
import GlossWire

/// A hub, as one machine or all see it, that serves the bundles of a page one replica after the other. The running hash fits what it
/// serves.
final class Reordering: HubTransport {
  /// The places of the log that it says there are, and the real ones.
  final class Places: Sendable {
    fileprivate let real = Locked<[[UInt8]: Cursor]>([:])
  }

  private let base: any HubTransport
  private let places: Places

  init(base: any HubTransport, places: Places) {
    self.base = base
    self.places = places
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    switch request.action {
    case .push(let library, let bundles, let cursor):
      let action = HubRequest.Action.push(library, bundles: bundles, after: real(cursor))
      return try await base.send(HubRequest(action, credential: request.credential))
    case .pull(let library, let cursor, _):
      let action = HubRequest.Action.pull(library, after: real(cursor))
      let reply = try await base.send(HubRequest(action, credential: request.credential))
      guard case .page(var page) = reply else { return reply }
      page.wantsSnapshot = false
      // In each origin's own order, the greatest origin first.
      let origins = page.bundles.map { (try? BundleHeader(of: $0).origin.bytes) ?? [] }
      let order = page.bundles.indices.sorted {
        origins[$0] == origins[$1]
          ? $0 < $1 : origins[$1].lexicographicallyPrecedes(origins[$0])
      }
      let bundles = order.map { page.bundles[$0] }
      let told = Page.chained(bundles, after: cursor, log: page.cursor.log, like: page)
      places.real.withLock { $0[told.cursor.hash] = page.cursor }
      return .page(told)
    default: return try await base.send(request)
    }
  }

  private func real(_ cursor: Cursor?) -> Cursor? {
    cursor.map { cursor in places.real.withLock { $0[cursor.hash] } ?? cursor }
  }
}

/// Serves every bundle twice.
struct Doubling: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply = try await base.send(request)
    guard case .pull = request.action, case .page(var page) = reply else { return reply }
    page.bundles = page.bundles.flatMap { [$0, $0] }
    return .page(page)
  }
}

/// Takes in what its machine pushes, and says that there is nothing else.
struct Withholding: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    switch request.action {
    case .pull(_, let cursor?, _):
      return .page(Page(bundles: [], cursor: cursor, hasMore: false, epoch: 1))
    case .push(let library, let bundles, let cursor?):
      let action = HubRequest.Action.push(library, bundles: bundles, after: nil)
      let reply = try await base.send(HubRequest(action, credential: request.credential))
      guard case .page(let page) = reply else { return reply }
      var told = Page.chained(bundles, after: cursor, log: cursor.log, like: page)
      (told.bundles, told.hasMore, told.wantsSnapshot) = ([], false, false)
      return .page(told)
    default: return try await base.send(request)
    }
  }
}

/// A session that settles every conflict that it meets on what is displayed.
struct Settling: HubTransport {
  let base: any HubTransport
  let path: String

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let isSettled: Void? = try? settle()
    precondition(isSettled != nil, "conflicts are settled")
    return try await base.send(request)
  }

  private func settle() throws {
    var generator = SeededGenerator(seed: 1)
    let replica = try Replica.open(
      at: path, schema: SimulatedSchema.present, using: &generator)
    for conflict in try replica.read({ try $0.conflicts() }) where conflict.reason == .values {
      guard let record = try replica.read({ try $0.record(conflict.key) }),
        let value = record.values[conflict.field]
      else { continue }
      _ = try replica.write(at: 0) { edits in
        try edits.resolve(
          conflict.field, of: conflict.key, to: value, basedOn: record.basis)
      }
    }
    try replica.close()
  }
}
