internal import Foundation

/// Texts in a form in which what differs in case, accents or width only is the same.
enum FoldedText {
  /// Returns the text folded, as UTF-8.
  static func bytes(_ text: String) -> [UInt8] {
    let options: String.CompareOptions = [
      .caseInsensitive, .diacriticInsensitive, .widthInsensitive,
    ]
    return Array(text.folding(options: options, locale: nil).utf8)
  }

  /// Whether a text has another one in it, which is folded already.
  static func contains(_ part: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer) -> Bool {
    let folded = bytes(String(decoding: text, as: UTF8.self))
    return folded.withUnsafeBytes { folded in
      guard part.count > 0 else { return true }
      guard folded.count >= part.count else { return false }
      return (0...folded.count - part.count).contains {
        folded[$0] == part[0] && folded[$0..<$0 + part.count].elementsEqual(part)
      }
    }
  }
}
