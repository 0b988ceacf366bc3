internal import Gloss
internal import GlossCore
internal import GlossStore

/// How values and records are shown to people and to programs.
enum Shown {
  /// A field's value on one line of at most `width` columns.
  static func value(_ value: Value?, width: Int) -> String {
    switch value {
    case nil, .null?: return "none"
    case .bool(let bool): return bool ? "yes" : "no"
    case .integer(let integer): return "\(integer)"
    case .real(let real): return "\(real)"
    case .text(let text): return "\"" + Text.line(text, width: max(8, width - 2)) + "\""
    case .bytes(let bytes):
      guard let anchor = Anchor(encoded: bytes) else { return "\(bytes.count) bytes" }
      return "\u{201C}" + Text.line(anchor.quote, width: max(8, width - 12))
        + "\u{201D} at \(anchor.start)"
    case .record(let id): return id.firstDigits(8)
    case .blob(let id): return "text " + hexadecimal(id.digest.prefix(4))
    case .unknown where value?.isLeftOut == true: return "not on this machine"
    case .unknown(let tag, let bytes): return "\(bytes.count) bytes of type \(tag)"
    }
  }

  /// A field's value of a record, where some numbers mean something.
  static func value(_ value: Value?, of field: Name, width: Int) -> String {
    switch (field, value) {
    case (ReadingField.saved, .integer(let time)?) where time >= 0:
      return CivilTime.minute(UInt64(time))
    case (ReadingField.state, .integer(let state)?):
      return ReadState(rawValue: state)?.name ?? "\(state)"
    default: return self.value(value, width: width)
    }
  }

  /// A field's value for programs.
  static func json(_ value: Value?) -> JSON {
    switch value {
    case nil, .null?: .null
    case .bool(let bool): .bool(bool)
    case .integer(let integer): .integer(integer)
    case .real(let real): .real(real)
    case .text(let text): .text(text)
    case .bytes(let bytes): Anchor(encoded: bytes).map(json) ?? .text(hexadecimal(bytes))
    case .record(let id): .text("\(id)")
    case .blob(let id): .text(hexadecimal(id.digest))
    case .unknown(_, let bytes): value?.isLeftOut == true ? .null : .text(hexadecimal(bytes))
    }
  }

  static func json(_ anchor: Anchor) -> JSON {
    .object([
      ("quote", .text(anchor.quote)), ("prefix", .text(anchor.prefix)),
      ("suffix", .text(anchor.suffix)), ("start", JSON(anchor.start)), ("end", JSON(anchor.end)),
      ("textSHA256", .text(hexadecimal(anchor.textDigest))),
    ])
  }

  /// A record for programs: identifiers whole, times exact.
  static func json(_ item: Item) -> JSON {
    let entry = item.entry
    var members: [(String, JSON)] = [
      ("kind", .text(item.kind.rawValue)), ("id", .text("\(entry.id)")),
    ]
    switch item {
    case .article(let article):
      members += [
        ("url", JSON(article.url)), ("title", JSON(article.title)),
        ("author", JSON(article.author)), ("site", JSON(article.site)),
        ("language", JSON(article.language)), ("published", JSON(article.published)),
        ("state", .text(article.state.name)), ("favourite", .bool(article.isFavourite)),
        ("archived", .bool(article.isArchived)), ("progress", .real(article.progress)),
        ("textSHA256", JSON(article.textID.map { hexadecimal($0.digest) })),
      ]
    case .highlight(let highlight):
      members += [
        ("article", JSON(highlight.article.map { "\($0)" })),
        ("anchor", highlight.anchor.map(json) ?? .null), ("colour", JSON(highlight.colour)),
        ("due", JSON(highlight.review.map { "\($0.due)" })),
      ]
    case .note(let note):
      members += [
        ("article", JSON(note.article.map { "\($0)" })),
        ("highlight", JSON(note.highlight.map { "\($0)" })), ("body", .text(note.body)),
      ]
    }
    members += [
      ("tags", .array(entry.tags.map(JSON.text))),
      ("saved", .text(CivilTime.exact(UInt64(max(0, entry.saved))))),
      ("edited", JSON(entry.edited.map(CivilTime.exact))),
      ("deleted", .bool(entry.isDeleted)),
    ]
    return .object(members)
  }

  /// `1 note`, `2 notes`.
  static func count(_ number: Int, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }

  /// `2 highlights, 1 note`
  static func counts(_ keys: some Sequence<RecordKey>) -> String {
    let kinds = keys.compactMap { ReadingKind($0.kind) }
    return ReadingKind.allCases.compactMap { kind in
      let number = kinds.count { $0 == kind }
      return number == 0 ? nil : count(number, kind.rawValue)
    }.joined(separator: ", ")
  }

  /// ` with 2 highlights, 1 note`, for what a deed took along; nothing where there was none.
  static func along(_ keys: some Sequence<RecordKey>) -> String {
    let counts = counts(keys)
    return counts.isEmpty ? "" : " with " + counts
  }

  /// `12 KiB`
  static func size(_ byteCount: Int) -> String {
    switch byteCount {
    case ..<10_240: "\(byteCount) byte\(byteCount == 1 ? "" : "s")"
    case ..<10_485_760: "\(byteCount / 1_024) KiB"
    default: "\(byteCount / 1_048_576) MiB"
    }
  }

  /// `40 s`, `3 min`, `5 h`, `12 days`: the whole ones of the greatest unit of which there are two.
  static func duration(_ milliseconds: some BinaryInteger) -> String {
    let seconds = Int(clamping: milliseconds / 1_000)
    return switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) days"
    }
  }

  /// Says whether records were changed.
  static func changes(_ changed: [Bool]) {
    let count = changed.count { $0 }
    if count == 0 { return Output.note("nothing to change") }
    Output.note(changed.count == 1 ? "changed" : "changed \(count) of \(changed.count)")
  }

  /// A new or changed record's name: what a command that writes prints on standard output.
  static func identity(
    _ members: [(String, Item)], asJSON isJSON: Bool, in library: Library
  ) throws {
    if isJSON { return JSON.print(members.map { ($0.0, .text("\($0.1.key.id)")) }) }
    let naming = try Naming(members.map(\.1.key), in: library)
    for (_, item) in members { Output.line(naming.short(item.key)) }
  }
}

extension ReadState {
  var name: String {
    switch self {
    case .unread: "unread"
    case .reading: "reading"
    case .read: "read"
    }
  }
}

extension ReadingKind {
  /// `an article`, `a note`.
  var withArticle: String { (self == .article ? "an " : "a ") + rawValue }
}
