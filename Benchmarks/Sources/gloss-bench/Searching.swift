import Foundation
import Glibc
import Gloss
import GlossCore
import GlossStore

/// Measures the full-text index on a large library: `gloss-bench search FILE [ARTICLES]`. A library of an earlier run is used
/// again.
enum Searching {
  static func run(_ path: String, articleCount: Int) throws {
    let library: Library
    if access(path, F_OK) == 0 {
      library = try Library.open(at: path, clock: { 0 }, randomness: { Seeded(state: 3) })
      try library.replica.dropSearchIndex()
    } else {
      library = try Library.create(
        at: path, deviceName: "bench", clock: { 0 }, randomness: { Seeded(state: 3) })
      let (byteCount, cost) = try fill(library, articleCount: articleCount)
      print("filled with \(byteCount / 1_000_000) MB of text:", text(cost))
    }
    let before = fileByteCount(path)
    let indexing = try Cost.of { try library.updateSearchIndex() }
    print("index made:", text(indexing))
    print(
      "file, before:", before / 1_000_000, "MB; index:", (fileByteCount(path) - before) / 1_000_000,
      "MB")
    let none = try Cost.of { try library.updateSearchIndex() }
    print("nothing behind:", text(none))
    try library.close()
    let queries = [
      "the commonest word": SearchText.words[0], "a common word": SearchText.words[30],
      "a rare word": SearchText.words[15_000],
      "a phrase": SearchText.words[0...1].joined(separator: "-"),
      "three words": SearchText.words[0...2].joined(separator: " "),
      "one Han character": SearchText.han[0], "two": SearchText.han[0] + SearchText.han[5],
      "a rare one": SearchText.han[1_500],
    ]
    for (name, query) in queries.sorted(by: { $0.key < $1.key }) {
      var count = 0
      let cost = try Cost.of {
        let library = try Library.open(
          at: path, access: .readOnly, clock: { 0 }, randomness: { Seeded(state: 3) })
        count = try library.find(query, limit: 20).count
        try library.close()
      }
      print("\(name): \(count) found:", text(cost))
    }
  }

  private static func text(_ cost: Cost) -> String {
    String(format: "%.1f ms CPU, %.1f ms", cost.cpu * 1_000, cost.wall * 1_000)
  }

  private static func fileByteCount(_ path: String) -> Int {
    var info = stat()
    return ["", "-wal"].reduce(0) { $0 + (stat(path + $1, &info) == 0 ? Int(info.st_size) : 0) }
  }

  /// Articles of some KB, a tenth of them Chinese, and three highlights for each four.
  private static func fill(
    _ library: Library, articleCount: Int
  ) throws -> (byteCount: Int, cost: Cost) {
    var random = Seeded(state: 4)
    let source = SearchText(using: &random)
    var byteCount = 0
    let cost = try Cost.of {
      for start in stride(from: 0, to: articleCount, by: 500) {
        try library.replica.write(at: 1_700_000_000_000) { edits in
          for article in start..<min(start + 500, articleCount) {
            let id = RecordID.random(using: &random)
            let isChinese = article % 10 == 0
            let text = source.text(1_500 + random.below(5_000), isChinese, using: &random)
            byteCount += text.utf8.count
            let anchor = Anchor.unplaced(source.text(150, isChinese, using: &random))
            try edits.add(
              RecordKey(ReadingKind.article.name, id),
              [
                ReadingField.title: .text(source.text(60, isChinese, using: &random)),
                ReadingField.author: .text(source.text(14, isChinese, using: &random)),
                ReadingField.saved: .integer(1_700_000_000_000 + Int64(article)),
                ReadingField.text: .blob(try edits.addBlob(Array(text.utf8))),
              ])
            guard article % 4 != 0 else { continue }
            try edits.add(
              RecordKey(ReadingKind.highlight.name, RecordID.random(using: &random)),
              [
                ReadingField.article: .record(id), ReadingField.anchor: .bytes(anchor),
                ReadingField.saved: .integer(1_700_000_000_000 + Int64(article)),
              ])
          }
        }
      }
    }
    return (byteCount, cost)
  }
}

extension Anchor {
  /// The encoding of an anchor that is at the start of some text.
  fileprivate static func unplaced(_ quote: String) -> [UInt8] {
    guard let anchor = try? Anchor(of: quote, in: quote) else { return [] }
    return anchor.encoded
  }
}

/// Words drawn by Zipf's law.
struct SearchText {
  static let words: [String] = {
    var random = Seeded(state: 5)
    let (consonants, vowels) = (Array("bcdfghjklmnprstvwz"), Array("aeiou"))
    return (0..<30_000).map { rank in
      let count = rank < 100 ? 1 : 1 + random.below(4)
      return (0...count).map { _ in
        String([consonants[random.below(consonants.count)], vowels[random.below(vowels.count)]])
      }.joined()
    }
  }()
  static let han: [String] = (0..<4_000).compactMap { rank in
    Unicode.Scalar(UInt32(0x4E00 + rank * 5)).map { String(Character($0)) }
  }

  private let latin: [UInt8]
  private let chinese: [UInt8]

  init(using random: inout Seeded) {
    func draw(_ words: [String]) -> String {
      let rank = Double(words.count + 1)
      let uniform = Double(random.next() >> 11) / Double(1 << 53)
      return words[min(Int(exp(uniform * log(rank))) - 1, words.count - 1)]
    }
    var latin: [UInt8] = []
    while latin.count < 16 << 20 { latin += Array((draw(Self.words) + " ").utf8) }
    var chinese: [UInt8] = []
    while chinese.count < 4 << 20 { chinese += Array(draw(Self.han).utf8) }
    self.latin = latin
    self.chinese = chinese
  }

  func text(_ count: Int, _ isChinese: Bool, using random: inout Seeded) -> String {
    let bytes = isChinese ? chinese : latin
    let start = random.below(bytes.count / 3 - count) * 3
    return String(decoding: bytes[start..<start + count / 3 * 3], as: UTF8.self)
  }
}
