extension HTTPRequest {
  /// The seconds of the preference `wait` (RFC 7240, section 4.3), 0 where there is none.
  ///
  /// The first of several counts. One that is no number is no preference: a hub ignores what it does not understand.
  var preferredWaitSeconds: Int {
    for header in values(of: HTTPBinding.preferHeader) {
      for preference in header.split(separator: ",") {
        // Parameters of a preference stand after a semicolon; `wait` has none.
        let words = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
        guard words.count == 2, words[0].trimmed.lowercased() == "wait" else { continue }
        var value = words[1].trimmed
        if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
          value = value.dropFirst().dropLast()
        }
        guard !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
          return 0
        }
        return Int(value) ?? .max
      }
    }
    return 0
  }
}

extension Substring {
  /// The text without the spaces and tabs around it.
  fileprivate var trimmed: Substring {
    let isSpace = { (character: Character) in character == " " || character == "\t" }
    guard let last = lastIndex(where: { !isSpace($0) }) else { return "" }
    return self[...last].drop(while: isSpace)
  }
}
