internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossSync
internal import GlossWire

// The words for what goes wrong between this machine and its hub.

extension Failure {
  init(_ error: SyncError) {
    switch error {
    case .notConnected:
      self.init(
        .noMatch, "this library has no hub",
        hint: "gloss hub connect URL makes the library known to one")
    case .syncInProgress:
      self.init(
        .busy, "another gloss is syncing this library", hint: "try again when it has finished")
    case .hub(let failure): self.init(failure)
    case .store(let error): self.init(error)
    case .keyring(let error, let epoch): self.init(error, epoch: epoch)
    case .snapshotUnusable(let reason):
      self.init(
        reason == .newer ? .tooOld : .fault,
        "the hub dropped what this machine has not read, and the snapshot that it has instead "
          + (reason == .newer ? "was made by a newer gloss" : "cannot be opened"),
        hint: reason == .newer
          ? "update gloss on this machine; what is here stays"
          : "what is here stays; the next snapshot of a machine that is up to date may do")
    case .diverged(let origin, let seq):
      self.init(
        .fault, "the hub has another change \(seq) of device \(origin.shortText) than this library",
        hint:
          "a copy of that device's library was used elsewhere, or the hub is not honest; all else is synced"
      )
    }
  }

  private init(_ error: KeyringError, epoch: UInt32) {
    let again = "join again with a code from another machine: gloss pair there, gloss join here"
    switch error {
    case .notForThisDevice:
      self.init(
        .refused, "this machine has not been given the library's new key",
        hint: "\(again). What is unsent stays here until then")
    case .otherEpoch:
      self.init(
        .fault, "the hub has another key \(epoch) of the library than this machine",
        hint:
          "\(again). What is unsent stays here until then. The hub came from a backup, or is not honest"
      )
    case .newerVersion:
      self.init(
        .tooOld, "the library's key \(epoch) was made by a newer gloss",
        hint: "update gloss on this machine; what the keys that are here can open is synced")
    case .malformed, .notByAMember, .badWrap, .tampered, .badLink:
      self.init(
        .fault, "the hub's key \(epoch) of the library is not one that a machine of it made",
        hint: "what the keys that are here can open is synced; ask whoever runs the hub")
    }
  }

  init(_ failure: HubFailure) {
    switch failure {
    case .transport(let error): self.init(error)
    case .notOurs(let detail):
      self.init(
        .notOurs, "the reply is not a hub's: \(Text.line(detail, width: 160))",
        hint: "check the hub's address: gloss status shows it")
    case .refused(let problem): self.init(problem)
    }
  }

  init(_ error: TransportError) {
    let offline = "what you write is kept here and goes out with the next gloss sync"
    switch error {
    case .unreachable(let detail):
      self.init(
        .unreachable, "the hub was not reached: \(Text.line(detail, width: 160))", hint: offline)
    case .interrupted(let detail):
      self.init(
        .notOurs, "the reply was cut short: \(Text.line(detail, width: 160))",
        hint: "try again: what arrived whole is kept, and nothing is lost")
    case .timedOut: self.init(.unreachable, "the hub did not answer in time", hint: offline)
    case .insecure(let detail):
      self.init(
        .refused, "the connection is not secure: \(Text.line(detail, width: 160))",
        hint: "check the hub's address and certificate; nothing was sent")
    case .tooLarge(let limit):
      self.init(
        .notOurs, "the reply is over the limit of \(limit) bytes",
        hint: "check the hub's address: gloss status shows it")
    case .badAddress(let address):
      self.init(
        .usage, "this is not a hub's address: \(Text.line(address, width: 160))",
        hint: "an address looks like https://hub.example or http://127.0.0.1:8080")
    case .cancelled: self.init(.busy, "stopped", hint: "try again")
    }
  }

  private init(_ problem: Problem) {
    let detail = problem.detail.isEmpty ? "" : ": " + Text.line(problem.detail, width: 160)
    let wait = problem.retryAfterSeconds.map { "try again in \($0) seconds" } ?? "try again later"
    switch problem.type {
    case .unauthorised:
      self.init(
        .refused, "the hub does not accept this machine's token\(detail)",
        hint:
          "join again: gloss pair on a machine that syncs, gloss join here; if the hub lost its data, first on one machine gloss hub connect --again. What is here stays"
      )
    case .enrolmentRefused:
      self.init(
        .refused, "the hub does not accept the code\(detail)",
        hint: "a code lets one machine in; print a new one with gloss pair")
    case .registrationClosed:
      self.init(
        .refused, "the hub takes new libraries by invitation only\(detail)",
        hint: "ask whoever runs it for an invitation; each is good for one library")
    case .quotaExceeded:
      self.init(
        .refused, "the hub keeps no more for this library\(detail)",
        hint: "what you write is kept here and sent once there is room; ask whoever runs the hub")
    case .upgradeRequired:
      self.init(
        .tooOld, "the hub speaks another version of the protocol\(detail)",
        hint: "update gloss or the hub")
    case .libraryExists:
      self.init(
        .refused, "the hub has this library already\(detail)",
        hint: "run gloss pair on a machine that syncs with it, and gloss join here")
    case .slowDown, .unavailable:
      self.init(.busy, "the hub is not able to answer now\(detail)", hint: wait)
    case .notFound, .methodNotAllowed:
      self.init(
        .notOurs, "there is no such library or hub at this address\(detail)",
        hint: "check the hub's address: gloss status shows it")
    case .tooLarge:
      self.init(
        .badInput, "the hub does not take a change of this size\(detail)",
        hint: "raise the hub's limit")
    case .keyringConflict:
      self.init(
        .busy, "other machines give the library new keys at the same time",
        hint: "run gloss devices revoke again")
    case .compacted, .noSnapshot:
      self.init(
        .notOurs,
        "the hub dropped what this machine has not read, and has no snapshot of it",
        hint: "sync on a machine that is up to date, then here again; what is here stays")
    case .malformed, .cursorUnknown, .bundleGap, .bundleFork, .snapshotRefused, .unknown:
      self.init(
        .notOurs, "the hub refused (\(problem.status))\(detail)",
        hint: "update gloss and the hub; what you write is kept here")
    }
  }
}

extension Failure {
  /// The words for a text that is not here and could not be fetched, for a reason of its own.
  ///
  /// - Parameter what: What is not here, as in `the article's text is`.
  static func textMissing(_ what: String, because failure: Failure) -> Failure {
    Failure(
      failure.status, "\(what) not on this machine, and " + failure.message,
      details: failure.details,
      hint:
        "gloss sync fetches all texts that are missing; all else can be read and edited meanwhile")
  }

  /// The words for a text that the hub does not have.
  static let textNotSent = Failure(
    .noMatch, "the article's text is not on this machine, and not on the hub yet",
    hint: "run gloss sync on the machine that added it, then try again")

  /// The words for texts of which the hub has something else.
  static func alteredTexts(_ count: Int) -> Failure {
    Failure(
      .fault,
      count == 1
        ? "a text on the hub is not the one that was added: it was altered"
        : "\(count) texts on the hub are not the ones that were added: they were altered",
      hint:
        "nothing of that was taken in, and all else is synced; who runs the hub has to look after it"
    )
  }
}

extension Failure {
  /// The words for a bundle that could not be taken in.
  init(_ bundle: SetAside) {
    let changes = "changes \(bundle.first) to \(bundle.last) of device \(bundle.origin.shortText)"
    let kept = "they are kept and tried again with each sync; all else is synced"
    switch bundle.reason {
    case .newer:
      self.init(
        .tooOld, "\(changes) were written by a newer gloss",
        hint: "update gloss on this machine; \(kept)")
    case .fork:
      self.init(
        .fault, "\(changes) contradict what is here of that device",
        hint: "a copy of that device's library was used elsewhere; \(kept)")
    case .malformed, .badPadding:
      self.init(
        .fault, "\(changes) are not what they say: the gloss on that device is faulty",
        hint: "update gloss on that device; \(kept)")
    case .unknownEpoch:
      self.init(
        .fault, "\(changes) are sealed with a key that this machine has not been given",
        hint: "join again with a code from another machine; \(kept)")
    case .truncated, .wrongKey, .tampered:
      self.init(
        .fault,
        "\(changes) could not be opened: "
          + (bundle.reason == .wrongKey
            ? "they are sealed with another key, or were altered"
            : "they were altered or cut short"),
        hint: "all machines have to be paired with the same library; \(kept)")
    case .behind:
      self.init(.fault, "\(changes) wait for earlier ones that could not be taken in", hint: kept)
    }
  }
}
