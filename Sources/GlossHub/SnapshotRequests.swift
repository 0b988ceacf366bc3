internal import GlossCore

/// Whom a hub asked for a snapshot, and when it last tidied up, for each library. It is kept in memory: a hub that starts anew
/// asks once more, and looks once more.
actor SnapshotRequests {
  private let bundleCount: UInt64
  private var askedByLibrary: [LibraryID: Int64] = [:]
  /// Where the newest snapshot ended when it was looked for last.
  private var snapshotByLibrary: [LibraryID: UInt64] = [:]
  private var tidiedByLibrary: [LibraryID: Int64] = [:]

  /// For how long nobody else is asked, in milliseconds.
  static let patienceMilliseconds: Int64 = 10 * 60 * 1_000

  /// How often a library is looked at for what can be let go of, in milliseconds.
  static let tidyingMilliseconds: Int64 = 60 * 60 * 1_000

  /// - Parameter bundleCount: After how many entries behind the newest snapshot the next one is asked for; 0 for never.
  init(bundleCount: Int) {
    self.bundleCount = UInt64(bundleCount)
  }

  /// Whether a device of this library may have to be asked, that is sent the log up to `index`, its end; then nobody else is
  /// for a while.
  func mayAsk(of library: LibraryID, at index: UInt64, now: Int64) -> Bool {
    guard bundleCount > 0, index >= (snapshotByLibrary[library] ?? 0) + bundleCount else {
      return false
    }
    return Self.isDue(library, &askedByLibrary, every: Self.patienceMilliseconds, now)
  }

  /// Whether it is asked, given where the newest snapshot ends: `nil` where there is none.
  func asks(of library: LibraryID, at index: UInt64, snapshot: UInt64?) -> Bool {
    if snapshotByLibrary.count >= Self.libraryLimit { snapshotByLibrary = [:] }
    snapshotByLibrary[library] = snapshot
    if index >= (snapshot ?? 0) + bundleCount { return true }
    askedByLibrary[library] = nil
    return false
  }

  /// Whether to tidy the library up now; then not again for a while.
  func mayTidy(_ library: LibraryID, now: Int64) -> Bool {
    Self.isDue(library, &tidiedByLibrary, every: Self.tidyingMilliseconds, now)
  }

  /// How many libraries are remembered before those are forgotten that need not be.
  private static let libraryLimit = 1_024

  private static func isDue(
    _ library: LibraryID, _ times: inout [LibraryID: Int64], every interval: Int64, _ now: Int64
  ) -> Bool {
    if let last = times[library], last > now - interval, last <= now { return false }
    // What is over needs no entry, so that the number of those stays that of the libraries in use.
    if times.count >= libraryLimit { times = times.filter { $0.value > now - interval } }
    times[library] = now
    return true
  }
}
