internal import GlossWire

/// Which entries of a log go into a page.
///
/// A store offers entries in order, from the cursor's place on, until one does not fit.
struct PageAssembly {
  enum Verdict {
    /// The entry is in the page.
    case included
    /// The reader has it: the page's cursor passes it.
    case passed
    /// The page ends before it.
    case full
  }

  /// The number of entries before the page's end.
  private(set) var index: UInt64
  /// The running hash there.
  private(set) var hash: [UInt8]
  /// Whether an entry did not fit.
  private(set) var isFull = false

  private let byteLimit: Int
  private let runs: Set<PushedBundle.Run>
  private var count = 0
  private var byteCount = 0

  /// - Parameters:
  ///   - cursor: A place in the log, `nil` for its start.
  ///   - runs: The bundles that the reader has.
  init(after cursor: Cursor?, byteLimit: Int, leavingOut runs: Set<PushedBundle.Run>) {
    index = cursor?.index ?? 0
    hash = cursor?.hash ?? LogState.emptyHash
    self.byteLimit = byteLimit
    self.runs = runs
  }

  /// Decides about the next entry.
  ///
  /// - Parameter hash: The running hash after it.
  mutating func offer(_ run: PushedBundle.Run, byteCount: Int, hash: [UInt8]) -> Verdict {
    let isPassed = runs.contains(run)
    if !isPassed {
      self.byteCount += byteCount
      isFull = count > 0 && self.byteCount > byteLimit
      if isFull { return .full }
      count += 1
    }
    index += 1
    self.hash = hash
    return isPassed ? .passed : .included
  }

  /// Returns the page with the bundles of the entries that were included, of the log of this name, or `nil` where a name or a
  /// hash has not 16 bytes.
  ///
  /// - Parameter epoch: The newest of the library's keyring.
  func page(of bundles: [[UInt8]], log: [UInt8], epoch: UInt32) -> Page? {
    Cursor(log: log, index: index, hash: hash).map {
      Page(bundles: bundles, cursor: $0, hasMore: isFull, epoch: epoch)
    }
  }
}
