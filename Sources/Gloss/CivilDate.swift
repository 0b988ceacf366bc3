/// A day of the Gregorian calendar, also of the years before it was in use.
public struct CivilDate: Hashable, Comparable, Sendable {
  /// 1 to 9999; 10000 for the day after the last.
  public let year: Int
  /// 1 to 12.
  public let month: Int
  /// 1 to 31.
  public let day: Int

  /// The day, or `nil` where the calendar has none such, or the year is not from 1 to 9999.
  public init?(year: Int, month: Int = 1, day: Int = 1) {
    guard Self.years.contains(year), (1...12).contains(month), day >= 1,
      day <= Self.dayCount(year: year, month: month)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day so many days after 1970-01-01; 0001-01-01 or 10000-01-01 where it lies beyond.
  public init(daysSinceEpoch days: Int) {
    self.init(unlimited: min(max(days, Self.first), Self.last))
  }

  /// The day so many days after 1970-01-01, in whatever year after 0000 it lies: broken clocks know years beyond 9999.
  ///
  /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (`civil_from_days`).
  init(unlimited days: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The days since 1970-01-01; negative before.
  public var daysSinceEpoch: Int { Self.days(year: year, month: month, day: day) }

  /// 0 for Monday to 6 for Sunday.
  public var weekday: Int { (daysSinceEpoch % 7 + 10) % 7 }

  /// Returns the same day so many months later, or the month's last day where it has no such day; 0001-01-01 or 10000-01-01
  /// where it lies beyond.
  public func adding(months: Int) -> CivilDate {
    let count = year * 12 + month - 1 + min(max(months, -120_000), 120_000)
    let (newYear, newMonth) = (count / 12, count % 12 + 1)
    guard count >= 12, Self.years.contains(newYear) else {
      return CivilDate(daysSinceEpoch: months < 0 ? Self.first : Self.last)
    }
    let newDay = min(day, Self.dayCount(year: newYear, month: newMonth))
    return CivilDate(
      daysSinceEpoch: Self.days(year: newYear, month: newMonth, day: newDay))
  }

  public static func < (left: CivilDate, right: CivilDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  private static let years = 1...9_999
  /// 0001-01-01.
  private static let first = -719_162
  /// 10000-01-01, before which the last day ends.
  private static let last = 2_932_897

  private static func dayCount(year: Int, month: Int) -> Int {
    days(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
      - days(year: year, month: month, day: 1)
  }

  /// `days_from_civil`, counted from March.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let yearOfEra = shifted % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return shifted / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
      - 719_468
  }
}

extension CivilDate: CustomStringConvertible {
  /// `2026-11-24`.
  public var description: String {
    guard year < 10_000 else {
      return Digits.of(year, 4) + "-" + Digits.of(month, 2) + "-" + Digits.of(day, 2)
    }
    // Lists have one in each line.
    return String(unsafeUninitializedCapacity: 10) { text in
      func put(_ number: Int, _ places: Range<Int>) {
        var number = number
        for place in places.reversed() {
          text[place] = UInt8(ascii: "0") + UInt8(number % 10)
          number /= 10
        }
      }
      put(year, 0..<4)
      text[4] = UInt8(ascii: "-")
      put(month, 5..<7)
      text[7] = UInt8(ascii: "-")
      put(day, 8..<10)
      return 10
    }
  }
}

/// Numbers with zeros before them.
enum Digits {
  static func of(_ number: Int, _ count: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
