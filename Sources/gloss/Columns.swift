// How wide a terminal shows a text
// ================================
//
// Problem: lines are cut and columns aligned by what the terminal will show, and no interface of the system says it: glibc's
// wcwidth knows single code points of an old Unicode, and counts a family of four as eight columns.
//
// Idea: count by grapheme clusters, which Swift's `Character` is, as terminals do that follow Unicode 9 and later. A cluster
// that is shown as one emoji (a flag, a keycap, anything joined by ZWJ, with a skin tone or with variation selector 16) has two
// columns. Any other has the sum of its code points: two for those that East Asian Width calls wide or fullwidth, none for
// marks, format characters and the second and third part of a Korean syllable, one for the rest.
//
// Ambiguous ones count one, as outside East Asian locales. Where terminals disagree this is the greater width, for a line that
// is cut early does no harm and one that wraps does. Source: Unicode Standard Annex 11 and emoji-sequences.txt of Unicode 17.

/// The columns of a terminal that characters take.
enum Columns {
  /// The columns of one character: 0, 1, 2, and more only for clusters of several letters.
  static func width(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return 0 }
    if first.value < 0x7F, scalars.count == 1 {
      // A tab goes to the next multiple of eight, which depends on where the text stands.
      return first.value >= 0x20 ? 1 : first == "\t" ? 8 : 0
    }
    var sum = 0
    var isEmoji = false
    for scalar in scalars {
      sum += width(of: scalar)
      switch scalar.value {
      case 0x20E3, 0xFE0F, 0x1F1E6...0x1F1FF, 0x1F3FB...0x1F3FF: isEmoji = true
      case 0x200D: isEmoji = isEmoji || first.properties.isEmoji && first.value > 0x7F
      default: break
      }
    }
    return isEmoji && scalars.count > 1 ? 2 : sum
  }

  private static func width(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    guard value >= 0x300 else { return value == 0xAD || scalar.properties.isGraphemeBase ? 1 : 0 }
    if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return isWide(value) ? 2 : 1
    }
  }

  private static func isWide(_ value: UInt32) -> Bool {
    var low = 0
    var high = wide.count
    while low < high {
      let middle = (low + high) / 2
      if wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wide.count && wide[low].contains(value)
  }

  /// The code points of East Asian Width W or F in Unicode 17, in order; short gaps that no character is in are closed.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0,
    0x23F3...0x23F3, 0x25FD...0x25FE, 0x2614...0x2615, 0x2630...0x2637, 0x2648...0x2653,
    0x267F...0x267F, 0x268A...0x268F, 0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB,
    0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
    0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705,
    0x270A...0x270B, 0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755,
    0x2757...0x2757, 0x2795...0x2797, 0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C,
    0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x3029, 0x3030...0x303E, 0x3041...0x3096,
    0x309B...0x3163, 0x3165...0x3247, 0x3250...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
    0x16FE0...0x16FE3, 0x16FF2...0x18DF2, 0x1AFF0...0x1B2FB, 0x1D300...0x1D376,
    0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A,
    0x1F1E6...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393,
    0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4,
    0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D,
    0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596,
    0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC,
    0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC,
    0x1F7E0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF,
    0x1FA70...0x1FAF8, 0x20000...0x3FFFD,
  ]
}
