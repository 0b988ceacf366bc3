internal import GlossWire

/// Where a library's keyring ends, which decides what may be put behind it.
///
/// The hub keeps entries as they come and cannot read them: who may open them, and whether they are any good, the devices
/// see.
struct KeyringHead: Sendable {
  /// The newest epoch, 0 where no entry is there: the first epoch has none.
  let newest: UInt32

  /// Returns whether an entry is to be kept: not where this very one is there.
  ///
  /// - Parameter held: The entry that is there of the same epoch.
  /// - Throws: `keyringConflict`.
  func admits(
    _ entry: [UInt8], of epoch: UInt32, held: [UInt8]?
  ) throws(Problem) -> Bool {
    if let held, held == entry { return false }
    guard held == nil, epoch == max(newest, 1) + 1 else { throw .keyringConflict }
    return true
  }

  /// Returns the first epoch that is missing between the first and the last of a keyring, whose epochs are in order.
  static func missingEpoch(in epochs: [UInt32]) -> UInt32? {
    zip(epochs, UInt32(2)...).first { $0 != $1 }?.1
  }

  /// Returns how many of the entries, of these sizes and in order, fit a reply: one at least.
  static func count(of byteCounts: [Int], byteLimit: Int) -> Int {
    var sum = 0
    let fitting = byteCounts.prefix { byteCount in
      sum += byteCount
      return sum <= byteLimit
    }
    return max(fitting.count, min(byteCounts.count, 1))
  }
}
