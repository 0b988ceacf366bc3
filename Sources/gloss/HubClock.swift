internal import Gloss
internal import GlossCore
internal import GlossStore

/// What a hub's replies say of its clock, held against this machine's.
final class HubClock: Sendable {
  private let smallest = Locked<Int64?>(nil)

  /// From this difference on a person is told, in milliseconds: merging looks at times to choose what is shown first.
  static let limit: Int64 = 2 * 60_000

  /// Takes in the date of a reply that came a moment ago.
  func note(_ date: String, at now: UInt64) {
    guard let said = CivilTime.milliseconds(ofHTTPDate: date) else { return }
    // A date is in whole seconds, and a reply takes a while.
    let ahead = now > said + 1_000 ? Int64(clamping: now - said - 1_000) : 0
    let difference = now < said ? -Int64(clamping: said - now) : ahead
    smallest.withLock { $0 = $0.map { abs($0) < abs(difference) ? $0 : difference } ?? difference }
  }

  /// How far this machine's clock is ahead of the hub's, in milliseconds: the smallest difference that a reply said, because a reply
  /// that took long says too much. `nil` before the first.
  var difference: Int64? { smallest.withLock(\.self) }

  /// `3 min ahead of the hub's`; `nil` where the clocks agree as far as can be known.
  static func words(for difference: Int64?) -> String? {
    guard let difference, abs(difference) >= 2_000 else { return nil }
    return Shown.duration(difference.magnitude)
      + (difference > 0 ? " ahead of the hub's" : " behind the hub's")
  }
}
