internal import GlossCore

// Folding
// =======
//
// Texts are compared for searching in a form in which what differs in case, accents or width only is the same: compatibility
// decomposition, case folding (`ß` is `ss`, `ς` is `σ`, both Turkish i's are `i`), then without diacritics, soft hyphens, joiners,
// variation selectors and other marks of format; `ø`, `ł`, `đ` and their like, which have no decomposition, are folded by a table. Digits
// of all scripts are those of ASCII. Marks that are letters of their own stay: vowel signs of Indic scripts and of Thai, and the
// mark that makes が of か; й is not и. What is written decomposed (kana, Hangul) is composed.
//
// A scalar of a script that is written without spaces (Han, kana, Hangul, Bopomofo, Thai, Lao, Khmer, Myanmar) and an emoji
// is a word of its own. A run of them in a query is a phrase, so any part of a text is found, down to one character, and no
// dictionary decides where words begin. Other words are runs of letters, digits and marks.
//
// Unicode guarantees that decompositions and case foldings of assigned characters never change, so an index that one version made
// is right for the next.

/// Folds texts; see above. What a scalar becomes is computed at its first use, in pages of 256, once in a process.
final class TextFolder {
  /// What a folded scalar is part of.
  enum Role: UInt32 {
    case separator, word, solo
  }

  private typealias Entry = UInt32

  /// What the scalars of a page become.
  private struct Page: Sendable {
    var entries: [Entry]
    var expansions: [[Entry]] = []
  }

  /// The pages that were computed so far: they are the same for everybody.
  private static let computed = Locked<[Int: Page]>([:])

  /// Those that this folder has met; empty before the first, for most commands open a library and fold nothing.
  private var pages: [Page?] = []

  private static let valueMask: Entry = 0x1F_FFFF
  /// What joins the scalar before it, where the two have a composition.
  private static let joins: Entry = 1 << 29
  private static let expands: Entry = 3 << 30
  private static let ignored: Entry = expands | valueMask

  /// Gives every folded scalar of a text in UTF-8 to `sink`.
  func fold(_ bytes: UnsafeBufferPointer<UInt8>, into sink: inout some FoldedSink) {
    var position = 0
    let count = bytes.count
    // What the next scalar may join.
    var pending: (entry: Entry, start: Int, end: Int)?
    func give(_ entry: Entry, _ start: Int, _ end: Int) {
      if entry & Self.joins != 0 {
        let mark = entry & Self.valueMask
        if let last = pending, let whole = Self.composition(last.entry & Self.valueMask, mark) {
          pending = (last.entry & ~Self.valueMask | whole, last.start, end)
          return
        }
        if Self.isDroppedAlone(mark) { return }
      }
      if let last = pending { sink.take(last.entry, last.start, last.end) }
      pending = (entry, start, end)
    }
    while position < count {
      let byte = bytes[position]
      if byte < 0x80 {
        if let last = pending {
          sink.take(last.entry, last.start, last.end)
          pending = nil
        }
        sink.take(Self.ascii[Int(byte)], position, position + 1)
        position += 1
        continue
      }
      let start = position
      let scalar = Self.decode(bytes, &position)
      let page = page(of: scalar)
      let entry = page.entries[Int(scalar & 0xFF)]
      if entry & Self.expands != Self.expands {
        give(entry, start, position)
      } else if entry != Self.ignored {
        for part in page.expansions[Int(entry & Self.valueMask)] { give(part, start, position) }
      }
    }
    if let last = pending { sink.take(last.entry, last.start, last.end) }
  }

  /// Gives every folded scalar of a text to `sink`, with places in its UTF-8.
  func fold(_ text: String, into sink: inout some FoldedSink) {
    var text = text
    text.withUTF8 { fold($0, into: &sink) }
  }

  /// Reads a scalar; what is no UTF-8 is U+FFFD, byte by byte.
  @inline(__always)
  private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt32 {
    let first = bytes[position]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    position += 1
    guard first >= 0xC2, first < 0xF5, position + length - 1 <= bytes.count else { return 0xFFFD }
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for offset in 0..<length - 1 {
      let byte = bytes[position + offset]
      guard byte & 0xC0 == 0x80 else { return 0xFFFD }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    let least: UInt32 = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80
    guard value >= least, value <= 0x10FFFF, value >> 11 != 0x1B else { return 0xFFFD }
    position += length - 1
    return value
  }

  @inline(__always)
  private func page(of scalar: UInt32) -> Page {
    let number = Int(scalar >> 8)
    if number < pages.count, let page = pages[number] { return page }
    return fetchPage(number)
  }

  private func fetchPage(_ number: Int) -> Page {
    let page = Self.computed.withLock { computed in
      if let page = computed[number] { return page }
      var page = Page(entries: [])
      for scalar in 0..<256 {
        page.entries.append(Self.makeEntry(UInt32(number << 8 | scalar), &page.expansions))
      }
      computed[number] = page
      return page
    }
    if pages.isEmpty { pages = Array(repeating: nil, count: 0x1100) }
    pages[number] = page
    return page
  }
}

/// Takes folded scalars.
protocol FoldedSink {
  /// Takes the folded scalar in the lower 21 bits of `entry`, with its ``TextFolder/Role`` in the upper two, which stands for the
  /// bytes from `start` to `end` of the source.
  mutating func take(_ entry: UInt32, _ start: Int, _ end: Int)
}

extension TextFolder {
  /// The scalar of what a sink gets.
  @inline(__always) static func value(_ entry: UInt32) -> UInt32 { entry & 0x1F_FFFF }

  /// The role of what a sink gets.
  @inline(__always) static func role(_ entry: UInt32) -> Role {
    Role(rawValue: entry >> 30) ?? .separator
  }

  private static func entry(_ value: UInt32, _ role: Role) -> Entry { role.rawValue << 30 | value }

  private static let ascii: [Entry] = (0..<UInt32(128)).map { byte in
    switch byte {
    case 0x30...0x39, 0x61...0x7A: entry(byte, .word)
    case 0x41...0x5A: entry(byte + 0x20, .word)
    default: entry(byte, .separator)
    }
  }

  private static func makeEntry(_ value: UInt32, _ expansions: inout [[Entry]]) -> Entry {
    guard let scalar = Unicode.Scalar(value), value >= 0x80 else {
      return entry(value, .separator)
    }
    if isDroppedAlone(value) { return entry(value, .solo) | joins }
    switch scalar.kind {
    case .ignored: return ignored
    case .solo: return entry(value, .solo) | (scalar.joinsPrevious ? joins : 0)
    case .separator:
      let parts = scalar.folded
      return entry(parts.count == 1 ? parts[0].value : value, .separator)
    case .word: break
    }
    let parts = scalar.folded.compactMap { part -> Entry? in
      switch part.kind {
      case .ignored: return nil
      case .separator: return entry(part.value, .separator)
      case .word: return entry(part.value, .word) | (part.joinsPrevious ? joins : 0)
      case .solo: return entry(part.value, .solo) | (part.joinsPrevious ? joins : 0)
      }
    }
    if parts.isEmpty { return ignored }
    if parts.count == 1 { return parts[0] }
    expansions.append(parts)
    return expands | UInt32(expansions.count - 1)
  }

  /// Whether it makes a letter of its own of some letters before it, and means nothing after others.
  private static func isDroppedAlone(_ value: UInt32) -> Bool {
    value == 0x3099 || value == 0x309A || value == 0x0306
  }

  /// Returns what two scalars of kana, Hangul or Cyrillic are together, or `nil` where they stay two.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    switch (first, second) {
    case (0x1100...0x1112, 0x1161...0x1175):
      return 0xAC00 + (first - 0x1100) * 588 + (second - 0x1161) * 28
    case (0xAC00...0xD7A3, 0x11A8...0x11C2) where (first - 0xAC00) % 28 == 0:
      return first + second - 0x11A7
    case (0x3041...0x30FF, 0x3099), (0x3041...0x30FF, 0x309A):
      // Most letters with a mark follow the one without; these are all of kana's.
      return [first + 1, first + 2, first + 8, 0x3094, 0x30F4].first { whole in
        Unicode.Scalar(whole)?.compatibilityDecomposition.map(\.value) == [first, second]
      }
    case (0x0438, 0x0306): return 0x0439
    default: return nil
    }
  }
}

extension Unicode.Scalar {
  fileprivate enum Kind {
    case ignored, separator, word, solo
  }

  /// Whether it may be one scalar with the one before it.
  fileprivate var joinsPrevious: Bool {
    switch value {
    case 0x3099, 0x309A, 0x1161...0x1175, 0x11A8...0x11C2: true
    default: false
    }
  }

  fileprivate var kind: Kind {
    if isDiacritic { return .ignored }
    if isOfUnspacedScript { return .solo }
    switch properties.generalCategory {
    case .format: return value == 0x200B ? .separator : .ignored
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .privateUse:
      return .word
    case .enclosingMark: return .ignored
    case .unassigned: return properties.isNoncharacterCodePoint ? .separator : .word
    case .modifierSymbol: return properties.isEmojiModifier ? .ignored : .separator
    case .otherSymbol:
      let isSign = [0xA9, 0xAE, 0x2122].contains(value)
      return properties.isEmoji && !isSign ? .solo : .separator
    default: return .separator
    }
  }

  /// Whether it only says how the scalar before it is written, spoken or shown.
  private var isDiacritic: Bool {
    switch value {
    case 0x0300...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: true
    // Cyrillic, Hebrew, Arabic with its lengthening stroke, Syriac.
    case 0x0483...0x0489, 0x0591...0x05BD, 0x05BF, 0x05C1...0x05C2, 0x05C4...0x05C5, 0x05C7: true
    case 0x0610...0x061A, 0x0640, 0x064B...0x065F, 0x0670, 0x06D6...0x06DC, 0x06DF...0x06E4: true
    case 0x06E7...0x06E8, 0x06EA...0x06ED, 0x0711, 0x0730...0x074A: true
    case 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x180B...0x180D: true
    default: false
    }
  }

  /// Whether it is of a script that is written without spaces between words.
  private var isOfUnspacedScript: Bool {
    switch value {
    // Halves and compatibility forms are decomposed first.
    case 0x3131...0x318E, 0x2E80...0x2FDF, 0xF900...0xFAFF, 0x2F800...0x2FA1F, 0xFF65...0xFFDC:
      false
    case 0x3099, 0x309A, 0x309B, 0x309C, 0x30A0, 0x30FB: false
    case 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x3035, 0x303B, 0x3041...0x30FF: true
    case 0x3105...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF: true
    case 0x1100...0x11FF, 0xA960...0xA97C, 0xAC00...0xD7FB: true
    case 0x1B000...0x1B16F: true
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17D3, 0xA9E0...0xA9FF, 0xAA60...0xAA7F:
      properties.generalCategory.isOfWord
    default: properties.isIdeographic
    }
  }

  /// What the scalar is folded to, before its marks are dropped.
  fileprivate var folded: [Unicode.Scalar] {
    switch value {
    case 0x3041...0x30FF: return [self]
    case 0x0419, 0x0439: return ["й"]
    default: break
    }
    var scalars = [self]
    // Twice, for what comes of the case may have another one.
    for _ in 0..<2 {
      // One by one: of no scalar come marks that would change their order in either round.
      scalars = scalars.flatMap(\.compatibilityDecomposition).filter { !$0.isDiacritic }
        .flatMap { $0.properties.uppercaseMapping.unicodeScalars }
        .flatMap { $0.properties.lowercaseMapping.unicodeScalars }
    }
    return scalars.filter { !$0.isDiacritic }.flatMap { scalar -> [Unicode.Scalar] in
      if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue,
        let digit = Unicode.Scalar(0x30 + UInt32(value))
      {
        return [digit]
      }
      return Self.plain[scalar].map { Array($0.unicodeScalars) } ?? [scalar]
    }
  }

  /// Letters with a stroke or of two letters, which have no decomposition.
  private static let plain: [Unicode.Scalar: String] = [
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t",
    "ƀ": "b", "ɨ": "i", "ɵ": "o", "ʉ": "u", "ƶ": "z",
  ]
}

extension Unicode.GeneralCategory {
  /// Whether scalars of the category are parts of words.
  fileprivate var isOfWord: Bool {
    switch self {
    case .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark: true
    default: false
    }
  }
}
