import Foundation
import Testing

@testable import GlossStore

/// What scalars become, against Foundation, without which they are folded.
@Suite struct DecompositionTests {
  @Test(arguments: 0...0x10) func `every assigned scalar is decomposed as Foundation does it`(
    plane: UInt32
  ) {
    for page in plane << 8..<(plane + 1) << 8 {
      var texts = (plain: String.UnicodeScalarView(), decomposed: String.UnicodeScalarView())
      for value in page << 8..<(page + 1) << 8 {
        // Of what is newer than the table Foundation may know more. Syllables are not folded.
        guard let scalar = Unicode.Scalar(value), !(0xAC00...0xD7A3).contains(value),
          let age = scalar.properties.age, age <= Decompositions.unicodeVersion
        else { continue }
        texts.plain.append(scalar)
        for part in scalar.compatibilityDecomposition { texts.decomposed.append(part) }
        // Keeps the marks of one scalar from those of another.
        texts.plain.append("\n")
        texts.decomposed.append("\n")
      }
      let expected = String(texts.plain).decomposedStringWithCompatibilityMapping
      // By bytes, since a string is equal to its decomposed form.
      #expect(Array(String(texts.decomposed).utf8) == Array(expected.utf8), "page \(page)")
    }
  }

  @Test(arguments: [0x3099, 0x309A]) func `kana and a mark are composed as Foundation does it`(
    mark: UInt32
  ) throws {
    for first: UInt32 in 0x3041...0x30FF {
      let parts = try [first, mark].map { try #require(Unicode.Scalar($0)) }
      let whole = String(String.UnicodeScalarView(parts)).precomposedStringWithCanonicalMapping
      let expected = whole.unicodeScalars.count == 1 ? whole.unicodeScalars.first?.value : nil
      #expect(TextFolder.composition(first, mark) == expected, "\(parts)")
    }
  }
}
