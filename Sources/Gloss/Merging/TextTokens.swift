// Words
// =====
//
// Problem: a person compares texts by words. Cut by lines, a paragraph is one line and every edit of it is at odds with every
// other; cut by characters, differences fall apart into letters.
//
// Idea: the word boundaries of Unicode Standard Annex 29, in one pass over the characters: letters, digits and marks that
// follow each other are a word, with an apostrophe or full stop between letters (`don't`, `example.org`) and a comma between
// digits. Scripts that write no spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are cut by characters instead of by
// dictionary, so that all machines cut alike whatever they have installed. Each line end is a token, each other run of white
// space is one, and so is each sign. Tokens are whole grapheme clusters, so what is put together from them is valid and shows
// no torn character; all tokens in a row are the text, byte for byte.

/// A text cut into words, white space and signs.
struct TextTokens: Sendable {
  /// The text's UTF-8.
  let bytes: [UInt8]
  /// Where each token begins, and at last where the text ends.
  private(set) var offsets: [Int] = [0]
  private(set) var kinds: [Kind] = []

  enum Kind: UInt8, Sendable {
    case word, space, lineEnd, sign
    /// A letter of a script without spaces.
    case letter
  }

  var count: Int { kinds.count }

  init(_ text: String) {
    var text = text
    text.makeContiguousUTF8()
    bytes = Array(text.utf8)
    var cutter = Cutter()
    var offset = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      // An ASCII character before another one is a cluster of its own, and found without asking Unicode.
      let isPlain =
        byte < 0x80 && byte != 0x0D && (offset + 1 == bytes.count || bytes[offset + 1] < 0x80)
      let character =
        isPlain
        ? Character(Unicode.Scalar(byte))
        : text[text.utf8.index(text.startIndex, offsetBy: offset)]
      let byteCount = isPlain ? 1 : character.utf8.count
      cutter.take(character, byteCount)
      offset += byteCount
    }
    cutter.finish()
    offsets += cutter.ends
    kinds = cutter.kinds
  }

  /// The bytes of some tokens in a row.
  subscript(tokens: Range<Int>) -> ArraySlice<UInt8> {
    bytes[offsets[tokens.lowerBound]..<offsets[tokens.upperBound]]
  }

  func text(_ tokens: Range<Int>) -> String {
    String(decoding: self[tokens], as: UTF8.self)
  }
}

/// Puts characters together to tokens.
private struct Cutter {
  private(set) var ends: [Int] = []
  private(set) var kinds: [TextTokens.Kind] = []
  private var offset = 0
  /// The word that may go on, and its last character.
  private var word: Character?
  /// A sign after that word which belongs to it if a letter follows.
  private var joint: (character: Character, byteCount: Int)?

  mutating func take(_ character: Character, _ byteCount: Int) {
    let kind = TextTokens.Kind(character)
    if kind == .word, let last = word {
      if let held = joint, !Self.joins(held.character, last, character) { endJoint() }
      offset += joint?.byteCount ?? 0
      if word == nil { begin(kind) }
      joint = nil
    } else if kind == .sign, word != nil, joint == nil, Self.isJoint(character) {
      joint = (character, byteCount)
      return
    } else {
      endJoint()
      word = nil
      let continues = kind == .space && kinds.last == .space
      if !continues { begin(kind) }
    }
    offset += byteCount
    ends[ends.count - 1] = offset
    word = kind == .word ? character : nil
  }

  mutating func finish() { endJoint() }

  private mutating func begin(_ kind: TextTokens.Kind) {
    kinds.append(kind)
    ends.append(offset)
  }

  /// Makes the sign after a word a token of its own.
  private mutating func endJoint() {
    guard let held = joint else { return }
    joint = nil
    word = nil
    begin(.sign)
    offset += held.byteCount
    ends[ends.count - 1] = offset
  }

  private static func isJoint(_ character: Character) -> Bool {
    switch character {
    case "'", "\u{2019}", ".", "\u{B7}", "\u{2027}", ",": true
    default: false
    }
  }

  private static func joins(
    _ joint: Character, _ before: Character, _ after: Character
  ) -> Bool {
    joint != "," || before.isWholeNumber && after.isWholeNumber
  }
}

extension TextTokens.Kind {
  fileprivate init(_ character: Character) {
    guard let scalar = character.unicodeScalars.first else {
      self = .sign
      return
    }
    switch scalar.value {
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: self = .lineEnd
    case 0x20, 0x09: self = .space
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: self = .word
    case 0..<0x80: self = .sign
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x31F0...0x31FF:
      self = .letter
    default:
      let properties = scalar.properties
      if properties.isIdeographic {
        self = .letter
      } else if properties.isAlphabetic || properties.numericType != nil {
        self = .word
      } else {
        self = properties.isWhitespace ? .space : .sign
      }
    }
  }
}
