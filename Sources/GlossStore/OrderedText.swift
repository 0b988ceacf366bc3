/// Texts as people order them.
enum OrderedText {
  /// Returns bytes whose order is that of the texts, where letters that differ in case, accents or width only are the same.
  static func key(of text: String, by folder: TextFolder) -> [UInt8] {
    var text = text
    let isPlain = text.withUTF8 { $0.allSatisfy { $0 < 0x80 } }
    // Of ASCII, which most of it is, only the capitals differ.
    guard isPlain else { return FoldedText.bytes(text, by: folder) }
    return text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }
}
