internal import GlossCore

/// When a highlight is to be read again, and after how many days it was last put off.
///
/// Both are one value of one field, for they make sense only together. Its text is the day, a space and the number of days,
/// `2026-12-05 7`, so that texts in order are days in order.
///
/// The days double each time, as in Leitner's boxes (Sebastian Leitner, "So lernt man lernen", 1972): what was read a few times comes
/// seldom, and what did not stick begins again.
public struct Review: Hashable, Sendable {
  /// The first day on which it is due, in UTC.
  public let due: CivilDate
  /// How many days after it was read that is: 0 where it is not to be shown again.
  public let intervalDays: Int

  /// What a reader says of a highlight.
  public enum Answer: Sendable {
    /// Show it after twice as long as the last time: a week for the first.
    case later
    /// Show it tomorrow.
    case soon
    /// Show it no more.
    case never
  }

  /// The longest that a highlight is put off.
  public static let greatestIntervalDays = 365

  init(due: CivilDate, intervalDays: Int) {
    self.due = due
    self.intervalDays = intervalDays
  }

  /// What a reader's answer on a day comes to, after what was there before.
  public init(_ answer: Answer, on day: CivilDate, after last: Review?) {
    switch answer {
    case .later:
      let doubled = last.map { max(1, $0.intervalDays) * 2 } ?? 7
      intervalDays = min(doubled, Self.greatestIntervalDays)
    case .soon: intervalDays = 1
    case .never:
      intervalDays = 0
      due = Self.lastDay
      return
    }
    due = CivilDate(daysSinceEpoch: day.daysSinceEpoch + intervalDays)
  }

  private static let lastDay = CivilDate(daysSinceEpoch: 2_932_896)

  /// The value of the field.
  var text: String { "\(due) \(intervalDays)" }

  /// Reads a field's value; `nil` for what this version does not know.
  init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let parts = words.first?.split(separator: "-").compactMap { Int($0) } ?? []
    guard words.count == 2, parts.count == 3, let intervalDays = Int(words[1]),
      (0...Self.greatestIntervalDays).contains(intervalDays),
      let due = CivilDate(year: parts[0], month: parts[1], day: parts[2]),
      text == "\(due) \(intervalDays)"
    else { return nil }
    self.init(due: due, intervalDays: intervalDays)
  }
}
