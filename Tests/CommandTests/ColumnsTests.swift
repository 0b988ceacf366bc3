import Testing

@testable import gloss

/// How wide a terminal shows what a reader may write.
@Suite struct ColumnsTests {
  @Test(arguments: [
    ("a", 1), ("é", 1), ("e\u{301}", 1), ("\u{AD}", 1), ("ß", 1), ("…", 1), ("“", 1), ("ｱ", 1),
    // East Asian Width.
    ("余", 2), ("の", 2), ("ー", 2), ("。", 2), ("Ａ", 2), ("￥", 2), ("한", 2), ("㈠", 2), ("𠮷", 2),
    // A syllable of three parts, and one that is one code point.
    ("\u{1112}\u{1161}\u{11AB}", 2), ("か\u{3099}", 2),
    // Emoji: one, with a skin tone, a family, a flag, a keycap, with and without variation selector 16.
    ("\u{1F469}", 2), ("\u{1F44D}\u{1F3FD}", 2),
    ("\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}", 2), ("\u{1F1EB}\u{1F1F7}", 2),
    ("1\u{FE0F}\u{20E3}", 2), ("\u{2764}\u{FE0F}", 2), ("\u{2764}", 1),
    ("\u{1F3F3}\u{FE0F}\u{200D}\u{1F308}", 2), ("\u{1FAE8}", 2), ("\u{231A}", 2),
    // Marks and format characters alone, and joiners between letters.
    ("\u{200B}", 0), ("\u{200D}", 0), ("\u{301}", 0), ("\u{FEFF}", 0), ("ن\u{200C}", 1),
    ("กำ", 2), ("ที่", 1), ("क\u{93F}", 2), ("q\u{308}\u{331}\u{489}", 1),
    ("\t", 8),
  ])
  func `a character has so many columns`(text: String, width: Int) {
    #expect(Text.columns(text) == width)
  }

  @Test func `a line is cut where its columns end, never inside a character`() {
    let family = "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}"
    #expect(Text.line("余白に書く", width: 10) == "余白に書く")
    #expect(Text.line("余白に書く", width: 9) == "余白に書…")
    #expect(Text.line("余白に書く", width: 8) == "余白に…")
    #expect(Text.line(family + family + family, width: 5) == family + family + "…")
    #expect(Text.padded(family, to: 4) == family + "  ")
  }

  @Test(arguments: [
    ("", ""), (" ", ""), ("a", "a"), ("ab cd", "ab cd"), ("abcde", "abcde"), ("abcdef", "abcd…"),
    ("abc def", "abc…"), ("abcd ef", "abcd…"), ("abcde ", "abcde"), ("abcde  x", "abcd…"),
    ("a  b", "a b"), (" ab", "ab"), ("abcd\u{301}", "abcd\u{301}"), ("abcde\u{301}f", "abcd…"),
    ("ab\tc", "ab c"), ("ab\u{1B}", "ab\\u…"), ("ab\u{7F}c", "ab\\u…"),
    ("a\nb", "a b"), ("\n\nab\r\n", "ab"), ("abc   é", "abc é"), ("a b c d", "a b…"),
    ("ab \t cd  ", "ab cd"), ("abcd  \n", "abcd"), ("abcd  \né", "abcd…"), ("\u{B}a", "a"),
  ])
  func `printable letters are cut as all others are`(content: String, line: String) {
    #expect(Text.line(content, width: 5) == line)
    // The same with something before it that is none of them.
    let wide = Text.line("余" + content, width: 7)
    #expect(wide == "余" + line || content.first?.isWhitespace == true)
  }

  @Test func `a line is its words with a space between them, cut where it is too long`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3_000 {
      let content = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        ["a", "b", "c", "d", " ", " ", "\t", "\n"].randomElement(using: &random)!
      }.joined()
      let width = Int.random(in: 1...8, using: &random)
      var line = content.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(Text.line(content) == line, "\(content.debugDescription)")
      if line.count > width {
        line = String(line.prefix(width - 1))
        while line.last == " " { line.removeLast() }
        line += "…"
      }
      #expect(Text.line(content, width: width) == line, "\(content.debugDescription) in \(width)")
    }
  }
}
