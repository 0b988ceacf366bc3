internal import Gloss
internal import GlossCore
internal import GlossFormats
internal import GlossSeal
internal import GlossStore
internal import GlossSync
internal import GlossWire

// Every error of the libraries becomes words, a hint and an exit code here, and in Failure+SyncErrors.swift, and nowhere else.

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
    case let error as ExchangeError: self.init(error)
    case let error as BackupError: self.init(error)
    default: return nil
    }
  }

  private init(_ error: LibraryError) {
    switch error {
    case .store(let error): self.init(error)
    case .sync(let error): self.init(error)
    case .noSuchRecord(let name):
      self.init(
        .noMatch, "no record's name begins with \(Text.repeated(name))",
        hint: "gloss list shows the names; gloss list --kind note those of notes")
    case .ambiguousPrefix(let prefix, let candidates):
      self.init(
        .noMatch, "\(Text.repeated(prefix)) names more than one record",
        details: candidates.map { "\($0.id)  \($0.kind)" }, hint: "give more digits")
    case .notAPrefix(let text):
      self.init(
        .usage, "\(Text.repeated(text)) is not the name of a record",
        hint: "a record is named by 4 to 32 of the digits 0-9 and a-f; gloss list shows them")
    case .notAURL(let text):
      self.init(
        .badInput, "\(Text.repeated(text)) is not an http or https address",
        hint: "write it in full, as in https://example.org/essay")
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
      self.init(
        .noMatch, "there is no occurrence \(number): the text has the quote \(count) times",
        hint: "--occurrence is from 1 to \(count)")
    case .notATag(let tag):
      self.init(
        .badInput, "\u{201C}\(Text.repeated(tag))\u{201D} cannot be a tag",
        hint: "a tag has 1 to 150 bytes, no control characters, and no space at its ends")
    case .notADate(let text):
      self.init(
        .badInput, "\(Text.repeated(text)) is not a date", hint: "write 2026-11-24, 2026-11 or 2026"
      )
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
    case .filter(let error, let text): self.init(error, in: text)
    case .noConflict(_, let field):
      self.init(.noMatch, "\(field) is not in conflict", hint: "gloss conflicts lists what is")
    case .noSuchRecordThen(let key):
      self.init(
        .noMatch, "there was no such record then",
        hint: "gloss history \("\(key.id)".prefix(8)) shows when it came")
    case .valuesDropped(let fields):
      let names = fields.map { Text.line($0.text) }.joined(separator: ", ")
      self.init(
        .noMatch,
        "what it had then in \(names) was replaced, and is not kept on this machine any more",
        hint: "nothing was changed; --field FIELD takes back another field alone")
    case .notAChange(let text):
      self.init(
        .usage, "\(Text.line(text, width: 40)) is neither a time nor the name of a change",
        hint:
          "changes are named like 3f2a.12, as gloss history and gloss log show; times like 2026-11-24, yesterday or 2w"
      )
    case .noSuchChange(let text):
      self.init(
        .noMatch, "there is no change \(Text.line(text, width: 40)) here",
        hint: "gloss log shows the newest changes")
    case .ambiguousChange(let text):
      self.init(
        .noMatch, "\(Text.line(text, width: 40)) names changes of more than one device",
        hint: "gloss log shows the digits of the devices")
    case .noSuchOperation(let number):
      self.init(
        .noMatch, "there is no operation \(number) on this machine",
        hint: "gloss undo --list shows the newest")
    case .cannotBelong(let kind, let target):
      self.init(
        .usage, "\(kind.withArticle) cannot be moved to \(target.withArticle)",
        hint: "a note can be moved to an article or a highlight")
    case .notText(let field):
      self.init(.usage, "\(Text.line(field.text)) is no text", hint: "choose with --keep")
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
        hint:
          "gloss pair prints one on a machine that has the library; it begins with gloss and a number"
      )
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
  init(_ error: StoreError) {
    switch error {
    case .notFound(let path):
      self.init(
        .noInput, "there is no library at \(Text.path(path))",
        hint:
          "gloss init makes one, gloss join brings one from another machine; --library PATH names one elsewhere"
      )
    case .alreadyExists(let path):
      self.init(
        .cannotCreate, "\(Text.path(path)) exists already",
        hint: "use it as it is, or name another place with --library PATH")
    case .notALibrary(let path):
      self.init(
        .badInput, "\(Text.path(path)) is not a gloss library",
        hint: "check --library and GLOSS_LIBRARY")
    case .newerFormat(let path, let found, let supported):
      self.init(
        .tooOld,
        "\(Text.path(path)) was written by a newer gloss (format \(found); this one knows \(supported))",
        hint: "update gloss on this machine; nothing was changed")
    case .busy(let path):
      self.init(
        .busy, "\(Text.path(path)) is in use by another program",
        hint: "try again when the other gloss has finished")
    case .readOnly(let path):
      self.init(
        .refused, "\(Text.path(path)) may not be written to",
        hint: "check the permissions of the file and of its folder")
    case .full(let path):
      self.init(
        .inputOutput, "there is no space left for \(Text.path(path))",
        hint: "make room and try again; the library is as it was before")
    case .corrupt(let path, let detail):
      self.init(
        .fault, "\(Text.path(path)) is damaged: \(Text.line(detail, width: 160))",
        hint: Self.damagedFileHint)
    case .io(let path, let detail):
      self.init(
        .inputOutput, "\(Text.path(path)): \(Text.line(detail, width: 160))",
        hint: "the library is as it was before")
    case .noSuchChange(let dot):
      self.init(
        .noMatch, "there is no change \(dot.seq) of device \(dot.replica.shortText) here",
        hint: "gloss log shows the newest changes")
    case .noSuchRecord(let key):
      self.init(
        .noMatch, "there is no \(Text.line(key.kind.text)) \(key.id)",
        hint: "gloss list shows what there is")
    case .invalid(let violation): self.init(violation)
    case .conditionTooLarge:
      self.init(
        .badInput, "the query has too many terms", hint: "ask for fewer at once")
    case .bundleGap(let replica, let held, let first):
      self.init(
        .fault,
        "the hub sent changes of device \(replica.shortText) from \(first) on; \(held) is the last one here",
        hint: "try gloss sync again; if it stays, report it")
    case .contradicted(let replica, _):
      self.init(
        .fault, "two copies of the library were used as device \(replica.shortText)",
        hint: "run gloss sync: it keeps what was written on both")
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
}

extension ReplicaID {
  /// The first digits of a device's identifier, by which messages name it.
  var shortText: Substring { description.prefix(8) }
}
