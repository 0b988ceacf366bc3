import Gloss
import Testing

@Suite struct AnchorTests {
  @Test func `a quote is found where it is, in code points, with what stands around it`() throws {
    let text = "Cafe\u{301} first. Every reader writes in the margin, sooner or later, they say."
    let anchor = try Anchor(of: "writes in the margin", in: text)
    #expect(anchor.quote == "writes in the margin")
    #expect(anchor.start == 26)
    #expect(anchor.end == 46)
    #expect(anchor.prefix == "Cafe\u{301} first. Every reader ")
    #expect(anchor.suffix == ", sooner or later, they say.")
    #expect(anchor.textDigest.count == 32)
    let scalars = Array(text.unicodeScalars)[anchor.start..<anchor.end]
    #expect(String(String.UnicodeScalarView(scalars)) == anchor.quote)
  }

  @Test func `prefix and suffix have at most 32 code points`() throws {
    let text = String(repeating: "a", count: 50) + "X" + String(repeating: "b", count: 50)
    let anchor = try Anchor(of: "X", in: text)
    #expect(anchor.prefix == String(repeating: "a", count: 32))
    #expect(anchor.suffix == String(repeating: "b", count: 32))
  }

  @Test func `white space of any kind and length is the same where the exact words are not there`()
    throws
  {
    let anchor = try Anchor(of: " in  the\tmargin ", in: "write in\n  the margin twice")
    #expect(anchor.quote == "in\n  the margin")
    #expect(anchor.start == 6)
    #expect(anchor.end == 21)
  }

  @Test func `the exact words win over those with other white space`() throws {
    #expect(try Anchor(of: "a b", in: "a\nb, a b").start == 5)
  }

  @Test func `code points of other bytes are other words`() {
    #expect(throws: LibraryError.quoteNotFound("caf\u{E9}")) {
      try Anchor(of: "caf\u{E9}", in: "cafe\u{301}")
    }
  }

  @Test func `an ambiguous quote lists its places, overlapping ones too`() {
    #expect {
      try Anchor(of: "aa", in: "x\naaa y")
    } throws: { error in
      guard case LibraryError.quoteAmbiguous(let places) = error else { return false }
      return places.count == 2 && places[0].line == 2 && places[0].before == ""
        && places[0].quote == "aa" && places[0].after == "a y" && places[1].before == "a"
    }
  }

  @Test func `an occurrence chooses among places`() throws {
    #expect(try Anchor(of: "ab", in: "ab ab ab", occurrence: 2).start == 3)
    #expect(throws: LibraryError.noSuchOccurrence(4, count: 3)) {
      try Anchor(of: "ab", in: "ab ab ab", occurrence: 4)
    }
  }

  @Test(arguments: ["", " \n"]) func `an empty quote is refused`(quote: String) {
    #expect(throws: LibraryError.emptyQuote) { try Anchor(of: quote, in: "text") }
  }

  @Test func `an anchor survives its encoding, and no cut or longer one is an anchor`() throws {
    let anchor = try Anchor(of: "märgin", in: "in the märgin, \u{1F600}")
    let bytes = anchor.encoded
    #expect(Anchor(encoded: bytes) == anchor)
    for count in 0..<bytes.count { #expect(Anchor(encoded: Array(bytes[..<count])) == nil) }
    #expect(Anchor(encoded: bytes + [0]) == nil)
    #expect(Anchor(encoded: [2] + bytes.dropFirst()) == nil)
  }

  @Test func `the encoding is what it was`() throws {
    let bytes = try Anchor(of: "b", in: "abc").encoded
    // Version; "b"; "a"; "c"; start 1; length 1; the SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    #expect(
      Array(bytes.prefix(13)) == [1, 1, 0x62, 1, 0x61, 1, 0x63, 1, 1, 0xBA, 0x78, 0x16, 0xBF])
    #expect(bytes.count == 9 + 32)
  }

  @Test func `a quote is found again where text was put before it`() throws {
    let anchor = try Anchor(of: "the margin", in: "He writes in the margin, twice.")
    #expect(place(of: anchor, in: "He writes in the margin, twice.") == 13..<23)
    #expect(place(of: anchor, in: "Look: he writes in the margin, twice.") == 19..<29)
    #expect(place(of: anchor, in: "He writes in the book.") == nil)
  }

  @Test func `of several places the one with the same surroundings is the quote's`() throws {
    let text = "one word here, one word there, one word anywhere"
    let anchor = try Anchor(of: "word", in: text, occurrence: 2)
    #expect(place(of: anchor, in: "one word, one word there, one word anywhere") == 14..<18)
    // At the old place stands the same word in other surroundings.
    #expect(place(of: anchor, in: "and a word here word one word there, one word") == 25..<29)
  }

  @Test func `of places that are alike the nearest is the quote's`() throws {
    let anchor = try Anchor(of: "b", in: "xxxxb")
    #expect(place(of: anchor, in: "b b b") == 4..<5)
    #expect(place(of: anchor, in: "xb") == 1..<2)
  }

  private func place(of anchor: Anchor, in text: String) -> Range<Int>? {
    anchor.place(in: Array(text.unicodeScalars))
  }
}
