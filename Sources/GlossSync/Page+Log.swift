internal import GlossCrypto
internal import GlossWire

// The log's running hash: 16 zero bytes at the start, and after each bundle the first 16 bytes of SHA-256 over the hash before
// and the bundle's SHA-256. So a cursor vouches for every bundle before it, and a page that leaves one out, adds one or moves
// one does not come to its own cursor.

extension Page {
  /// Whether the page holds every bundle of the log between a place and its cursor, in order.
  ///
  /// - Parameters:
  ///   - start: Where the page was asked to begin.
  ///   - pushed: The bundle of the request, which a hub leaves out of the page that answers it. A hub that had it before,
  ///     sealed with another salt, leaves that one out, and then this is `false`.
  func isWhole(after start: Cursor?, leavingOut pushed: [UInt8]? = nil) -> Bool {
    let firstIndex = start?.index ?? 0
    guard start == nil || start?.log == cursor.log, cursor.index >= firstIndex else { return false }
    // Otherwise a hub could have its clients ask for ever.
    guard !hasMore || cursor.index > firstIndex else { return false }
    let digests = bundles.map { sha256($0) }
    var hashes = [start?.hash ?? [UInt8](repeating: 0, count: 16)]
    for digest in digests {
      hashes.append(Self.hash(after: hashes[hashes.count - 1], digest))
    }
    let count = cursor.index - firstIndex
    if count == UInt64(digests.count) { return hashes.last == cursor.hash }
    guard let pushed, count == UInt64(digests.count) + 1 else { return false }
    let digest = sha256(pushed)
    // The bundle is the last one, unless others pushed between the hub's writing and its reading.
    return hashes.indices.suffix(Self.latecomers).reversed().contains { place in
      digests[place...].reduce(Self.hash(after: hashes[place], digest), Self.hash) == cursor.hash
    }
  }

  /// How many bundles behind the pushed one are allowed for.
  private static let latecomers = 8

  private static func hash(after hash: [UInt8], _ digest: [UInt8]) -> [UInt8] {
    Array(sha256(hash, digest).prefix(16))
  }
}
