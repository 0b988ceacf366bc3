internal import GlossCore
internal import GlossCrypto
internal import GlossWire

/// Goes through a library's log as it is stored, and says what is not as it should be.
///
/// Everything is computed anew from the bundles themselves: the running hash, and for each origin that its runs follow one
/// another without gaps and that each begins with the tip that the one before ends in.
struct LogAudit {
  /// An entry as it is stored.
  struct Entry {
    let index: UInt64
    let origin: [UInt8]
    let first: UInt64
    let last: UInt64
    let tip: [UInt8]
    let hash: [UInt8]
    let body: [UInt8]
  }

  /// What was found so far, in the order of the log.
  var findings: [HubFinding] = []
  private(set) var entryCount = 0
  private(set) var snapshotCount = 0
  private(set) var byteCount = 0

  private let library: LibraryID
  /// Whether entries in front were dropped, of origins maybe that have none behind.
  private let isCut: Bool
  private var index: UInt64
  private var hash: [UInt8]
  private var ends: [[UInt8]: (last: UInt64, tip: [UInt8])] = [:]

  /// - Parameters:
  ///   - index: The number of entries before the first that is kept.
  ///   - hash: The running hash there.
  init(of library: LibraryID, index: UInt64 = 0, hash: [UInt8] = LogState.emptyHash) {
    self.library = library
    isCut = index > 0
    self.index = index
    self.hash = hash
  }

  /// Takes in the next entry.
  mutating func take(_ entry: Entry) {
    entryCount += 1
    byteCount += entry.body.count
    if entry.index != index {
      findings.append(.missingEntries(library, from: index, before: entry.index))
    } else if Array(sha256(hash, sha256(entry.body)).prefix(16)) != entry.hash {
      findings.append(.wrongHash(library, index: entry.index))
    }
    // Goes on from what is written, so that one fault is one finding.
    index = entry.index + 1
    hash = entry.hash
    guard let header = try? BundleHeader(of: entry.body), header.library == library,
      header.origin.bytes == entry.origin, header.first == entry.first,
      header.last == entry.last, header.tip == entry.tip
    else {
      findings.append(.alteredBundle(library, index: entry.index))
      ends[entry.origin] = (entry.last, entry.tip)
      return
    }
    let end = ends[entry.origin]
    if let end, header.first != end.last + 1 {
      findings.append(
        .brokenRun(library, origin: header.origin, after: end.last, first: header.first))
    } else if let end, header.previousTip != end.tip {
      findings.append(.brokenChain(library, origin: header.origin, first: header.first))
    }
    ends[entry.origin] = (header.last, header.tip)
  }

  /// Compares an origin's end with what the store has written down of it.
  mutating func check(_ origin: ReplicaID, last: UInt64, tip: [UInt8]) {
    guard let end = ends[origin.bytes] else {
      if !isCut { findings.append(.wrongEnd(library, origin: origin)) }
      return
    }
    if end != (last, tip) { findings.append(.wrongEnd(library, origin: origin)) }
  }

  /// Takes in the pieces of a snapshot, by their numbers and sizes.
  ///
  /// - Parameter pieceCount: How many it has besides its head, or `nil` where it is still being sent.
  mutating func take(piecesOf snapshot: SnapshotID, _ sizes: [Int64: Int], pieceCount: Int64?) {
    byteCount += sizes.values.reduce(0, +)
    guard let pieceCount else { return }
    snapshotCount += 1
    guard sizes.keys.sorted() != Array(0...pieceCount) else { return }
    findings.append(.incompleteSnapshot(library, snapshot))
  }
}
