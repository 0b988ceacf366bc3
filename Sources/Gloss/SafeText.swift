/// Content as it may be shown: what a terminal would act on, and what changes the direction of text or hides some, becomes a visible
/// escape, so that no content can steer a terminal or disguise what it says.
package enum SafeText {
  /// Whether the code point may not be shown as it is: C0 controls but line end and tab, DEL, C1, and characters that change the
  /// direction of text, end lines or tag what stands around them.
  package static func isUnsafe(_ codePoint: UInt32) -> Bool {
    switch codePoint {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFFF9...0xFFFB: true
    case 0xE0000...0xE007F: true
    default: false
    }
  }

  /// Returns content with an escape, such as `\u{1b}`, in the place of each unsafe code point but `kept`.
  package static func escaped(_ content: String, keeping kept: Unicode.Scalar? = nil) -> String {
    func isEscaped(_ scalar: Unicode.Scalar) -> Bool { isUnsafe(scalar.value) && scalar != kept }
    guard content.unicodeScalars.contains(where: isEscaped) else { return content }
    var result = ""
    for scalar in content.unicodeScalars {
      if isEscaped(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
