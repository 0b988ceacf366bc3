internal import Glibc

/// The words of a text as the index takes them: folded, in UTF-8, with a space between them.
struct FoldedWords: FoldedSink {
  private(set) var bytes: [UInt8] = []
  /// The number of words.
  private(set) var count = 0
  private var isInWord = false

  @inline(__always)
  mutating func take(_ entry: UInt32, _ start: Int, _ end: Int) {
    switch TextFolder.role(entry) {
    case .separator: isInWord = false
    case .word:
      if !isInWord { begin() }
      isInWord = true
      bytes.append(scalar: TextFolder.value(entry))
    case .solo:
      begin()
      isInWord = false
      bytes.append(scalar: TextFolder.value(entry))
    }
  }

  private mutating func begin() {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
    count += 1
  }

  /// Goes on with another text, of which no phrase goes over from the one before.
  mutating func beginText() {
    guard !bytes.isEmpty else { return }
    isInWord = false
    begin()
    bytes.append(scalar: Self.wall)
  }

  /// A word of its own that no text has.
  private static let wall: UInt32 = 0x10_FFFF
}

/// The words of a text with their places in it.
struct PlacedWords: FoldedSink {
  /// The words, folded, one after another.
  private(set) var bytes: [UInt8] = []
  private(set) var words: [Word] = []
  private var isInWord = false

  struct Word {
    /// Where it is in the folded bytes, and in the text's UTF-8.
    var folded: Range<Int>
    var source: Range<Int>
  }

  mutating func take(_ entry: UInt32, _ start: Int, _ end: Int) {
    let role = TextFolder.role(entry)
    guard role != .separator else {
      isInWord = false
      return
    }
    let first = bytes.count
    bytes.append(scalar: TextFolder.value(entry))
    if role == .word, isInWord, let last = words.popLast() {
      words.append(
        Word(
          folded: last.folded.lowerBound..<bytes.count,
          source: last.source.lowerBound..<max(end, last.source.upperBound)))
    } else {
      words.append(Word(folded: first..<bytes.count, source: start..<end))
    }
    isInWord = role == .word
  }

  /// Returns the word of this number.
  func word(_ index: Int) -> ArraySlice<UInt8> { bytes[words[index].folded] }
}

/// A whole text folded, with what separates its words.
struct FoldedText: FoldedSink {
  private(set) var bytes: [UInt8] = []

  mutating func take(_ entry: UInt32, _ start: Int, _ end: Int) {
    bytes.append(scalar: TextFolder.value(entry))
  }

  /// Returns a text folded, as UTF-8.
  static func bytes(_ text: String, by folder: TextFolder) -> [UInt8] {
    var folded = FoldedText()
    folder.fold(text, into: &folded)
    return folded.bytes
  }

  /// Whether a text has another one in it, which is folded already.
  static func contains(
    _ part: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, by folder: TextFolder
  ) -> Bool {
    guard let start = part.baseAddress, part.count > 0 else { return true }
    var folded = FoldedText()
    folder.fold(text.assumingMemoryBound(to: UInt8.self), into: &folded)
    return folded.bytes.withUnsafeBytes { folded in
      guard var place = folded.baseAddress else { return false }
      let end = place + folded.count
      while end - place >= part.count,
        let next = memchr(place, Int32(part[0]), end - place - part.count + 1)
      {
        if memcmp(next, start, part.count) == 0 { return true }
        place = UnsafeRawPointer(next) + 1
      }
      return false
    }
  }
}

extension [UInt8] {
  /// Appends a scalar as UTF-8.
  @inline(__always)
  fileprivate mutating func append(scalar: UInt32) {
    switch scalar {
    case 0..<0x80: append(UInt8(scalar))
    case 0x80..<0x800:
      append(UInt8(0xC0 | scalar >> 6))
      append(UInt8(0x80 | scalar & 0x3F))
    case 0x800..<0x1_0000:
      append(UInt8(0xE0 | scalar >> 12))
      append(UInt8(0x80 | scalar >> 6 & 0x3F))
      append(UInt8(0x80 | scalar & 0x3F))
    default:
      append(UInt8(0xF0 | scalar >> 18))
      append(UInt8(0x80 | scalar >> 12 & 0x3F))
      append(UInt8(0x80 | scalar >> 6 & 0x3F))
      append(UInt8(0x80 | scalar & 0x3F))
    }
  }
}
