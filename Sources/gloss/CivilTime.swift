/// Times as people write them, in UTC.
enum CivilTime {
  /// `2026-11-24 13:42`.
  static func minute(_ milliseconds: UInt64) -> String {
    let parts = parts(milliseconds)
    return parts.day + " " + parts.minute
  }

  /// `2026-11-24`.
  static func day(_ milliseconds: UInt64) -> String { parts(milliseconds).day }

  /// `2026-11-24T13:42:07.123Z`.
  static func exact(_ milliseconds: UInt64) -> String {
    let parts = parts(milliseconds)
    return parts.day + "T" + parts.minute + ":" + digits(milliseconds / 1_000 % 60, 2) + "."
      + digits(milliseconds % 1_000, 3) + "Z"
  }

  /// Returns the last millisecond of what `text` names, or `nil` where it names no time: `2026-11-24`,
  /// `2026-11-24 13:42`, `2026-11-24T13:42:07Z` or `2026-11-24T13:42:07.123Z`.
  static func parse(_ text: String) -> UInt64? {
    var rest = text[...]
    guard let year = take(4, &rest), skip("-", &rest), let month = take(2, &rest), skip("-", &rest),
      let day = take(2, &rest), (1...12).contains(month), year >= 1970
    else { return nil }
    let days = daysBefore(year: year, month: month, day: day)
    guard day >= 1,
      days < daysBefore(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
    else { return nil }
    var time = days * 86_400_000
    guard !rest.isEmpty else { return UInt64(time + 86_399_999) }
    guard skip("T", &rest) || skip(" ", &rest), let hour = take(2, &rest), skip(":", &rest),
      let minute = take(2, &rest), hour < 24, minute < 60
    else { return nil }
    time += (hour * 60 + minute) * 60_000
    var width = 59_999
    if skip(":", &rest) {
      guard let second = take(2, &rest), second < 60 else { return nil }
      time += second * 1_000
      width = 999
      if skip(".", &rest) {
        guard let thousandths = take(3, &rest) else { return nil }
        time += thousandths
        width = 0
      }
    }
    _ = skip("Z", &rest)
    return rest.isEmpty ? UInt64(time + width) : nil
  }

  private static func parts(_ milliseconds: UInt64) -> (day: String, minute: String) {
    let minutes = milliseconds / 60_000
    let (year, month, day) = civil(days: Int(minutes / 1_440))
    return (
      digits(UInt64(year), 4) + "-" + digits(UInt64(month), 2) + "-" + digits(UInt64(day), 2),
      digits(minutes / 60 % 24, 2) + ":" + digits(minutes % 60, 2)
    )
  }

  /// The date of a day since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func civil(days: Int) -> (Int, Int, Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (year + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func daysBefore(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let yearOfEra = year % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return year / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
      - 719_468
  }

  private static func digits(_ number: UInt64, _ count: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }

  private static func take(_ count: Int, _ rest: inout Substring) -> Int? {
    let digits = rest.prefix(count)
    guard digits.utf8.count == count, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    rest = rest.dropFirst(count)
    return Int(digits)
  }

  private static func skip(_ mark: Character, _ rest: inout Substring) -> Bool {
    guard rest.first == mark else { return false }
    rest.removeFirst()
    return true
  }
}

extension CivilTime {
  /// Returns the milliseconds since the Unix epoch of a date as HTTP writes it (RFC 9110, IMF-fixdate); `nil` for any other text.
  static func milliseconds(ofHTTPDate text: String) -> UInt64? {
    let words = text.split(separator: " ")
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), (1...31).contains(day),
      let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]),
      (1970...9999).contains(year)
    else { return nil }
    let time = words[4].split(separator: ":").compactMap { Int($0) }
    guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]),
      (0...60).contains(time[2])
    else { return nil }
    // Days of the civil calendar, counted from March as Howard Hinnant does (days_from_civil).
    let shifted = month < 2 ? year - 1 : year
    let yearOfEra = shifted % 400
    let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = shifted / 400 * 146_097 + dayOfEra - 719_468
    return UInt64(((days * 24 + time[0]) * 60 + time[1]) * 60 + time[2]) * 1_000
  }
}
