internal import GlossCore
internal import GlossWire

// Whether a bundle has what is here
// =================================
//
// A replica's changes are numbered, so two histories of one replica differ in a change of one number. Tips tell that they do, and
// the changes themselves where: it is looked for only where tips differ, or where none is known because values were dropped.

extension Transaction {
  /// Refuses a bundle of changes that were made as this replica, or as one that this file was, and not by this file.
  ///
  /// What the file made as another replica before may go on elsewhere: that is where the copy came from.
  func checkOwn(
    _ bundle: ReceivedBundle, held: UInt64, _ commitment: ([UInt8]) -> [UInt8]
  ) throws(StoreError) {
    let header = bundle.header
    let isCurrent = try header.origin == ownID()
    if header.last <= held,
      try hasTip(header.tip, of: header.origin, at: header.last, commitment) == true
    {
      return
    }
    guard case .success = bundle.content else { return }
    let agreedSeq = try agreedSeq(with: bundle, held: held, commitment) ?? 0
    if agreedSeq == header.last, try tip(of: header.origin, at: header.last) == nil { return }
    guard isCurrent || agreedSeq < min(held, header.last) else { return }
    throw .contradicted(header.origin, agreedSeq: agreedSeq)
  }

  /// Whether a bundle that ends within what is held has nothing else than that.
  func isRepeat(
    _ bundle: ReceivedBundle, held: UInt64, _ commitment: ([UInt8]) -> [UInt8]
  ) throws(StoreError) -> Bool {
    let (origin, last) = (bundle.header.origin, bundle.header.last)
    if let isSame = try hasTip(bundle.header.tip, of: origin, at: last, commitment) {
      return isSame
    }
    return try agreedSeq(with: bundle, held: held, commitment) ?? last >= last
  }

  /// Refuses a bundle that has other changes of the numbers that are held, where these can be made again: within a run that
  /// values were dropped from no tip is known, so nothing can be cut off there.
  func checkHeld(
    _ bundle: ReceivedBundle, held: UInt64, _ commitment: ([UInt8]) -> [UInt8]
  ) throws(StoreError) {
    guard bundle.header.first <= held,
      let agreedSeq = try agreedSeq(with: bundle, held: held, commitment),
      agreedSeq < min(held, bundle.header.last),
      try tip(of: bundle.header.origin, at: agreedSeq) != nil
    else { return }
    throw .contradicted(bundle.header.origin, agreedSeq: agreedSeq)
  }

  /// Returns the last change that a bundle and what is held agree on, `nil` where the bundle does not tell.
  private func agreedSeq(
    with bundle: ReceivedBundle, held: UInt64, _ commitment: ([UInt8]) -> [UInt8]
  ) throws(StoreError) -> UInt64? {
    let (header, before) = (bundle.header, bundle.header.first - 1)
    guard case .success(let content) = bundle.content, before <= held,
      try hasTip(header.previousTip, of: header.origin, at: before, commitment) ?? true
    else { return nil }
    let own = try changes(of: header.origin, from: header.first)
    return before + UInt64(zip(own, content.changes).prefix { $0.isSame(as: $1) }.count)
  }

  /// Whether the tip at a number that is held is this one. Within a run that values were dropped from no tip is known: `nil`.
  private func hasTip(
    _ commitmentGiven: [UInt8], of origin: ReplicaID, at seq: UInt64,
    _ commitment: ([UInt8]) -> [UInt8]
  ) throws(StoreError) -> Bool? {
    guard let tip = try tip(of: origin, at: seq) else { return nil }
    return commitment(tip) == commitmentGiven
  }
}
