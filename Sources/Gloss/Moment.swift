/// A time as a person writes it: a year, a day, a minute, a word such as `yesterday`, or how long ago it is.
///
///     2026   2026-11   2026-11-24   2026-11-24T13:42   2026-11-24 13:42:07.123Z   2026-11-24T13:42+01:00
///     now   today   yesterday   monday   last monday   this week   last month   this year   march
///     30min   12h   3d   2w   6m   1y   2 weeks ago   last 3 days
///
/// Most of them last: `2026` is all of that year, `monday` all of the most recent one, which may be today, and `last monday` the
/// one before today. `now` and those that say how long ago are points in time. A day's hyphens may be spaces and the other way
/// round in words: `last-monday`. Months and years ago are months and years of the calendar.
public enum Moment: Hashable, Sendable {
  /// A year.
  case year(Int)
  /// A month; the day of the date is 1.
  case month(CivilDate)
  /// A day.
  case day(CivilDate)
  /// A minute, second or millisecond of a day.
  case time(CivilDate, TimeOfDay)
  /// This very millisecond.
  case now
  /// So many units ago, to the millisecond.
  case ago(Int, Unit)
  /// The day, week, month or year that it is now, or for 1 the one before.
  case current(Unit, back: Int)
  /// The most recent day of this name, 0 for Monday: today or before, or before today only.
  case weekday(Int, beforeToday: Bool)
  /// The most recent month of this number, this month or before.
  case monthName(Int)

  /// A unit of time.
  public enum Unit: String, CaseIterable, Sendable {
    case minute, hour, day, week, month, year
  }

  /// A time of a day, as exactly as it was written.
  public struct TimeOfDay: Hashable, Sendable {
    /// Milliseconds from the day's beginning.
    public let start: Int
    /// 60,000 for a minute, 1,000 for a second, 1 for a millisecond.
    public let width: Int
    /// How far the clock that it was read from is ahead of UTC, `nil` for the reader's.
    public let utcOffsetMinutes: Int?

    /// - Parameters:
    ///   - start: From 0 to 86,399,999, a multiple of `width`.
    ///   - width: 60,000, 1,000 or 1.
    ///   - utcOffsetMinutes: From -1,439 to 1,439.
    public init(start: Int, width: Int, utcOffsetMinutes: Int?) {
      self.start = start
      self.width = width
      self.utcOffsetMinutes = utcOffsetMinutes
    }
  }

  /// The greatest number of units ago.
  public static let greatestCount = 99_999
}

extension Moment {
  /// Returns the stretch of time that is meant; an empty one for a point in time.
  public func period(at reference: TimeReference) -> Range<Int64> {
    let today = reference.today
    func days(_ first: CivilDate, _ count: Int) -> Range<Int64> {
      reference.start(of: first)..<reference.start(of: first, plusDays: count)
    }
    func months(_ first: CivilDate, _ count: Int) -> Range<Int64> {
      reference.start(of: first)..<reference.start(of: first.adding(months: count))
    }
    func firstOfMonth(_ date: CivilDate) -> CivilDate {
      CivilDate(daysSinceEpoch: date.daysSinceEpoch - date.day + 1)
    }
    func firstOfYear(_ date: CivilDate) -> CivilDate {
      firstOfMonth(date).adding(months: 1 - date.month)
    }
    func earlier(_ date: CivilDate, days: Int) -> CivilDate {
      CivilDate(daysSinceEpoch: date.daysSinceEpoch - days)
    }
    switch self {
    case .year(let year): return months(CivilDate(year: year) ?? today, 12)
    case .month(let date): return months(firstOfMonth(date), 1)
    case .day(let date): return days(date, 1)
    case .time(let date, let time):
      let zone = TimeReference(
        now: 0, utcOffsetMinutes: time.utcOffsetMinutes ?? reference.utcOffsetMinutes)
      let start = zone.start(of: date) + Int64(time.start)
      return start..<start + Int64(time.width)
    case .now: return reference.now..<reference.now
    case .ago(let count, let unit):
      let point = Self.point(max(0, min(count, Self.greatestCount)), unit, before: reference)
      return point..<point
    case .current(let unit, let back):
      switch unit {
      case .minute, .hour:
        let width: Int64 = unit == .minute ? 60_000 : 3_600_000
        let start = reference.now - reference.now % width - Int64(back) * width
        return start..<start + width
      case .day: return days(earlier(today, days: back), 1)
      case .week: return days(earlier(today, days: today.weekday + 7 * back), 7)
      case .month: return months(firstOfMonth(today).adding(months: -back), 1)
      case .year: return months(firstOfYear(today).adding(months: -12 * back), 12)
      }
    case .weekday(let weekday, let isBeforeToday):
      var back = (today.weekday - weekday + 14) % 7
      if isBeforeToday && back == 0 { back = 7 }
      return days(earlier(today, days: back), 1)
    case .monthName(let month):
      return months(firstOfMonth(today).adding(months: -((today.month - month + 24) % 12)), 1)
    }
  }

  /// Returns the first millisecond that is meant.
  public func start(at reference: TimeReference) -> Int64 { period(at: reference).lowerBound }

  /// Returns the last millisecond that is meant.
  public func end(at reference: TimeReference) -> Int64 {
    let period = period(at: reference)
    return max(period.lowerBound, period.upperBound - 1)
  }

  /// Whether it has no length.
  public var isPoint: Bool {
    switch self {
    case .now, .ago: true
    default: false
    }
  }

  private static func point(_ count: Int, _ unit: Unit, before reference: TimeReference) -> Int64 {
    let now = reference.now
    switch unit {
    case .minute: return now - Int64(count) * 60_000
    case .hour: return now - Int64(count) * 3_600_000
    case .day: return now - Int64(count) * 86_400_000
    case .week: return now - Int64(count) * 604_800_000
    case .month, .year:
      let today = reference.today
      let then = today.adding(months: -count * (unit == .year ? 12 : 1))
      return now - Int64(today.daysSinceEpoch - then.daysSinceEpoch) * 86_400_000
    }
  }
}
