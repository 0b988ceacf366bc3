import Foundation
import Gloss
import GlossTesting
import Testing

/// Merging texts by words: its examples, its laws, and its bounds.
@Suite struct TextMergeTests {
  private static let base = "The quick brown fox jumps over the lazy dog."

  @Test func `edits in different places both stand`() {
    let merge = TextMerge(
      base: Self.base,
      sides: [
        "The quick red fox jumps over the lazy dog.",
        "The quick brown fox jumps over the sleeping dog, twice.",
      ])
    #expect(merge.text == "The quick red fox jumps over the sleeping dog, twice.")
    #expect(merge.openCount == 0)
  }

  @Test func `edits of one place leave it open, and settle the rest`() {
    let merge = TextMerge(
      base: Self.base,
      sides: [
        "A quick red fox jumps over the lazy dog.",
        "The quick grey fox jumps over the lazy cat.",
      ])
    #expect(merge.text == nil)
    #expect(
      merge.chunks == [
        .settled("A quick "), .open(base: "brown", sides: ["red", "grey"]),
        .settled(" fox jumps over the lazy cat."),
      ])
  }

  @Test func `words that both sides put at the same place are open`() {
    let merge = TextMerge(base: "one", sides: ["one two", "one three"])
    #expect(
      merge.chunks == [.settled("one"), .open(base: "", sides: [" two", " three"])])
    #expect(TextMerge(base: "one", sides: ["one two", "one two"]).text == "one two")
  }

  @Test(arguments: [
    ("the cat sat", "the big cat sat", "a cat sat"),
    ("Ursula Le Guin wrote", "Ursula K. Le Guin wrote", "U. K. Le Guin wrote"),
    ("on the margin", "in the margin", "on a margin"), ("one two", "one, two", "one  two"),
  ])
  func `words that are next to each other are open`(base: String, one: String, other: String) {
    #expect(TextMerge(base: base, sides: [one, other]).text == nil)
    #expect(TextMerge(base: base, sides: [other, one]).openCount == 1)
  }

  @Test func `a word, a sign or the end of a line keeps changes apart`() {
    let merge = TextMerge(
      base: "in the margin, there\nmore",
      sides: ["on the margin, there\nmost", "in the book, here\nmore"])
    #expect(merge.text == "on the book, here\nmost")
  }

  @Test func `three sides are merged at once`() {
    let sides = [
      "The quick red fox jumps over the lazy dog.", Self.base + " Twice.", "All: " + Self.base,
    ]
    #expect(
      TextMerge(base: Self.base, sides: sides).text
        == "All: The quick red fox jumps over the lazy dog. Twice.")
  }

  @Test func `without an ancestor only what all have is settled`() {
    #expect(
      TextMerge(unrelated: ["On marginalia", "On Marginalia"]).chunks == [
        .settled("On "), .open(base: nil, sides: ["marginalia", "Marginalia"]),
      ])
    #expect(TextMerge(unrelated: ["same", "same"]).text == "same")
    #expect(TextMerge(unrelated: ["a", "b", "c"]).openCount == 1)
  }

  @Test func `Chinese and Japanese are merged by characters`() {
    let merge = TextMerge(
      base: "余白に書かれた注釈は読者の声である", sides: ["余白に記された注釈は読者の声である", "余白に書かれた注釈は読者の声だ"])
    #expect(merge.text == "余白に記された注釈は読者の声だ")
  }

  @Test func `a family of emoji is never torn`() {
    let family = "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}"
    let couple = "\u{1F469}\u{200D}\u{1F469}"
    #expect(
      WordDiff(from: couple + "!", to: family + "!").pieces
        == [.removed(couple), .added(family), .same("!")])
  }

  @Test func `bytes decide, not canonical equivalence`() {
    let pieces = WordDiff(from: "caf\u{E9} a", to: "cafe\u{301} a").pieces
    #expect(pieces.count == 3)
    let merge = TextMerge(base: "caf\u{E9}", sides: ["cafe\u{301}", "caf\u{E9}"])
    #expect(merge.text.map { Array($0.utf8) } == Array("cafe\u{301}".utf8))
  }

  @Test func `words keep what belongs to them`() {
    func words(_ text: String) -> [String] {
      // Against nothing in common, each word is seen by putting one in its place.
      WordDiff(from: text, to: "").pieces.map {
        if case .removed(let old) = $0 { old } else { "" }
      }
    }
    #expect(words("don't") == ["don't"])
    let pieces = WordDiff(from: "at 3.14 or 1,000, don't.", to: "at 3.15 or 1,001, do.").pieces
    #expect(
      pieces == [
        .same("at "), .removed("3.14"), .added("3.15"), .same(" or "), .removed("1,000, don't"),
        .added("1,001, do"), .same("."),
      ])
  }
}

extension TextMergeTests {
  /// Texts from few words, so that they have much in common.
  private struct Texts {
    var random: SeededGenerator
    let words = [
      "a", "the", "margin", "reader's", "3.5", "余", "白", "é", "e\u{301}", "\u{1F1EB}\u{1F1F7}", ".",
      ",",
      "\n", "\r\n", "  ", " ", " ", "\t", "-", "x,1", "don’t", "กข", "\u{200D}", "\u{301}",
    ]

    mutating func text(_ count: Int) -> String {
      (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined()
    }

    /// The text with some stretches of it written anew.
    mutating func edited(_ text: String) -> String {
      var characters = Array(text)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let start = Int.random(in: 0...characters.count, using: &random)
        let end = min(characters.count, start + Int.random(in: 0...4, using: &random))
        characters.replaceSubrange(
          start..<end, with: Array(self.text(Int.random(in: 0...3, using: &random))))
      }
      return String(characters)
    }
  }

  @Test(arguments: 0..<10)
  func `the laws hold for any texts`(seed: UInt64) {
    var texts = Texts(random: SeededGenerator(seed: seed))
    for _ in 0..<30 {
      let base = texts.text(Int.random(in: 0...40, using: &texts.random))
      let (one, other) = (texts.edited(base), texts.edited(base))
      #expect(bytes(TextMerge(base: base, sides: [one, base]).text) == bytes(one))
      #expect(bytes(TextMerge(base: base, sides: [base, other]).text) == bytes(other))
      #expect(bytes(TextMerge(base: base, sides: [one, one]).text) == bytes(one))
      #expect(bytes(TextMerge(base: base, sides: [one, base, one, base]).text) == bytes(one))
      let merge = TextMerge(base: base, sides: [one, other])
      #expect(merge.chunks == TextMerge(base: base, sides: [other, one]).chunks.map(\.turned))
      #expect(bytes(side(nil, of: TextMerge(base: base, sides: [one, one]))) == bytes(one))
      // An open place has what each side has, so taking one side's words everywhere loses none of its own.
      if merge.openCount > 0 { #expect(merge.text == nil) }
      let unrelated = TextMerge(unrelated: [one, other])
      #expect(bytes(side(0, of: unrelated)) == bytes(one))
      #expect(bytes(side(1, of: unrelated)) == bytes(other))
    }
  }

  @Test(arguments: 0..<10)
  func `a difference is both texts, byte for byte`(seed: UInt64) {
    var texts = Texts(random: SeededGenerator(seed: seed))
    for _ in 0..<30 {
      let old = texts.text(Int.random(in: 0...60, using: &texts.random))
      let new = Bool.random(using: &texts.random) ? texts.edited(old) : texts.text(30)
      let pieces = WordDiff(from: old, to: new).pieces
      let (left, right) = (Self.text(pieces, ofOld: true), Self.text(pieces, ofOld: false))
      #expect(bytes(left) == bytes(old), "\(pieces)")
      #expect(bytes(right) == bytes(new), "\(pieces)")
      #expect(WordDiff(from: old, to: old).pieces.count == (old.isEmpty ? 0 : 1))
    }
  }

  @Test(arguments: 0..<10)
  func `edits that do not touch both stand`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let words = (0..<60).map { "w\($0)" }
    for _ in 0..<20 {
      var (one, other, both) = (words, words, words)
      // Each word is changed by at most one side, and the next one by none.
      for index in stride(from: 0, to: words.count - 1, by: 2) {
        let word = "n\(Int.random(in: 0...999, using: &random))"
        switch Int.random(in: 0...3, using: &random) {
        case 0:
          one[index] = word
          both[index] = word
        case 1:
          other[index] = word
          both[index] = word
        default: break
        }
      }
      let merge = TextMerge(
        base: words.joined(separator: " "),
        sides: [one.joined(separator: " "), other.joined(separator: " ")])
      #expect(merge.text == both.joined(separator: " "))
    }
  }

  @Test func `long texts are compared in bounded time`() throws {
    var random = SeededGenerator(seed: 7)
    func letters(_ count: Int, _ line: Int?) -> String {
      var bytes: [UInt8] = []
      for index in 0..<count {
        let isEnd = line.map { index % $0 == $0 - 1 } ?? false
        let letter = UInt8.random(in: 97...122, using: &random)
        bytes.append(isEnd ? 0x0A : index % 6 == 5 ? 0x20 : letter)
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    // Nothing in common, without lines and with.
    let clock = ContinuousClock()
    for line in [nil, 60] as [Int?] {
      let (old, new) = (letters(200_000, line), letters(200_000, line))
      let time = clock.measure {
        let pieces = WordDiff(from: old, to: new).pieces
        #expect(Self.text(pieces, ofOld: false).utf8.elementsEqual(new.utf8))
      }
      // Seconds where it would be hours; builds beside it take their share.
      #expect(time < .seconds(60))
    }
    // Much in common: single words are found.
    let old = letters(200_000, 60)
    var lines = old.split(separator: "\n")
    lines[500] = "changed here"
    lines[2_000] += " and there"
    let changed = WordDiff(from: old, to: lines.joined(separator: "\n") + "\n").pieces.filter {
      if case .added = $0 { true } else { false }
    }
    #expect(changed.contains(.added("changed here")))
    #expect(changed.contains(.added(" and there")))
  }

  private func bytes(_ text: String?) -> [UInt8]? { text.map { Array($0.utf8) } }

  /// One side's words in all open places.
  private func side(_ index: Int?, of merge: TextMerge) -> String {
    merge.chunks.map { chunk in
      switch chunk {
      case .settled(let text): text
      case .open(_, let sides): index.map { sides[$0] } ?? ""
      }
    }.joined()
  }

  private static func text(_ pieces: [WordDiff.Piece], ofOld isOld: Bool) -> String {
    pieces.map { piece in
      switch piece {
      case .same(let text): text
      case .removed(let text): isOld ? text : ""
      case .added(let text): isOld ? "" : text
      }
    }.joined()
  }
}

extension TextMerge.Chunk {
  /// The same with its sides in the other order.
  fileprivate var turned: TextMerge.Chunk {
    switch self {
    case .settled: self
    case .open(let base, let sides): .open(base: base, sides: sides.reversed())
    }
  }
}
