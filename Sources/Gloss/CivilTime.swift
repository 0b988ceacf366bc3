/// Times as people write them, in UTC.
package enum CivilTime {
  /// `2026-11-24 13:42`.
  package static func minute(_ milliseconds: UInt64) -> String {
    day(milliseconds) + " " + timeOfDay(milliseconds)
  }

  /// `2026-11-24`.
  package static func day(_ milliseconds: UInt64) -> String {
    CivilDate(unlimited: Int(milliseconds / 86_400_000)).description
  }

  /// `2026-11-24T13:42:07.123Z`.
  package static func exact(_ milliseconds: UInt64) -> String {
    let withinMinute = Int(milliseconds % 60_000)
    return day(milliseconds) + "T" + timeOfDay(milliseconds) + ":"
      + Digits.of(withinMinute / 1_000, 2) + "." + Digits.of(withinMinute % 1_000, 3) + "Z"
  }

  private static func timeOfDay(_ milliseconds: UInt64) -> String {
    let minutes = Int(milliseconds / 60_000)
    return Digits.of(minutes / 60 % 24, 2) + ":" + Digits.of(minutes % 60, 2)
  }

  /// Returns the milliseconds since the Unix epoch of a date as HTTP writes it (RFC 9110, IMF-fixdate); `nil` for any other text.
  package static func milliseconds(ofHTTPDate text: String) -> UInt64? {
    let words = text.split(separator: " ")
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    guard words.count == 6, words[5] == "GMT", let day = Int(words[1]),
      let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]), year >= 1970,
      let date = CivilDate(year: year, month: month + 1, day: day)
    else { return nil }
    let time = words[4].split(separator: ":").compactMap { Int($0) }
    guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]),
      (0...60).contains(time[2])
    else { return nil }
    return UInt64(((date.daysSinceEpoch * 24 + time[0]) * 60 + time[1]) * 60 + time[2]) * 1_000
  }
}
