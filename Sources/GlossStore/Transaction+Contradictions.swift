internal import GlossCore
internal import GlossWire

// Whether a bundle has what is here
// =================================
//
// A replica's changes are numbered, so two histories of one replica differ in a change of one number. Tips tell that they do, and
// the changes themselves where: it is looked for only where tips differ, or where none is known because values were dropped.
//
// Within a run that values were dropped from (`Transaction+Thin.swift`) nothing could be cut off, for want of a tip. Who agrees up to
// there and has the values tells it.

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
    guard isCurrent || agreedSeq < min(held, header.last),
      try canCut(header.origin, at: agreedSeq, given: bundle)
    else { return }
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

  /// Refuses a bundle that has other changes of the numbers that are held, where these can be made again: where a tip is known.
  func checkHeld(
    _ bundle: ReceivedBundle, held: UInt64, _ commitment: ([UInt8]) -> [UInt8]
  ) throws(StoreError) {
    guard bundle.header.first <= held,
      let agreedSeq = try agreedSeq(with: bundle, held: held, commitment),
      agreedSeq < min(held, bundle.header.last),
      try canCut(bundle.header.origin, at: agreedSeq, given: bundle)
    else { return }
    throw .contradicted(bundle.header.origin, agreedSeq: agreedSeq)
  }

  /// Whether what is held behind a number can be made again: the tip there is known, or a bundle tells it.
  private func canCut(
    _ origin: ReplicaID, at seq: UInt64, given bundle: ReceivedBundle
  ) throws(StoreError) -> Bool {
    if try tip(of: origin, at: seq) != nil { return true }
    return try toldTip(of: origin, at: seq, by: [bundle]) != nil
  }

  /// Ends a run that values were dropped from at a number up to which bundles agree with it, if they tell the tip there.
  func learnTip(
    of origin: ReplicaID, at seq: UInt64, from bundles: [ReceivedBundle]
  ) throws(StoreError) {
    guard try tip(of: origin, at: seq) == nil,
      let run = try thinRun(of: origin, around: seq),
      let start = try tip(of: origin, at: run.lowerBound - 1),
      let tip = try toldTip(of: origin, at: seq, by: bundles)
    else { return }
    try forgetThin(origin, within: run)
    try noteThinIfLacking(origin, run.lowerBound...seq, after: start)
    try noteThinIfLacking(origin, seq + 1...run.upperBound, after: tip)
    try keepTip(tip, of: origin, at: seq)
  }

  /// Returns the tip of a replica's at a number that bundles of its changes come to, from a tip that is known on.
  private func toldTip(
    of origin: ReplicaID, at seq: UInt64, by bundles: [ReceivedBundle]
  ) throws(StoreError) -> [UInt8]? {
    var told: (seq: UInt64, tip: [UInt8])?
    for bundle in bundles where bundle.header.origin == origin && bundle.header.first <= seq {
      guard case .success(let content) = bundle.content else { continue }
      let before = bundle.header.first - 1
      let known = try told?.seq == before ? told?.tip : tip(of: origin, at: before)
      if let stated = content.statedTip {
        guard bundle.header.last <= seq else { continue }
        told = (bundle.header.last, stated)
      } else if let known {
        let changes = content.changes.prefix { $0.dot.seq <= seq }
        told = (before + UInt64(changes.count), changes.reduce(known) { tip(after: $0, $1) })
      }
      if let told, told.seq == seq { return told.tip }
    }
    return nil
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
