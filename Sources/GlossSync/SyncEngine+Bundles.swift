internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossWire

// Runs of changes on their way to a hub, and bundles on their way from it.

extension SyncEngine {
  func seal(_ run: ChangeRun) -> [UInt8] {
    let header = BundleHeader(
      library: replica.library, epoch: sealer.currentEpoch, origin: run.origin, first: run.first,
      last: run.last, previousTip: sealer.commitment(toTip: run.previousTip),
      tip: sealer.commitment(toTip: run.tip))
    return seal(run.content, behind: header)
  }

  func seal(_ content: BundleContent, behind header: BundleHeader) -> [UInt8] {
    let bytes = header.bytes
    return bytes
      + sealer.seal(
        content.encoded(), as: .bundle, authenticating: bytes, epoch: header.epoch,
        using: &generator)
  }

  /// Opens a bundle, as far as it can be opened.
  ///
  /// - Throws: Where it has no header of this library's: a hub takes in no such bundle.
  func receive(_ bundle: [UInt8]) throws(SyncError) -> ReceivedBundle {
    let header: BundleHeader
    do {
      header = try BundleHeader(of: bundle)
    } catch .unknownSuite {
      throw .hub(.refused(.newerSuite))
    } catch {
      throw .hub(.notOurs("a bundle has no header: \(error)"))
    }
    guard header.library == replica.library else {
      throw .hub(.notOurs("a bundle is of another library"))
    }
    let content: Result<BundleContent, SetAside.Reason>
    do {
      let opened = try sealer.open(
        bundle[BundleHeader.byteCount...], as: .bundle, authenticating: header.bytes,
        epoch: header.epoch)
      content = .success(try BundleContent(decoding: opened, of: header))
    } catch let error as SealError {
      content = .failure(SetAside.Reason(error))
    } catch BundleContent.Malformed.newerVersion {
      content = .failure(.newer)
    } catch {
      content = .failure(.malformed)
    }
    return ReceivedBundle(header: header, bytes: bundle, content: content)
  }

  /// Pushes bundles that could not be taken in here, for others that can, to a hub that lost them.
  ///
  /// A bundle that the hub does not take in, because what is before it is nowhere or somebody was faster, stays set aside.
  func pushSetAside(
    after cursor: Cursor?, _ conversation: inout Conversation
  ) async throws(SyncError) {
    var refused: Set<ReplicaID> = []
    for aside in conversation.asideToPush where !refused.contains(aside.origin) {
      guard let bytes = try stored({ try replica.bytes(of: aside) }) else { continue }
      do throws(SyncError) {
        _ = try await send(
          .push(replica.library, bundles: [bytes], after: cursor), &conversation)
      } catch .hub(.refused(let problem))
        where [.bundleGap, .bundleFork].contains(problem.type)
      {
        refused.insert(aside.origin)
      }
    }
    conversation.asideToPush = []
    conversation.session.didPushSetAside()
  }

  /// Keeps how far the hub is with this replica's changes, where they are the same ones.
  func acknowledge(_ held: HubVector.Held?) throws(SyncError) {
    guard let held else { return }
    try stored {
      let tip = try replica.tip(of: replica.id, at: held.lastSeq)
      guard let tip, sealer.commitment(toTip: tip) == held.tip else { return }
      try replica.acknowledge(held.lastSeq, tip: tip)
    }
  }

  /// Whether what a hub holds of an origin is a place in the run that is held here.
  func isOurs(_ held: Problem.Held?) throws(SyncError) -> Bool {
    guard let held, let origin = ReplicaID(bytes: held.origin) else { return false }
    let tip = try stored { try replica.tip(of: origin, at: held.lastSeq) }
    return held.lastSeq == 0 || tip.map(sealer.commitment(toTip:)) == held.tip
  }
}

extension Problem {
  /// What a replica reports of a bundle of a suite that it does not know.
  fileprivate static let newerSuite = Problem(
    .upgradeRequired, status: 406, detail: "A bundle was sealed in a newer way.")
}

extension SetAside.Reason {
  /// Why what does not open cannot be taken in.
  init(_ error: SealError) {
    self =
      switch error {
      case .truncated: .truncated
      case .unknownEpoch: .unknownEpoch
      case .wrongKey: .wrongKey
      case .tampered: .tampered
      case .badPadding: .badPadding
      }
  }
}
