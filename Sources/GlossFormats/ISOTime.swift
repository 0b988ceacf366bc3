/// Times as ISO 8601 in UTC.
enum ISOTime {
  /// `2026-11-24T13:42:07.123Z`.
  static func text(milliseconds: UInt64) -> String {
    let seconds = milliseconds / 1_000
    return day(milliseconds: milliseconds) + "T" + digits(seconds / 3_600 % 24, 2) + ":"
      + digits(seconds / 60 % 60, 2) + ":" + digits(seconds % 60, 2) + "."
      + digits(milliseconds % 1_000, 3) + "Z"
  }

  /// `2026-11-24` (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  static func day(milliseconds: UInt64) -> String {
    let shifted = milliseconds / 86_400_000 + 719_468
    let (era, day) = (shifted / 146_097, shifted % 146_097)
    let yearOfEra = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return digits(year, 4) + "-" + digits(month, 2) + "-"
      + digits(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2)
  }

  private static func digits(_ number: UInt64, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
