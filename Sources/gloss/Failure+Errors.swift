internal import Gloss
internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossSync
internal import GlossWire

// Every error of the libraries becomes words, a hint and an exit code here and nowhere else.

extension Failure {
  /// The words for an error of ours; `nil` for those of the argument parser.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as LibraryError: self.init(error)
    case let error as StoreError: self.init(error)
    case let error as SyncError: self.init(error)
    case let error as HubFailure: self.init(error)
    case let error as TransportError: self.init(error)
    case let error as PairingCodeError: self.init(error)
    default: return nil
    }
  }

  private init(_ error: LibraryError) {
    switch error {
    case .store(let error): self.init(error)
    case .sync(let error): self.init(error)
    case .noSuchRecord(let name):
      self.init(
        .noMatch, "no record's name begins with \(Text.line(name))",
        hint: "gloss list shows the names; gloss list --kind note those of notes")
    case .ambiguousPrefix(let prefix, let candidates):
      self.init(
        .noMatch, "\(Text.line(prefix)) names more than one record",
        details: candidates.map { "\($0.id)  \($0.kind)" }, hint: "give more digits")
    case .notAPrefix(let text):
      self.init(
        .usage, "\(Text.line(text)) is not the name of a record",
        hint: "a record is named by 4 to 32 of the digits 0-9 and a-f; gloss list shows them")
    case .notAURL(let text):
      self.init(.badInput, "\(Text.line(text)) is not an http or https address")
    case .noText(let id):
      self.init(
        .noMatch, "the article has no text to find a quote in",
        hint:
          "save the page to a file, then add it with the article's address: gloss add FILE --url URL (\("\(id)".prefix(8)))"
      )
    case .textMissing(let id):
      self.init(
        .noMatch, "the article's text is not on this machine",
        hint: "gloss show \("\(id)".prefix(8)) --text fetches it from the hub")
    case .emptyQuote:
      self.init(.badInput, "the quote is empty", hint: "quote words of the article's text")
    case .quoteNotFound(let quote):
      self.init(
        .noMatch, "the text does not have \u{201C}\(Text.line(quote, width: 48))\u{201D}",
        hint:
          "gloss show ARTICLE --text prints the text; capitals and punctuation have to be the same")
    case .quoteAmbiguous(let places):
      self.init(
        .noMatch, "the text has the quote \(places.count) times",
        details: places.prefix(9).enumerated().map { number, place in
          "\(number + 1)  line \(place.line): \(Text.line(place.before + "[" + place.quote + "]" + place.after, width: 60))"
        }, hint: "quote more of what stands around it, or choose with --occurrence N")
    case .noSuchOccurrence(let number, let count):
      self.init(.noMatch, "there is no occurrence \(number): the text has the quote \(count) times")
    case .notATag(let tag):
      self.init(
        .badInput, "\u{201C}\(Text.line(tag))\u{201D} cannot be a tag",
        hint: "a tag has 1 to 150 bytes, no control characters, and no space at its ends")
    case .notADate(let text):
      self.init(
        .badInput, "\(Text.line(text)) is not a date", hint: "write 2026-11-24, 2026-11 or 2026")
    case .notUTF8(let offset):
      self.init(
        .badInput, "the text is not UTF-8: byte \(offset) is not part of a character",
        hint: "convert it first, for example: iconv -f latin1 -t utf-8 FILE | gloss add -")
    case .containsNUL(let offset):
      self.init(
        .badInput, "the text has a NUL at byte \(offset)",
        hint: "this looks like no text file; convert it to text first")
    case .emptyNote:
      self.init(.badInput, "the note is empty", hint: "gloss delete ID deletes a note")
    case .noConflict(_, let field):
      self.init(.noMatch, "\(field) is not in conflict", hint: "gloss conflicts lists what is")
    case .noRootKey:
      self.init(
        .fault, "the library's key is missing from its file",
        hint: "join again from another machine: gloss pair there, gloss join here")
    case .locked:
      self.init(
        .refused, "the library's key is under a passphrase, and nobody can be asked for it",
        hint:
          "run this at a terminal, or let \(Passphrases.fileVariable) name a file that has it")
    case .wrongPassphrase:
      self.init(
        .refused, "that is not the library's passphrase",
        hint: "try again; a machine that has the library's key can still pair another one")
    case .hasPassphrase:
      self.init(
        .cannotCreate, "the library has a passphrase already",
        hint: "gloss passphrase change puts another one in its place")
    case .noPassphrase:
      self.init(
        .noMatch, "the library has no passphrase", hint: "gloss passphrase set gives it one")
    case .wrappedKey(let error): self.init(error)
    }
  }

  private init(_ error: WrappedRootKeyError) {
    switch error {
    case .wrongPassphrase: self.init(LibraryError.wrongPassphrase)
    case .newerVersion(let version):
      self.init(
        .tooOld, "the library's key is wrapped in a way (\(version)) that this gloss does not know",
        hint: "update gloss on this machine; nothing was changed")
    case .damaged, .badParameters:
      self.init(
        .fault, "the library's key is damaged in its file; what is here can be read and edited",
        hint:
          "put the file back from a backup, or move it away and join from another machine: gloss pair there, gloss join here"
      )
    case .notEnoughMemory:
      self.init(
        .inputOutput, "there is not enough memory to check a passphrase: it takes 128 MiB",
        hint: "try again when other programs have ended; nothing was changed")
    }
  }

  private init(_ error: PairingCodeError) {
    switch error {
    case .notACode:
      self.init(
        .badInput, "this is not a pairing code",
        hint: "gloss pair prints one on a machine that has the library; it begins with gloss1-")
    case .newerVersion(let version):
      self.init(
        .tooOld, "the code is of version \(version), which this gloss does not know",
        hint: "update gloss on this machine, then enter the code again")
    case .cutShort:
      self.init(
        .badInput, "the end of the code is missing", hint: "copy the whole code, all its lines")
    case .mistyped:
      self.init(
        .badInput, "the code has a mistake in it",
        hint: "compare it with the original, or copy it anew")
    }
  }
}

extension Failure {
  fileprivate init(_ error: StoreError) {
    switch error {
    case .notFound(let path):
      self.init(
        .noInput, "there is no library at \(Text.line(path))",
        hint:
          "gloss init makes one, gloss join brings one from another machine; --library PATH names one elsewhere"
      )
    case .alreadyExists(let path):
      self.init(
        .cannotCreate, "\(Text.line(path)) exists already",
        hint: "use it as it is, or name another place with --library PATH")
    case .notALibrary(let path):
      self.init(
        .badInput, "\(Text.line(path)) is not a gloss library",
        hint: "check --library and GLOSS_LIBRARY")
    case .newerFormat(let path, let found, let supported):
      self.init(
        .tooOld,
        "\(Text.line(path)) was written by a newer gloss (format \(found); this one knows \(supported))",
        hint: "update gloss on this machine; nothing was changed")
    case .busy(let path):
      self.init(
        .busy, "\(Text.line(path)) is in use by another program",
        hint: "try again when the other gloss has finished")
    case .readOnly(let path):
      self.init(
        .refused, "\(Text.line(path)) may not be written to",
        hint: "check the permissions of the file and of its folder")
    case .full(let path):
      self.init(
        .inputOutput, "there is no space left for \(Text.line(path))",
        hint: "make room and try again; the library is as it was before")
    case .corrupt(let path, let detail):
      self.init(
        .fault, "\(Text.line(path)) is damaged: \(Text.line(detail, width: 160))",
        hint:
          "copy the file away, then join again from another machine: gloss pair there, gloss join here"
      )
    case .io(let path, let detail):
      self.init(
        .inputOutput, "\(Text.line(path)): \(Text.line(detail, width: 160))",
        hint: "the library is as it was before")
    case .noSuchRecord(let key): self.init(.noMatch, "there is no \(key.kind) \(key.id)")
    case .invalid(let violation): self.init(violation)
    case .bundleGap(let replica, let held, let first):
      self.init(
        .fault,
        "the hub sent changes of device \(short(replica)) from \(first) on; \(held) is the last one here",
        hint: "try gloss sync again; if it stays, report it")
    case .isCopy:
      self.init(
        .fault, "this library's file is a copy of one that is used elsewhere",
        hint: "run gloss sync: it makes a device of its own of it, and keeps what was written")
    case .massDelete(let keys, let total):
      self.init(
        .needsDecision,
        "the hub's changes would delete \(keys.count) of \(total) records; nothing of that was done",
        details: Self.counts(of: keys),
        hint:
          "gloss sync --accept-mass-delete deletes them; if nobody meant to, undelete them on the machine that did it"
      )
    }
  }

  /// How many records of each kind there are, in words.
  private static func counts(of keys: [RecordKey]) -> [String] {
    Dictionary(grouping: keys, by: \.kind).sorted { $0.key < $1.key }.map { kind, keys in
      Shown.count(keys.count, kind.text)
    }
  }

  private init(_ violation: Violation) {
    switch violation {
    case .tooLarge(let field, let byteCount):
      let limit = field == "blob" || field == "text" ? Limits.blobByteCount : Limits.valueByteCount
      self.init(
        .badInput, "\(Text.line(field.text)) has \(byteCount) bytes, over the limit of \(limit)",
        hint: "shorten it; nothing was written")
    case .malformedValue(let field):
      self.init(
        .badInput, "\(Text.line(field.text)) has a NUL or is not text", hint: "nothing was written")
    default:
      self.init(
        .badInput, "the edit breaks a rule of the library: \(violation)",
        hint: "nothing was written")
    }
  }

  fileprivate init(_ error: SyncError) {
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
        .fault, "the hub has another change \(seq) of device \(short(origin)) than this library",
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
        hint: "\(again); it came from a backup, or is not honest")
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

  fileprivate init(_ failure: HubFailure) {
    switch failure {
    case .transport(let error): self.init(error)
    case .notOurs(let detail):
      self.init(
        .notOurs, "the reply is not a hub's: \(Text.line(detail, width: 160))",
        hint: "check the hub's address: gloss status shows it")
    case .refused(let problem): self.init(problem)
    }
  }

  fileprivate init(_ error: TransportError) {
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
      self.init(.notOurs, "the reply is over the limit of \(limit) bytes")
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
  /// The words for an article's text that is not here and could not be fetched, for a reason of its own.
  static func textMissing(because failure: Failure) -> Failure {
    Failure(
      failure.status, "the article's text is not on this machine, and " + failure.message,
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

private func short(_ replica: ReplicaID) -> Substring { replica.description.prefix(8) }

extension Failure {
  /// The words for a bundle that could not be taken in.
  init(_ bundle: SetAside) {
    let changes = "changes \(bundle.first) to \(bundle.last) of device \(short(bundle.origin))"
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
