internal import GlossCore
internal import GlossCrypto
internal import GlossWire

/// What a push has to know of a library's log, and what it adds.
///
/// A log is entries numbered without gaps, each with the running hash of everything up to it: h(0) is 16 zero bytes, and
/// h(n + 1) the first 16 bytes of SHA-256(h(n) || SHA-256(bundle n)). A cursor names a place by log, number and hash, so a
/// log that was restored, rewound or rewritten has no place for a cursor of before.
///
/// A store that has a log's row locked fetches its end, then what is held of the bundles' origins (``hold(_:_:)``), then
/// the tips of entries that bundles may repeat (``hold(tip:of:endingIn:)``). ``take(_:log:)`` decides without asking anybody,
/// for one push after another; what it decided is in ``entries`` and ``advanced`` to be written at once. So a store over a
/// network needs one question and one answer for a whole group of pushes.
struct LogState: Sendable {
  /// An entry to write.
  struct Entry: Sendable {
    let bundle: PushedBundle
    /// The number of entries before it.
    let index: UInt64
    /// The running hash after it.
    let hash: [UInt8]
  }

  /// The number of entries.
  private(set) var index: UInt64
  /// The running hash after them.
  private(set) var hash: [UInt8]
  /// The bytes of all that the library has: bundles and snapshots.
  private(set) var byteCount: Int
  /// The entries added, in order.
  private(set) var entries: [Entry] = []
  /// The origins whose end moved, and where it is now.
  private(set) var advanced: [ReplicaID: HubVector.Held] = [:]

  private var held: [ReplicaID: HubVector.Held] = [:]
  private var tips: [RunEnd: [UInt8]] = [:]

  private struct RunEnd: Hashable {
    let origin: ReplicaID
    let last: UInt64
  }

  /// The running hash of no entries.
  static let emptyHash = [UInt8](repeating: 0, count: 16)

  init(index: UInt64, hash: [UInt8], byteCount: Int) {
    self.index = index
    self.hash = hash
    self.byteCount = byteCount
  }

  /// Takes in what the log has of an origin.
  mutating func hold(_ origin: ReplicaID, _ end: HubVector.Held) {
    held[origin] = end
  }

  /// Takes in the tip of the entry of `origin` that ends in `last`.
  mutating func hold(tip: [UInt8], of origin: ReplicaID, endingIn last: UInt64) {
    tips[RunEnd(origin: origin, last: last)] = tip
  }

  /// Whether the bundle ends at or below what is held, so that the tip of the entry that ends there decides.
  func mayRepeat(_ header: BundleHeader) -> Bool {
    held[header.origin].map { header.last <= $0.lastSeq } ?? false
  }

  /// Appends what was pushed, and answers it.
  ///
  /// - Parameters:
  ///   - push: One whose cursor is a place in the log.
  ///   - name: The log's name.
  ///   - epoch: The newest of the library's keyring.
  mutating func take(_ push: Push, log name: [UInt8], epoch: UInt32) -> Written {
    let count = entries.count
    let problem = append(push.bundles, byteLimit: push.libraryByteLimit)
    let page = problem == nil ? page(answering: push, log: name, epoch: epoch) : nil
    return Written(
      problem: problem, hasAppended: entries.count > count, page: page, end: index)
  }

  /// Returns the page that answers a push, or `nil` where its reader lacks more than was added here.
  private func page(answering push: Push, log name: [UInt8], epoch: UInt32) -> Page? {
    let firstIndex = index - UInt64(entries.count)
    let start = push.cursor?.index ?? 0
    guard start >= firstIndex else { return nil }
    var assembly = PageAssembly(
      after: push.cursor, byteLimit: push.pageByteLimit, leavingOut: push.runs)
    var bundles: [[UInt8]] = []
    for entry in entries.dropFirst(Int(clamping: start - firstIndex)) where !assembly.isFull {
      let bytes = entry.bundle.bytes
      let verdict = assembly.offer(entry.bundle.run, byteCount: bytes.count, hash: entry.hash)
      if verdict == .included { bundles.append(bytes) }
    }
    return assembly.page(of: bundles, log: name, epoch: epoch)
  }

  /// Appends the bundles, in order, up to the first that cannot follow.
  ///
  /// - Parameter byteLimit: How many bytes the library may have, or `nil` for any number.
  /// - Returns: Why that one cannot; `nil` where every bundle is held now.
  private mutating func append(_ bundles: [PushedBundle], byteLimit: Int?) -> Problem? {
    for bundle in bundles {
      let header = bundle.header
      let end = held[header.origin]
      if mayRepeat(header) {
        let tip = tips[RunEnd(origin: header.origin, last: header.last)]
        guard tip == nil || tip == header.tip else { return .fork(header, end) }
        continue
      }
      guard header.first == (end?.lastSeq ?? 0) + 1 else { return .gap(header, end) }
      if let end, header.previousTip != end.tip { return .fork(header, end) }
      if let byteLimit, byteCount + bundle.bytes.count > byteLimit {
        return .quotaExceeded(byteLimit)
      }
      byteCount += bundle.bytes.count
      hash = Array(sha256(hash, bundle.digest).prefix(16))
      entries.append(Entry(bundle: bundle, index: index, hash: hash))
      index += 1
      let newEnd = HubVector.Held(lastSeq: header.last, tip: header.tip)
      held[header.origin] = newEnd
      advanced[header.origin] = newEnd
      hold(tip: header.tip, of: header.origin, endingIn: header.last)
    }
    return nil
  }
}

extension Problem {
  fileprivate static func gap(_ header: BundleHeader, _ held: HubVector.Held?) -> Problem {
    refusal(.bundleGap, "changes \(header.first) to \(header.last) do not follow", header, held)
  }

  fileprivate static func fork(_ header: BundleHeader, _ held: HubVector.Held?) -> Problem {
    refusal(
      .bundleFork, "changes \(header.first) to \(header.last) contradict what is held", header, held
    )
  }

  private static func refusal(
    _ type: Problem.Kind, _ detail: String, _ header: BundleHeader, _ held: HubVector.Held?
  ) -> Problem {
    Problem(
      type, status: 409, detail: detail,
      held: Problem.Held(
        origin: header.origin.bytes, lastSeq: held?.lastSeq ?? 0, tip: held?.tip ?? []))
  }
}
