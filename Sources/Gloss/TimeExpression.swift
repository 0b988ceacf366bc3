/// When something was: at a time, between two, before or since one.
///
///     yesterday   2026-01..2026-03   2026-01..   ..2026   2w..   ..2w   >2026   <=2026-03
///
/// A range includes both its ends: `2026-01..2026-03` ends with March. Something that says how long ago it is means since then
/// where it stands alone: `2w` is `2w..`.
public enum TimeExpression: Hashable, Sendable {
  case during(Moment)
  case from(Moment)
  case until(Moment)
  case between(Moment, Moment)
  /// After a time has passed.
  case after(Moment)
  /// Before a time begins.
  case before(Moment)

  /// Returns what is meant, for somebody who says it there and then.
  ///
  /// A range whose end is before its start contains no time.
  public func range(at reference: TimeReference) -> TimeRange {
    switch self {
    case .during(let moment):
      let period = moment.period(at: reference)
      return TimeRange(start: period.lowerBound, end: moment.isPoint ? nil : period.upperBound)
    case .from(let moment): return TimeRange(start: moment.start(at: reference))
    case .until(let moment): return TimeRange(end: moment.end(at: reference) + 1)
    case .between(let first, let last):
      return TimeRange(start: first.start(at: reference), end: last.end(at: reference) + 1)
    case .after(let moment): return TimeRange(start: moment.end(at: reference) + 1)
    case .before(let moment): return TimeRange(end: moment.start(at: reference))
    }
  }
}

extension TimeExpression: CustomStringConvertible {
  /// Reads it as a person writes it.
  ///
  /// - Throws: ``TimeTextError``, with offsets into `text`.
  public init(parsing text: String) throws(TimeTextError) {
    let bytes = Array(text.utf8)
    func moment(_ range: Range<Int>) throws(TimeTextError) -> Moment {
      var reader = TimeReader(bytes, range)
      return try reader.moment()
    }
    let isBlank = { (range: Range<Int>) in bytes[range].allSatisfy { $0 == UInt8(ascii: " ") } }
    let dot = UInt8(ascii: ".")
    if let dots = bytes.indices.dropLast().first(where: { bytes[$0] == dot && bytes[$0 + 1] == dot }
    ) {
      let (left, right) = (0..<dots, dots + 2..<bytes.count)
      switch (isBlank(left), isBlank(right)) {
      case (true, true):
        throw TimeTextError(place: left.upperBound..<right.lowerBound, problem: .nothing)
      case (true, false): self = .until(try moment(right))
      case (false, true): self = .from(try moment(left))
      case (false, false): self = .between(try moment(left), try moment(right))
      }
      return
    }
    guard let sign = bytes.first, sign == UInt8(ascii: ">") || sign == UInt8(ascii: "<") else {
      self = .during(try moment(0..<bytes.count))
      return
    }
    let isGreater = sign == UInt8(ascii: ">")
    let isOrEqual = bytes.count > 1 && bytes[1] == UInt8(ascii: "=")
    let bound = try moment((isOrEqual ? 2 : 1)..<bytes.count)
    if case .ago = bound {
      throw TimeTextError(place: 0..<bytes.count, problem: .ambiguousComparison(bound))
    }
    switch (isGreater, isOrEqual) {
    case (true, true): self = .from(bound)
    case (true, false): self = .after(bound)
    case (false, true): self = .until(bound)
    case (false, false): self = .before(bound)
    }
  }

  /// The expression in its one form, which has no spaces and is read as the same expression.
  public var description: String {
    switch self {
    case .during(let moment): "\(moment)"
    case .from(let moment): "\(moment).."
    case .until(let moment): "..\(moment)"
    case .between(let first, let last): "\(first)..\(last)"
    case .after(let moment): ">\(moment)"
    case .before(let moment): "<\(moment)"
    }
  }
}
