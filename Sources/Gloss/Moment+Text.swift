extension Moment {
  /// Reads a time as a person writes it.
  ///
  /// - Throws: ``TimeTextError``, with offsets into `text`.
  public init(parsing text: String) throws(TimeTextError) {
    var reader = TimeReader(Array(text.utf8), 0..<text.utf8.count)
    self = try reader.moment()
  }

  /// The months' names.
  static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  /// The days' names, from Monday.
  static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  /// The names of units as they are written after a number, the shortest first.
  static let unitNames: [(name: String, unit: Unit)] =
    [
      ("min", .minute), ("h", .hour), ("d", .day), ("w", .week), ("m", .month), ("y", .year),
      ("mo", .month), ("mins", .minute),
    ] + Unit.allCases.flatMap { [($0.rawValue, $0), ($0.rawValue + "s", $0)] }

  /// The words that begin a time, for suggestions.
  static let words = ["now", "today", "yesterday", "last", "this"] + weekdays + months
}

extension Moment: CustomStringConvertible {
  /// The time in its one form, which has no spaces and is read as the same time.
  public var description: String {
    switch self {
    case .year(let year): Digits.of(year, 4)
    case .month(let date): Digits.of(date.year, 4) + "-" + Digits.of(date.month, 2)
    case .day(let date): date.description
    case .time(let date, let time): date.description + "T" + time.description
    case .now: "now"
    case .ago(let count, let unit):
      "\(count)" + (Self.unitNames.first { $0.unit == unit }?.name ?? unit.rawValue)
    case .current(.day, let back): back == 0 ? "today" : "yesterday"
    case .current(let unit, let back): (back == 0 ? "this-" : "last-") + unit.rawValue
    case .weekday(let weekday, let isBeforeToday):
      (isBeforeToday ? "last-" : "") + Self.weekdays[weekday]
    case .monthName(let month): Self.months[month - 1]
    }
  }
}

extension Moment.TimeOfDay: CustomStringConvertible {
  /// `13:42`, `13:42:07`, `13:42:07.123`, and `Z` or `+01:00` behind it where it says so.
  public var description: String {
    let minutes = start / 60_000
    var text = Digits.of(minutes / 60, 2) + ":" + Digits.of(minutes % 60, 2)
    if width < 60_000 { text += ":" + Digits.of(start / 1_000 % 60, 2) }
    if width < 1_000 { text += "." + Digits.of(start % 1_000, 3) }
    guard let offset = utcOffsetMinutes else { return text }
    if offset == 0 { return text + "Z" }
    let distance = abs(offset)
    return text + (offset < 0 ? "-" : "+") + Digits.of(distance / 60, 2) + ":"
      + Digits.of(distance % 60, 2)
  }
}

/// Why a text is no time.
public struct TimeTextError: Error, Hashable, Sendable {
  /// The bytes of the text that are not understood.
  public let place: Range<Int>

  /// What is wrong there.
  public let problem: Problem

  /// What is wrong with a text that should be a time.
  public enum Problem: Hashable, Sendable {
    /// There is nothing where a time should be.
    case nothing
    /// It is no form of a time; a word that may have been meant.
    case unknown(suggestion: String?)
    /// The calendar has no such day, or the day no such time.
    case noSuchDate
    /// The number is greater than ``Moment/greatestCount``.
    case tooManyUnits
    /// `>2w` says "longer ago" to one reader and "more recent" to another.
    case ambiguousComparison(Moment)
  }
}
