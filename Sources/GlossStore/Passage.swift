public import GlossCore

/// A part of a searchable text with what was asked for in it, on one line: each run of white space is one space.
public struct Passage: Hashable, Sendable {
  /// The field that the text is in.
  public let field: Name

  /// The column of the ``SearchSchema``.
  public let column: Name

  /// The text, part after part.
  public internal(set) var parts: [Part] = []

  /// Whether there is more of the text before it, and behind it.
  public internal(set) var isCutAtStart = false
  public internal(set) var isCutAtEnd = false

  /// The text as a whole.
  public var text: String { parts.map(\.text).joined() }

  /// Some of the text, which was asked for or not.
  public struct Part: Hashable, Sendable {
    public var text: String
    public var isHit: Bool
  }
}

/// Finds where patterns are in a text, and cuts out the part that shows most of them.
struct PassageFinder {
  /// The greatest width of a passage.
  let width: Int
  /// The columns that a character takes.
  let columns: (Character) -> Int
  private let patterns: [(words: [ArraySlice<UInt8>], isPrefix: Bool, columns: Set<Name>?)]
  private let folder = TextFolder()

  init(_ patterns: [TextPattern], width: Int, columns: @escaping (Character) -> Int) {
    self.width = width
    self.columns = columns
    let folder = folder
    self.patterns = patterns.map { pattern in
      var placed = PlacedWords()
      folder.fold(pattern.text, into: &placed)
      return (placed.words.indices.map { placed.word($0) }, pattern.isPrefix, pattern.columns)
    }
  }

  /// A text's words, and which of them were asked for.
  private struct Hits {
    var words: [PlacedWords.Word]
    /// Ranges of words, in order, each with the number of its pattern.
    var ranges: [(words: Range<Int>, pattern: Int)]
  }

  /// Returns the best passage of a text, `nil` where none of the patterns is in it.
  func passage(in text: String, field: Name, column: Name) -> Passage? {
    var text = text
    return text.withUTF8 { bytes in
      var placed = PlacedWords()
      folder.fold(bytes, into: &placed)
      let hits = Hits(words: placed.words, ranges: ranges(in: placed, column: column))
      guard !hits.ranges.isEmpty else { return nil }
      var passage = Passage(field: field, column: column)
      let units = window(around: bestHit(hits, bytes), hits, bytes)
      passage.isCutAtStart = units.lowerBound > 0
      passage.isCutAtEnd = units.upperBound < hits.words.count
      passage.parts = parts(units, hits, bytes)
      return passage
    }
  }

  private func ranges(
    in placed: PlacedWords, column: Name
  ) -> [(words: Range<Int>, pattern: Int)] {
    var ranges: [(words: Range<Int>, pattern: Int)] = []
    for index in placed.words.indices {
      for (number, pattern) in patterns.enumerated() {
        let count = pattern.words.count
        guard count > 0, index + count <= placed.words.count,
          pattern.columns?.contains(column) ?? true
        else { continue }
        let isHit = (0..<count).allSatisfy { offset in
          let word = placed.word(index + offset)
          return offset == count - 1 && pattern.isPrefix
            ? word.starts(with: pattern.words[offset]) : word == pattern.words[offset]
        }
        if isHit { ranges.append((index..<index + count, number)) }
      }
    }
    return ranges
  }

  /// Returns the first of the hits that have the most patterns, and then the most hits, behind them within a passage's width.
  private func bestHit(_ hits: Hits, _ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    var best = 0
    var bestValue = 0
    for start in hits.ranges.indices {
      let first = hits.words[hits.ranges[start].words.lowerBound].source.lowerBound
      var seen: Set<Int> = []
      var count = 0
      for range in hits.ranges[start...] {
        // Bytes stand in for columns here, which only decides between passages.
        guard hits.words[range.words.upperBound - 1].source.upperBound - first <= width else {
          break
        }
        seen.insert(range.pattern)
        count += 1
        if count == 50 { break }
      }
      let value = seen.count * 100 + count
      if value > bestValue { (best, bestValue) = (start, value) }
    }
    return hits.ranges[best].words
  }

  /// Returns the words around a hit that fit: a third of the room before it, the rest behind it.
  private func window(
    around hit: Range<Int>, _ hits: Hits, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Range<Int> {
    var units = hit
    // Two columns are for what says that the text goes on.
    var room = width - 2 - hit.reduce(0) { $0 + measure(unit($1, hits, bytes), bytes) }
    let reserve = room * 2 / 3
    func extendLeft(leaving reserve: Int) {
      while units.lowerBound > 0 {
        let need = measure(unit(units.lowerBound - 1, hits, bytes), bytes)
        guard need <= room - reserve else { return }
        room -= need
        units = units.lowerBound - 1..<units.upperBound
      }
    }
    extendLeft(leaving: max(reserve, 0))
    while units.upperBound < hits.words.count {
      let need = measure(unit(units.upperBound, hits, bytes), bytes)
      guard need <= room else { break }
      room -= need
      units = units.lowerBound..<units.upperBound + 1
    }
    extendLeft(leaving: 0)
    return units
  }

  /// Returns the bytes from a word to the next; the first word has what stands before it, too.
  private func unit(
    _ index: Int, _ hits: Hits, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Range<Int> {
    let start = index == 0 ? 0 : hits.words[index].source.lowerBound
    let end = index + 1 < hits.words.count ? hits.words[index + 1].source.lowerBound : bytes.count
    return start..<max(start, end)
  }

  private func measure(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var width = 0
    var isAfterSpace = false
    for character in String(decoding: bytes[range], as: UTF8.self) {
      if !character.isWhitespace {
        width += columns(character)
      } else if !isAfterSpace {
        width += 1
      }
      isAfterSpace = character.isWhitespace
    }
    return width
  }

  private func parts(
    _ units: Range<Int>, _ hits: Hits, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> [Passage.Part] {
    let start = unit(units.lowerBound, hits, bytes).lowerBound
    let end = unit(units.upperBound - 1, hits, bytes).upperBound
    var marked: [Range<Int>] = []
    for range in hits.ranges {
      let first = hits.words[range.words.lowerBound].source.lowerBound
      let last = endOfCharacter(
        hits.words[range.words.upperBound - 1].source.upperBound, in: bytes)
      guard first >= start, last <= end else { continue }
      if let previous = marked.last, first <= previous.upperBound {
        marked[marked.count - 1] =
          previous.lowerBound..<max(previous.upperBound, last)
      } else {
        marked.append(first..<last)
      }
    }
    var parts: [Passage.Part] = []
    var place = start
    func append(_ range: Range<Int>, isHit: Bool) {
      let text = Self.oneLine(String(decoding: bytes[range], as: UTF8.self))
      if !text.isEmpty { parts.append(Passage.Part(text: text, isHit: isHit)) }
    }
    for range in marked {
      append(place..<max(place, range.lowerBound), isHit: false)
      append(range, isHit: true)
      place = range.upperBound
    }
    append(place..<max(place, end), isHit: false)
    return Self.trimmed(parts)
  }

  /// Returns where the marks end that belong to the letter that ends at a place.
  private func endOfCharacter(_ end: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var end = end
    while end < bytes.count, bytes[end] >= 0x80 {
      let next = bytes[(end + 1)...].firstIndex { $0 & 0xC0 != 0x80 } ?? bytes.count
      let scalars = String(decoding: bytes[end..<next], as: UTF8.self).unicodeScalars
      switch scalars.first?.properties.generalCategory {
      case .nonspacingMark, .enclosingMark: end = next
      default: return end
      }
    }
    return end
  }

  /// Returns the text with one space in place of each run of white space.
  private static func oneLine(_ text: String) -> String {
    var line = ""
    var isAfterSpace = false
    for character in text {
      if !character.isWhitespace {
        line.append(character)
      } else if !isAfterSpace {
        line.append(" ")
      }
      isAfterSpace = character.isWhitespace
    }
    return line
  }

  private static func trimmed(_ parts: [Passage.Part]) -> [Passage.Part] {
    var parts = parts
    if let first = parts.first, first.text.first == " " {
      parts[0].text = String(first.text.drop { $0 == " " })
    }
    while let last = parts.last?.text.last, last == " " { parts[parts.count - 1].text.removeLast() }
    return parts.filter { !$0.text.isEmpty }
  }
}

extension Snapshot {
  /// Returns where the patterns are in what is searchable of a record: of each source a passage at most, those of the columns that
  /// weigh most first.
  ///
  /// Where what is displayed has none of the patterns, the other sides of a conflict are looked at.
  ///
  /// - Parameters:
  ///   - width: The greatest width of a passage, in columns.
  ///   - columns: Returns how many columns a character takes.
  public func passages(
    of key: RecordKey, _ patterns: [TextPattern], _ schema: SearchSchema, width: Int,
    columns: @escaping (Character) -> Int = { _ in 1 }
  ) throws -> [Passage] {
    guard let kind = transaction.schema[key.kind], let number = try transaction.number(of: key)
    else { return [] }
    let finder = PassageFinder(patterns, width: width, columns: columns)
    let sources = schema.sources.filter { $0.kind == key.kind }
    let texts = try SearchTexts(of: number, kind, sources.map(\.field), transaction)
    var passages: [Passage] = []
    for (index, source) in sources.enumerated() {
      for head in texts.heads[index] {
        let value = try texts.value(head, at: index)
        guard let text = try transaction.searchText(value, source.decode),
          let passage = finder.passage(in: text, field: source.field, column: source.column)
        else { continue }
        passages.append(passage)
        break
      }
    }
    let weights = Dictionary(uniqueKeysWithValues: schema.columns.map { ($0.name, $0.weight) })
    return passages.enumerated().sorted { left, right in
      let weight = (weights[left.element.column] ?? 0, weights[right.element.column] ?? 0)
      return weight.0 != weight.1 ? weight.0 > weight.1 : left.offset < right.offset
    }.map(\.element)
  }
}

extension Search {
  /// The patterns that a record matches that is found, or may; of all queries, each once.
  public var patterns: [TextPattern] {
    var patterns: [TextPattern] = []
    for pattern in queries.flatMap(\.filters).flatMap(\.asserted) where !patterns.contains(pattern)
    {
      patterns.append(pattern)
    }
    return patterns
  }
}
