internal import GlossCore

/// How many bundles each library may push in a minute.
///
/// A library has a bucket that a minute fills and each bundle takes one from. A push is let in while anything is left and
/// may then take more than that, so that no push is too large for ever; the library waits until the debt is paid. What is
/// not here counts as full, so a hub that starts anew begins with full buckets.
actor PushRates {
  private struct Bucket {
    var left: Double
    var milliseconds: Int64
  }

  private let perMinute: Double
  private var buckets: [LibraryID: Bucket] = [:]

  init(perMinute: Int) {
    self.perMinute = Double(perMinute)
  }

  /// Returns how many seconds a library has to wait for its next push, 0 for none.
  func wait(of library: LibraryID, now: Int64) -> Int {
    let left = left(of: library, now: now)
    guard left <= 0 else { return 0 }
    // Up to one whole bundle: after exactly the debt there would still be nothing.
    return Int(((1 - left) / perMinute * 60).rounded(.up))
  }

  /// Takes `count` bundles from a library's bucket.
  func take(_ count: Int, from library: LibraryID, now: Int64) {
    buckets[library] = Bucket(left: left(of: library, now: now) - Double(count), milliseconds: now)
    // Full ones need no place. Looked for seldom, so that it costs next to nothing a push.
    guard buckets.count >= sweepCount else { return }
    buckets = buckets.filter { left(of: $0.key, now: now) < perMinute }
    sweepCount = max(1_024, buckets.count * 2)
  }

  private var sweepCount = 1_024

  private func left(of library: LibraryID, now: Int64) -> Double {
    guard let bucket = buckets[library] else { return perMinute }
    // A clock that goes back gives nothing and takes nothing.
    let passed = Double(max(0, now - bucket.milliseconds)) / 60_000
    return min(perMinute, bucket.left + passed * perMinute)
  }
}
