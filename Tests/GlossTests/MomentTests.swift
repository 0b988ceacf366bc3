import Gloss
import GlossTesting
import Testing

/// What people write for times.
@Suite struct MomentTests {
  /// Wednesday, 2026-11-25 13:42:07.123 UTC.
  private let reference = TimeReference(now: 1_795_614_127_123)

  /// The first and the last millisecond of what a text means.
  private func period(_ text: String, _ reference: TimeReference? = nil) throws -> String {
    let period = try Moment(parsing: text).period(at: reference ?? self.reference)
    return Self.exact(period.lowerBound)
      + (period.isEmpty ? "" : " " + Self.exact(period.upperBound - 1))
  }

  private static func exact(_ milliseconds: Int64) -> String {
    var days = Int(milliseconds / 86_400_000)
    var rest = Int(milliseconds % 86_400_000)
    if rest < 0 { (days, rest) = (days - 1, rest + 86_400_000) }
    let (seconds, minutes) = (rest / 1_000, rest / 60_000)
    let parts = [minutes / 60, minutes % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    let text = CivilDate(daysSinceEpoch: days).description + "T" + parts.joined(separator: ":")
    return rest % 1_000 == 0 ? text : text + "." + "\(1_000 + rest % 1_000)".dropFirst()
  }

  @Test(arguments: [
    ("2026", "2026-01-01T00:00:00 2026-12-31T23:59:59.999"),
    ("1854", "1854-01-01T00:00:00 1854-12-31T23:59:59.999"),
    ("0001", "0001-01-01T00:00:00 0001-12-31T23:59:59.999"),
    ("9999", "9999-01-01T00:00:00 9999-12-31T23:59:59.999"),
    ("9999-12-31", "9999-12-31T00:00:00 9999-12-31T23:59:59.999"),
    ("2024-02", "2024-02-01T00:00:00 2024-02-29T23:59:59.999"),
    ("2026-11-24", "2026-11-24T00:00:00 2026-11-24T23:59:59.999"),
    ("2026-11-24T13:42", "2026-11-24T13:42:00 2026-11-24T13:42:59.999"),
    ("2026-11-24 13:42:07", "2026-11-24T13:42:07 2026-11-24T13:42:07.999"),
    ("2026-11-24T13:42:07.050Z", "2026-11-24T13:42:07.050 2026-11-24T13:42:07.050"),
    ("2026-11-24T00:30+01:00", "2026-11-23T23:30:00 2026-11-23T23:30:59.999"),
    ("2026-11-24T23:30:00-05:30", "2026-11-25T05:00:00 2026-11-25T05:00:00.999"),
    ("today", "2026-11-25T00:00:00 2026-11-25T23:59:59.999"),
    (" Yesterday ", "2026-11-24T00:00:00 2026-11-24T23:59:59.999"),
    ("wednesday", "2026-11-25T00:00:00 2026-11-25T23:59:59.999"),
    ("last wednesday", "2026-11-18T00:00:00 2026-11-18T23:59:59.999"),
    ("monday", "2026-11-23T00:00:00 2026-11-23T23:59:59.999"),
    ("last-monday", "2026-11-23T00:00:00 2026-11-23T23:59:59.999"),
    ("thursday", "2026-11-19T00:00:00 2026-11-19T23:59:59.999"),
    ("this week", "2026-11-23T00:00:00 2026-11-29T23:59:59.999"),
    ("last week", "2026-11-16T00:00:00 2026-11-22T23:59:59.999"),
    ("this month", "2026-11-01T00:00:00 2026-11-30T23:59:59.999"),
    ("last month", "2026-10-01T00:00:00 2026-10-31T23:59:59.999"),
    ("last year", "2025-01-01T00:00:00 2025-12-31T23:59:59.999"),
    ("last hour", "2026-11-25T12:00:00 2026-11-25T12:59:59.999"),
    ("november", "2026-11-01T00:00:00 2026-11-30T23:59:59.999"),
    ("december", "2025-12-01T00:00:00 2025-12-31T23:59:59.999"),
    ("now", "2026-11-25T13:42:07.123"),
    ("30min", "2026-11-25T13:12:07.123"),
    ("12h", "2026-11-25T01:42:07.123"),
    ("3d", "2026-11-22T13:42:07.123"),
    ("last 3 days", "2026-11-22T13:42:07.123"),
    ("2 weeks ago", "2026-11-11T13:42:07.123"),
    ("2w", "2026-11-11T13:42:07.123"),
    ("9m", "2026-02-25T13:42:07.123"),
    ("1y", "2025-11-25T13:42:07.123"),
    ("99999y", "0001-01-01T13:42:07.123"),
  ])
  func `a time means a stretch or a point`(text: String, meant: String) throws {
    #expect(try period(text) == meant)
  }

  @Test func `a month ago has no day that the month has not`() throws {
    let march31 = TimeReference(now: 1_774_915_200_000)
    #expect(try period("today", march31).hasPrefix("2026-03-31"))
    #expect(try period("1m", march31) == "2026-02-28T00:00:00")
  }

  @Test func `a day is the one of the clock on the wall`() throws {
    let east = TimeReference(now: 1_795_647_600_000, utcOffsetMinutes: 120)  // 23:00 UTC
    #expect(try period("today", east) == "2026-11-25T22:00:00 2026-11-26T21:59:59.999")
    let west = TimeReference(now: 0, utcOffsetMinutes: -90)
    #expect(try period("today", west) == "1969-12-31T01:30:00 1970-01-01T01:29:59.999")
    #expect(
      try period("2026-11-24T13:42Z", east) == "2026-11-24T13:42:00 2026-11-24T13:42:59.999")
  }

  @Test(arguments: [
    ("", 0..<0), ("   ", 0..<0), ("2026-13", 0..<7), ("2025-02-29", 0..<10),
    ("2026-11-24T24:00", 11..<16), ("0000", 0..<4), ("100000w", 0..<6),
    ("9999999999999999999999w", 0..<22), ("2 weeks later", 8..<13), ("last", 4..<4),
    ("2026-1", 0..<6), ("2026-11-24T1:00", 0..<15), ("２０２６", 0..<12), ("+2w", 0..<3),
  ])
  func `what is no time says where`(text: String, place: Range<Int>) {
    let error = #expect(throws: TimeTextError.self) { try Moment(parsing: text) }
    #expect(error?.place == place)
  }

  @Test(arguments: [
    ("yesterdya", "yesterday"), ("tuseday", "tuesday"), ("last mnoday", "last monday"),
    ("3 weks", "3weeks"), ("this moth", "this month"), ("octobre", "october"),
  ])
  func `a slip has a suggestion`(text: String, suggestion: String) {
    let error = #expect(throws: TimeTextError.self) { try Moment(parsing: text) }
    #expect(error?.problem == .unknown(suggestion: suggestion))
  }

  @Test(
    arguments: [
      ("2026-01..2026-03", 1_767_225_600_000, 1_775_001_600_000),
      ("2026-01..", 1_767_225_600_000, nil), ("..2026", nil, 1_798_761_600_000),
      ("2w", 1_794_404_527_123, nil), ("2w..", 1_794_404_527_123, nil),
      ("..2w", nil, 1_794_404_527_124), ("yesterday", 1_795_478_400_000, 1_795_564_800_000),
      ("> 2025", 1_767_225_600_000, nil), (">=2026", 1_767_225_600_000, nil),
      ("<2026", nil, 1_767_225_600_000), ("<=2025", nil, 1_767_225_600_000),
    ] as [(String, Int64?, Int64?)])
  func `a range includes its ends`(text: String, start: Int64?, end: Int64?) throws {
    let range = try TimeExpression(parsing: text).range(at: reference)
    #expect(range == TimeRange(start: start, end: end))
  }

  @Test func `a comparison with how long ago it is is refused, as it says two things`() throws {
    let error = #expect(throws: TimeTextError.self) { try TimeExpression(parsing: ">2w") }
    #expect(error?.problem == .ambiguousComparison(try Moment(parsing: "2w")))
  }

  @Test func `what is printed is read as the same`() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<1_000 {
      let expression = Self.expression(using: &random)
      let text = expression.description
      #expect(!text.contains(" "))
      #expect(try TimeExpression(parsing: text) == expression, "\(text)")
    }
  }

  @Test func `no text traps`() {
    var random = SeededGenerator(seed: 6)
    let marks = Array("0123456789-T:.Z+<>= ..lastweekmondyg\u{0}é２\u{202E}🙂")
    for _ in 0..<5_000 {
      let text = String(
        (0..<Int.random(in: 0...24, using: &random)).map { _ in
          marks.randomElement(using: &random) ?? " "
        })
      do {
        _ = try TimeExpression(parsing: text).range(at: reference)
      } catch {
        #expect(error.place.upperBound <= text.utf8.count)
      }
    }
  }

  static func expression(using random: inout SeededGenerator) -> TimeExpression {
    let (first, second) = (moment(using: &random), moment(using: &random))
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .during(first)
    case 1: return .from(first)
    case 2: return .until(first)
    case 3: return .between(first, second)
    case 4: return first.isAgo ? .during(first) : .after(first)
    default: return first.isAgo ? .during(first) : .before(first)
    }
  }

  private static func moment(using random: inout SeededGenerator) -> Moment {
    let date = CivilDate(daysSinceEpoch: Int.random(in: -700_000...2_900_000, using: &random))
    let unit = Moment.Unit.allCases.randomElement(using: &random) ?? .day
    switch Int.random(in: 0..<9, using: &random) {
    case 0: return .year(date.year)
    case 1: return .month(CivilDate(year: date.year, month: date.month) ?? date)
    case 2: return .day(date)
    case 3:
      let width = [60_000, 1_000, 1].randomElement(using: &random) ?? 1
      let start = Int.random(in: 0..<86_400_000, using: &random) / width * width
      let offset =
        random.happens(percent: 50) ? Int.random(in: -1_439...1_439, using: &random) : nil
      return .time(
        date, Moment.TimeOfDay(start: start, width: width, utcOffsetMinutes: offset))
    case 4: return .now
    case 5: return .ago(Int.random(in: 0...99_999, using: &random), unit)
    case 6: return .current(unit, back: Int.random(in: 0...1, using: &random))
    case 7:
      return .weekday(
        Int.random(in: 0..<7, using: &random), beforeToday: random.happens(percent: 50))
    default: return .monthName(Int.random(in: 1...12, using: &random))
    }
  }
}

extension Moment {
  fileprivate var isAgo: Bool {
    if case .ago = self { true } else { false }
  }
}
