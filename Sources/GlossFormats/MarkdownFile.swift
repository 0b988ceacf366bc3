internal import GlossCore
internal import GlossCrypto

// What is whose in a Markdown file
// ================================
//
// Problem. The file is a person's, too: they write around what is exported, and the next export must not touch that, nor lose
// what they wrote by mistake where it does not belong. And whatever an article says must not look like the end of our part.
//
// Idea. Ours is what stands between two lines, in the body
//
//     <!-- gloss:begin ARTICLE HASH -->
//     <!-- gloss:end ARTICLE -->
//
// and in the front matter the same words as comments of YAML: `# gloss:begin ARTICLE HASH`, `# gloss:end ARTICLE`. HASH is of
// the lines between them, so an edit between them is noticed, and nothing is written then. Content has no `<!--`, and values of
// the front matter stand in quotes behind a name on one line each, so no content is such a line.
//
// The body's pair has to be there once. The front matter's may be missing, for editors of properties drop comments; then it is
// the person's. Text above it does not hide it. Whatever else is found (a line without its other half, twice, in the wrong order, of another article) was not
// made by us.

/// The parts of a Markdown file.
struct MarkdownFile {
  /// Why a file is left alone.
  enum Problem: Error, Equatable {
    /// There is no line that begins our part, or none that ends it, or more than one.
    case markersDamaged
    /// Somebody edited what stands between our lines.
    case edited
    /// The file is of another article.
    case otherArticle
    /// The file is not UTF-8.
    case notText
  }

  /// What is done where somebody edited what stands between our lines.
  enum Edited {
    case refuse
    case overwrite
  }

  /// Returns the content of a new file.
  static func new(_ page: MarkdownPage) -> String {
    let lines =
      ["---"] + front(page) + ["---", ""] + body(page)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Returns the content of a file with our parts anew, and all else as it is.
  static func updated(
    _ content: [UInt8], with page: MarkdownPage, edited: Edited
  ) throws(Problem) -> [UInt8] {
    guard String(validating: content, as: UTF8.self) != nil else { throw .notText }
    // By bytes: a line keeps whatever ends it.
    let lines = content.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let blocks = try blocks(in: lines, page.id)
    guard let bodyBlock = blocks.body else { throw .markersDamaged }
    var result: [ArraySlice<UInt8>] = []
    var index = 0
    for (block, new) in [(blocks.front, front(page)), (bodyBlock, body(page))] {
      guard let block else { continue }
      let between = lines[block.lines].dropFirst().dropLast().map(text)
      guard edited == .overwrite || hash(between) == block.hash else { throw .edited }
      let isCarried = lines[block.lines.lowerBound].last == UInt8(ascii: "\r")
      result += lines[index..<block.lines.lowerBound]
      result += new.map { Array(($0 + (isCarried ? "\r" : "")).utf8)[...] }
      index = block.lines.upperBound
    }
    result += lines[index...]
    return Array(result.joined(separator: CollectionOfOne(UInt8(ascii: "\n"))))
  }

  /// Returns the article whose part a file has, `nil` where it has none.
  static func article(in content: [UInt8]) -> RecordID? {
    for line in content.split(separator: UInt8(ascii: "\n")) {
      if let marker = Marker(text(line)), marker.isBegin { return marker.id }
    }
    return nil
  }

  private struct Block {
    var lines: Range<Int>
    var hash: String
  }

  private static func blocks(
    in lines: [ArraySlice<UInt8>], _ id: RecordID
  ) throws(Problem) -> (front: Block?, body: Block?) {
    var found: [Marker.Place: Block] = [:]
    var open: (marker: Marker, line: Int)?
    let front = frontMatter(of: lines)
    for (number, line) in lines.enumerated() {
      // A heading of a note is no comment of YAML.
      let place: Marker.Place = front.contains(number) ? .front : .body
      let text = text(line)
      guard let marker = Marker(text), marker.place == place else {
        guard !Marker.isNearly(text, at: place) else { throw .markersDamaged }
        continue
      }
      guard marker.id == id else { throw .otherArticle }
      if let begin = open {
        guard !marker.isBegin, begin.marker.place == place, found[place] == nil else {
          throw .markersDamaged
        }
        found[place] = Block(lines: begin.line..<number + 1, hash: begin.marker.hash)
        open = nil
      } else {
        guard marker.isBegin else { throw .markersDamaged }
        open = (marker, number)
      }
    }
    guard open == nil else { throw .markersDamaged }
    return (found[.front], found[.body])
  }

  /// Returns the lines of the front matter, its own two included: at the start, or where somebody wrote above it those that have
  /// our part.
  private static func frontMatter(of lines: [ArraySlice<UInt8>]) -> Range<Int> {
    let rules = lines.indices.filter { text(lines[$0]) == "---" }
    let start = lines.firstIndex { Marker(text($0))?.place == .body } ?? lines.endIndex
    for (first, last) in zip(rules, rules.dropFirst()) {
      let isOurs = lines[first..<last].contains { Marker(text($0))?.place == .front }
      if first == 0 || isOurs && last < start { return first..<last + 1 }
    }
    return 0..<0
  }

  private static func front(_ page: MarkdownPage) -> [String] {
    ["# gloss:begin \(page.id) \(hash(page.frontMatter))"] + page.frontMatter
      + ["# gloss:end \(page.id)"]
  }

  private static func body(_ page: MarkdownPage) -> [String] {
    ["<!-- gloss:begin \(page.id) \(hash(page.body)) -->"] + page.body
      + ["<!-- gloss:end \(page.id) -->"]
  }

  private static func hash(_ lines: [String]) -> String {
    hexadecimal(sha256(Array(lines.joined(separator: "\n").utf8)).prefix(8))
  }

  private static func text(_ line: ArraySlice<UInt8>) -> String {
    String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
  }
}

/// A line that begins or ends a part of ours.
private struct Marker {
  enum Place {
    case front, body
  }

  let place: Place
  let isBegin: Bool
  let id: RecordID
  let hash: String

  /// Whether a line is one that somebody damaged.
  static func isNearly(_ line: String, at place: Place) -> Bool {
    guard line.contains("gloss:begin") || line.contains("gloss:end") else { return false }
    let text = line.drop(while: \.isWhitespace)
    return place == .front ? text.hasPrefix("#") : text.hasPrefix("<!")
  }

  init?(_ line: String) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    let inner: ArraySlice<Substring>
    switch (words.first, words.last) {
    case ("<!--", "-->"): (place, inner) = (.body, words.dropFirst().dropLast())
    case ("#", _): (place, inner) = (.front, words.dropFirst())
    default: return nil
    }
    guard let word = inner.first, inner.count > 1,
      let id = RecordID(hex: String(inner[inner.startIndex + 1]))
    else { return nil }
    self.id = id
    switch (word, inner.count) {
    case ("gloss:begin", 3): (isBegin, hash) = (true, String(inner[inner.startIndex + 2]))
    case ("gloss:end", 2): (isBegin, hash) = (false, "")
    default: return nil
    }
  }
}
