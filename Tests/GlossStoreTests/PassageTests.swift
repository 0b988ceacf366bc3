import GlossCore
import Testing

@testable import GlossStore

@Suite struct PassageTests {
  /// A passage with its hits in brackets and an ellipsis where it is cut.
  private func shown(
    _ text: String, _ patterns: String..., width: Int = 40, columns: (Character) -> Int = { _ in 1 }
  ) -> String? {
    withoutActuallyEscaping(columns) { columns in
      let finder = PassageFinder(
        patterns.map { TextPattern($0) }, width: width, columns: columns)
      guard let passage = finder.passage(in: text, field: "f", column: "c") else { return nil }
      let line = passage.parts.map { $0.isHit ? "[\($0.text)]" : $0.text }.joined()
      #expect(passage.text.reduce(0) { $0 + columns($1) } <= width - 2)
      return (passage.isCutAtStart ? "…" : "") + line + (passage.isCutAtEnd ? "…" : "")
    }
  }

  @Test func `a passage shows the words that were asked for, cut between words`() {
    let text =
      "It is a truth universally acknowledged, that a single man\nin possession of a good fortune"
    #expect(shown(text, "truth") == "It is a [truth] universally…")
    #expect(shown(text, "single MAN") == "…that a [single man] in possession of a…")
    #expect(shown(text, "fortune") == "…man in possession of a good [fortune]")
    #expect(shown(text, "wife") == nil)
    #expect(shown("A  b\t\nc", "b") == "A [b] c")
    #expect(shown("“Crème brûlée”!", "creme", "brulee") == "“[Crème] [brûlée]”!")
    #expect(shown("e\u{301}te\u{301} ici", "ete") == "[e\u{301}te\u{301}] ici")
  }

  @Test func `the part with the most of the words is shown`() {
    let gap = String(repeating: "and so on ", count: 20)
    let text = "a heron. \(gap)a crane. \(gap)a heron and a crane. \(gap)"
    #expect(shown(text, "heron", "crane") == "…so on a [heron] and a [crane]. and so on…")
  }

  @Test func `Chinese, Japanese and Korean are cut between characters`() {
    let text = String(repeating: "春眠不覚暁処処聞啼鳥", count: 10)
    let wide: (Character) -> Int = { _ in 2 }
    #expect(shown(text, "啼鳥", width: 22, columns: wide) == "…処処聞[啼鳥]春眠不覚暁…")
    #expect(shown("한국어로 쓴 글", "국") == "한[국]어로 쓴 글")
  }

  @Test func `a prefix marks the whole word, and a column only its own`() {
    let finder = PassageFinder(
      [TextPattern("glo", isPrefix: true, columns: ["c"])], width: 40, columns: { _ in 1 })
    let passage = finder.passage(in: "a glossary", field: "f", column: "c")
    #expect(
      passage?.parts == [.init(text: "a ", isHit: false), .init(text: "glossary", isHit: true)])
    #expect(finder.passage(in: "a glossary", field: "f", column: "d") == nil)
  }

  @Test func `a text of any kind is cut without a fault`() {
    let zalgo = "z" + String(repeating: "\u{336}", count: 300) + " word"
    #expect(shown(zalgo, "word") != nil)
    #expect(shown("", "x") == nil)
    #expect(shown("👩‍👩‍👧‍👦 family", "family") == "👩‍👩‍👧‍👦 [family]")
  }
}
