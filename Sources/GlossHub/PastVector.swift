internal import GlossCore
internal import GlossWire

/// What a log held of each origin at an earlier place.
///
/// Nothing is written down for this. The last entry of an origin before the place says what was held then. Where there is none,
/// because it was dropped, the origin's next entry says where it goes on; where there is none either, the origin did not move
/// since the place, and what is held of it now was held then.
struct PastVector {
  /// The beginning of an origin's next bundle.
  struct Run {
    let first: UInt64
    let previousTip: [UInt8]
  }

  private(set) var vector: HubVector

  init(at place: Cursor) {
    vector = HubVector(origins: [:], end: place)
  }

  /// Takes in what the store knows of an origin.
  ///
  /// - Parameters:
  ///   - now: What is held of it.
  ///   - before: The end of its last entry before the place.
  ///   - after: Its first entry behind the place.
  mutating func add(
    _ origin: ReplicaID, now: HubVector.Held, before: HubVector.Held?, after: Run?
  ) {
    if let before {
      vector.origins[origin] = before
    } else if let after {
      guard after.first > 1 else { return }
      vector.origins[origin] = HubVector.Held(lastSeq: after.first - 1, tip: after.previousTip)
    } else {
      vector.origins[origin] = now
    }
  }
}
