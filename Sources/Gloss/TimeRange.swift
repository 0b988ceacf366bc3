/// A stretch of time, in milliseconds since the Unix epoch; open where a bound is missing.
public struct TimeRange: Hashable, Sendable {
  /// The first millisecond, `nil` for no bound.
  public var start: Int64?

  /// The first millisecond after it, `nil` for no bound.
  public var end: Int64?

  public init(start: Int64? = nil, end: Int64? = nil) {
    self.start = start
    self.end = end
  }

  /// Whether a time lies in the range.
  public func contains(_ milliseconds: Int64) -> Bool {
    (start.map { $0 <= milliseconds } ?? true) && (end.map { milliseconds < $0 } ?? true)
  }
}

/// Where and when somebody says "yesterday".
public struct TimeReference: Hashable, Sendable {
  /// Physical time in milliseconds since the Unix epoch.
  public let now: Int64

  /// How far the clock on the wall is ahead of UTC, in minutes.
  public let utcOffsetMinutes: Int

  /// - Parameters:
  ///   - now: Milliseconds since the Unix epoch; one past the year 9999 counts as that year's end.
  ///   - utcOffsetMinutes: From -1,439 to 1,439; anything beyond counts as that.
  public init(now: UInt64, utcOffsetMinutes: Int = 0) {
    self.now = Int64(min(now, 253_402_300_799_999))
    self.utcOffsetMinutes = min(max(utcOffsetMinutes, -1_439), 1_439)
  }

  /// The day that it is.
  var today: CivilDate { date(at: now) }

  /// The day on which a time is.
  func date(at milliseconds: Int64) -> CivilDate {
    let shifted = milliseconds + Int64(utcOffsetMinutes) * 60_000
    let (days, rest) = shifted.quotientAndRemainder(dividingBy: 86_400_000)
    return CivilDate(daysSinceEpoch: Int(rest < 0 ? days - 1 : days))
  }

  /// When a day begins.
  func start(of date: CivilDate) -> Int64 {
    Int64(date.daysSinceEpoch) * 86_400_000 - Int64(utcOffsetMinutes) * 60_000
  }

  /// When the day before which so many days begin, begins.
  func start(of date: CivilDate, plusDays days: Int) -> Int64 {
    Int64(date.daysSinceEpoch + days) * 86_400_000 - Int64(utcOffsetMinutes) * 60_000
  }
}
