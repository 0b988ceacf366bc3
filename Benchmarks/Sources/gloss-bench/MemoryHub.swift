import Crypto
import GlossCore
import GlossWire

/// A hub that keeps its log in memory and checks nothing: what a replica's own work costs, without anybody else's.
actor MemoryHub: HubTransport {
  private var log: [[UInt8]] = []
  /// The running hash before each entry, and after the last.
  private var hashes = [[UInt8](repeating: 0, count: 16)]

  /// The bytes of all bundles.
  var byteCount: Int { log.reduce(0) { $0 + $1.count } }

  func send(_ request: HubRequest) throws(HubFailure) -> HubReply {
    switch request.action {
    case .push(_, let bundles, _):
      for bundle in bundles { append(bundle) }
      return .page(page(from: log.count, to: log.count))
    case .pull(_, let cursor, _):
      let start = Int(cursor?.index ?? 0)
      return .page(page(from: start, to: min(start + 1, log.count)))
    case .latestSnapshot:
      throw .refused(Problem(.noSnapshot, status: 404, detail: "this hub keeps none"))
    default:
      return .done
    }
  }

  private func append(_ bundle: [UInt8]) {
    log.append(bundle)
    let digest = Array(SHA256.hash(data: bundle))
    hashes.append(Array(SHA256.hash(data: hashes[hashes.count - 1] + digest).prefix(16)))
  }

  private func page(from start: Int, to end: Int) -> Page {
    let name = [UInt8](repeating: 1, count: 16)
    guard let cursor = Cursor(log: name, index: UInt64(end), hash: hashes[end]) else {
      fatalError("a cursor's parts have 16 bytes")
    }
    return Page(bundles: Array(log[start..<end]), cursor: cursor, hasMore: end < log.count)
  }
}
