import GlossCore
import GlossTesting
import Testing

@testable import GlossStore

/// What is found, against a scan of texts whose words are known: each word is written in one of several ways that are to be the
/// same, and none of that knows how the index folds or splits.
@Suite struct SearchLawTests {
  @Test(arguments: 1...8) func `the index finds what a scan finds, in any mix of languages`(
    seed: Int
  ) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let world = try World("desk", "lap")
    var texts: [UInt128: MixedText] = [:]
    for round in 0..<4 {
      for _ in 0..<8 {
        let number = UInt128.random(in: 1...15, using: &generator)
        let text = MixedText.random(count: 12, using: &generator)
        let name = ["desk", "lap"].randomElement(using: &generator)!
        if try world[name].record(page(number)) == nil {
          try world[name].add(page(number), ["title": .text(text.written)])
        } else {
          try world[name].edit(page(number), ["title": .text(text.written)])
        }
        texts[number] = text
        try world.send(from: name, to: name == "desk" ? "lap" : "desk")
        if round % 2 == 1 { try world["desk"].updateSearchIndex(.tests, recordsAtOnce: 2) }
      }
      for _ in 0..<20 {
        var pattern = MixedText.random(
          count: .random(in: 1...3, using: &generator), using: &generator)
        if let text = texts.values.map(\.words).sorted(by: { "\($0)" < "\($1)" })
          .randomElement(using: &generator), Bool.random(using: &generator)
        {
          let start = Int.random(in: 0..<text.count - 2, using: &generator)
          let part = Array(text[start..<start + .random(in: 1...2, using: &generator)])
          pattern = MixedText(part, using: &generator)
        }
        let expected = texts.filter { $0.value.contains(pattern.words) }.keys.sorted()
        let found = try world["desk"].search(pattern.written).map(\.id.value).sorted()
        #expect(found == expected, "\(pattern.written) in \(texts.mapValues(\.written))")
        for number in found {
          let passages = try world["desk"].read {
            try $0.passages(of: page(number), [TextPattern(pattern.written)], .tests, width: 30)
          }
          let hits = passages.flatMap(\.parts).filter(\.isHit).map(\.text)
          #expect(!hits.isEmpty, "\(pattern.written) in \(texts[number]!.written)")
        }
      }
    }
    #expect(try world["desk"].verify().damages == [])
  }
}

/// A text of words that are known.
private struct MixedText {
  /// The words, by their first writing.
  var words: [String] = []
  var written = ""

  /// Words, each with the ways in which it may be written.
  static let spaced = [
    ["creme", "crème", "CRÈME", "cre\u{300}me", "ｃｒｅｍｅ"],
    ["strasse", "Straße", "STRASSE", "STRAẞE"],
    ["istanbul", "İstanbul", "ISTANBUL", "ıstanbul"], ["gloss", "ＧＬＯＳＳ", "Gloss"],
    ["elka", "ełka", "EŁKA"], ["елка", "ёлка", "ЁЛКА"], ["мой", "МОЙ", "мои\u{306}"],
    ["мои", "МОИ"],
    ["σοφος", "σοφός", "ΣΟΦΌΣ"], ["42", "４２", "٤٢"], ["office", "oﬃce", "OFFICE"],
    ["كتاب", "كِتَاب", "كتـاب"], ["किताब"], ["naive", "naïve", "nai\u{AD}ve"], ["soren", "Søren"],
  ]
  /// Words of one character, between which there need not be anything.
  static let solo = [
    ["東", "東\u{FE00}"], ["京"], ["書"], ["評"], ["が", "か\u{3099}"], ["か"], ["ガ", "ｶﾞ"], ["カ", "ｶ"],
    ["한", "\u{1112}\u{1161}\u{11AB}"], ["국"], ["ไ"], ["ท"], ["ย"], ["🔥", "🔥\u{FE0F}"], ["々"],
    ["ー"], ["鳥", "鳥"],
  ]
  static let separators = [" ", ", ", "\n", " — ", "。", "　", "・", "/", "'", "\u{200B}"]

  init(_ words: [String], using generator: inout SeededGenerator) {
    for word in words { append(word, using: &generator) }
  }

  static func random(count: Int, using generator: inout SeededGenerator) -> MixedText {
    MixedText(
      (0..<count).map { _ in
        let pool = Bool.random(using: &generator) ? spaced : solo
        return pool.randomElement(using: &generator)![0]
      }, using: &generator)
  }

  private mutating func append(_ word: String, using generator: inout SeededGenerator) {
    let isSolo = Self.solo.contains { $0[0] == word }
    let wasSolo = words.last.map { last in Self.solo.contains { $0[0] == last } } ?? true
    let writings = (Self.solo + Self.spaced).first { $0[0] == word } ?? [word]
    if !words.isEmpty, !(isSolo || wasSolo) || Bool.random(using: &generator) {
      written += Self.separators.randomElement(using: &generator)!
    }
    written += writings.randomElement(using: &generator)!
    words.append(word)
  }

  func contains(_ part: [String]) -> Bool {
    guard part.count <= words.count else { return false }
    return (0...words.count - part.count).contains { start in
      zip(words[start...], part).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
  }
}
