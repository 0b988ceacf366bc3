extension Unicode.Scalar {
  /// The full compatibility decomposition (NFKD) of the scalar, or itself where it has none or is a
  /// Hangul syllable.
  ///
  /// Foundation knows it, too, but makes a program that loads it slow to start.
  ///
  /// - Complexity: A binary search in ``Decompositions``.
  var compatibilityDecomposition: [Unicode.Scalar] {
    Decompositions.lines.withUTF8Buffer { text in
      let stride = Decompositions.lineByteCount
      var low = 0
      var high = text.count / stride
      // The last line that does not begin above the scalar is one of `low..<high`, if there is one.
      while high - low > 1 {
        let middle = (low + high) / 2
        var place = middle * stride
        if Self.number(text, &place) > value { high = middle } else { low = middle }
      }
      var place = low * stride
      let first = Self.number(text, &place)
      // A field and what parts it from the next are at least two bytes.
      guard first <= value, value - first < stride / 2 else { return [self] }
      var fieldsBefore = value - first
      while fieldsBefore > 0 {
        place += 1
        if text[place] == UInt8(ascii: "\n") { return [self] }
        if text[place] == UInt8(ascii: " ") { fieldsBefore -= 1 }
      }
      if text[place + 1] == UInt8(ascii: "-") { return [self] }
      var parts: [Unicode.Scalar] = []
      repeat {
        place += 1
        if let part = Unicode.Scalar(Self.number(text, &place)) { parts.append(part) }
      } while text[place] == UInt8(ascii: "+")
      return parts
    }
  }

  /// Reads a hexadecimal number and moves `place` to what ends it, a byte below all digits.
  private static func number(_ text: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> UInt32 {
    var number: UInt32 = 0
    while text[place] >= UInt8(ascii: "0") {
      let digit = text[place]
      number = number << 4 | UInt32(digit <= UInt8(ascii: "9") ? digit - 0x30 : digit - 0x37)
      place += 1
    }
    return number
  }
}
