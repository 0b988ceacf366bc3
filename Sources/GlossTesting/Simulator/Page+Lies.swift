internal import GlossCrypto
package import GlossWire

extension Page {
  /// Returns a page of these bundles behind a place in a log, with the cursor that they come to: nothing but what is in the
  /// bundles tells that the log has others.
  package static func chained(
    _ bundles: [[UInt8]], after start: Cursor?, log: [UInt8], like page: Page
  ) -> Page {
    let before = start?.hash ?? [UInt8](repeating: 0, count: 16)
    let hash = bundles.reduce(before) { hash, bundle in
      Array(sha256(hash, sha256(bundle)).prefix(16))
    }
    let index = (start?.index ?? 0) + UInt64(bundles.count)
    guard let cursor = Cursor(log: log, index: index, hash: hash) else { return page }
    var chained = page
    chained.bundles = bundles
    chained.cursor = cursor
    return chained
  }

  /// Returns what a hub that lies in this way shows instead of the page that answers a pull.
  func told(
    _ event: SimulatorEvent, after start: Cursor?, pages: [Page],
    using generator: inout SeededGenerator
  ) -> Page {
    var bundles = bundles
    switch event {
    case .older: return pages.randomElement(using: &generator) ?? self
    case .misjudged:
      var page = self
      page.hasMore.toggle()
      return page
    case .withheld:
      bundles.removeLast(Int.random(in: 0...bundles.count, using: &generator))
    case .forked:
      if let place = bundles.indices.randomElement(using: &generator) { bundles.remove(at: place) }
    case .reordered: bundles.shuffle(using: &generator)
    case .tampered:
      guard let place = bundles.indices.randomElement(using: &generator),
        let byte = bundles[place].indices.randomElement(using: &generator)
      else { return self }
      bundles[place][byte] ^= UInt8.random(in: 1...255, using: &generator)
    default: break
    }
    var page = Self.chained(bundles, after: start, log: cursor.log, like: self)
    if event == .withheld { page.hasMore = false }
    return page
  }
}
