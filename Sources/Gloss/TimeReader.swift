/// Reads times from the bytes of a text.
struct TimeReader {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  /// Reads what stands in a part of a text, white space around it left out.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    var range = range
    while let last = range.last, bytes[last] == UInt8(ascii: " ") { range.removeLast() }
    while let first = range.first, bytes[first] == UInt8(ascii: " ") { range.removeFirst() }
    position = range.lowerBound
    end = range.upperBound
  }

  /// Reads the whole part as one time.
  mutating func moment() throws(TimeTextError) -> Moment {
    guard position < end else { throw error(.nothing, position..<end) }
    let start = position
    guard isDigit(at: position) else { return try words() }
    let count = digitCount()
    let isCalendar =
      count == 4 && (position + 4 == end || bytes[position + 4] == UInt8(ascii: "-"))
    if isCalendar { return try calendar(start) }
    return try ago(start)
  }

  // MARK: - Dates

  private mutating func calendar(_ start: Int) throws(TimeTextError) -> Moment {
    let year = number(4) ?? 0
    guard CivilDate(year: year) != nil else { throw error(.noSuchDate, start..<position) }
    if position == end { return .year(year) }
    guard skip("-"), let month = number(2) else { throw notATime(start) }
    guard let first = CivilDate(year: year, month: month) else {
      throw error(.noSuchDate, start..<position)
    }
    if position == end { return .month(first) }
    guard skip("-"), let day = number(2) else { throw notATime(start) }
    guard let date = CivilDate(year: year, month: month, day: day) else {
      throw error(.noSuchDate, start..<position)
    }
    if position == end { return .day(date) }
    guard skip("T") || skip("t") || skip(" ") else { throw notATime(start) }
    return .time(date, try timeOfDay(start))
  }

  private mutating func timeOfDay(_ start: Int) throws(TimeTextError) -> Moment.TimeOfDay {
    let first = position
    guard let hour = number(2), skip(":"), let minute = number(2) else { throw notATime(start) }
    var time = (hour * 60 + minute) * 60_000
    var width = 60_000
    var second = 0
    if skip(":") {
      guard let number = number(2) else { throw notATime(start) }
      second = number
      time += number * 1_000
      width = 1_000
      if skip(".") {
        guard let thousandths = self.number(3) else { throw notATime(start) }
        time += thousandths
        width = 1
      }
    }
    guard hour < 24, minute < 60, second < 60 else {
      throw error(.noSuchDate, first..<position)
    }
    let offset = try zone(start)
    guard position == end else { throw notATime(start) }
    return Moment.TimeOfDay(start: time, width: width, utcOffsetMinutes: offset)
  }

  private mutating func zone(_ start: Int) throws(TimeTextError) -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let isBehind = position < end && bytes[position] == UInt8(ascii: "-")
    guard isBehind || (position < end && bytes[position] == UInt8(ascii: "+")) else { return nil }
    let first = position
    position += 1
    guard let hours = number(2), skip(":"), let minutes = number(2) else { throw notATime(start) }
    guard hours < 24, minutes < 60 else { throw error(.noSuchDate, first..<position) }
    return (isBehind ? -1 : 1) * (hours * 60 + minutes)
  }

  // MARK: - Words

  /// `2w`, `2 weeks`, `2 weeks ago`.
  private mutating func ago(_ start: Int) throws(TimeTextError) -> Moment {
    let count = digitCount()
    guard count <= 6, let number = number(count), number <= Moment.greatestCount else {
      throw error(.tooManyUnits, start..<start + count)
    }
    let words = lowercaseWords()
    guard let first = words.first,
      let unit = Moment.unitNames.first(where: { $0.name == first.text })?.unit
    else {
      let suggestion = words.first.flatMap { word in
        Spelling.nearest(to: word.text, among: Moment.unitNames.map(\.name))
      }
      throw error(.unknown(suggestion: suggestion.map { "\(number)\($0)" }), start..<end)
    }
    guard words.count == 1 || (words.count == 2 && words[1].text == "ago") else {
      throw error(.unknown(suggestion: nil), words[1].place.lowerBound..<end)
    }
    return .ago(number, unit)
  }

  private mutating func words() throws(TimeTextError) -> Moment {
    let words = lowercaseWords()
    guard let first = words.first else { throw notATime(position) }
    if first.text == "last" || first.text == "this" {
      return try relative(Array(words.dropFirst()), isLast: first.text == "last", first.place)
    }
    let moment: Moment? =
      switch first.text {
      case "now": .now
      case "today": .current(.day, back: 0)
      case "yesterday": .current(.day, back: 1)
      case let text:
        Moment.weekdays.firstIndex(of: text).map { .weekday($0, beforeToday: false) }
          ?? Moment.months.firstIndex(of: text).map { .monthName($0 + 1) }
      }
    guard let moment else {
      let suggestion = Spelling.nearest(to: first.text, among: Moment.words)
      throw error(.unknown(suggestion: suggestion), first.place)
    }
    guard words.count == 1 else {
      throw error(.unknown(suggestion: nil), words[1].place.lowerBound..<end)
    }
    return moment
  }

  /// What stands behind `last` or `this`.
  private func relative(
    _ words: [Word], isLast: Bool, _ place: Range<Int>
  ) throws(TimeTextError) -> Moment {
    guard let word = words.first else { throw error(.nothing, place.upperBound..<end) }
    if isLast, words.count == 2, let count = Int(word.text),
      let unit = Moment.unitNames.first(where: { $0.name == words[1].text })?.unit
    {
      guard (0...Moment.greatestCount).contains(count) else {
        throw error(.tooManyUnits, word.place)
      }
      return .ago(count, unit)
    }
    guard words.count == 1 else {
      throw error(.unknown(suggestion: nil), words[1].place.lowerBound..<end)
    }
    if let unit = Moment.Unit(rawValue: word.text) { return .current(unit, back: isLast ? 1 : 0) }
    if isLast, let weekday = Moment.weekdays.firstIndex(of: word.text) {
      return .weekday(weekday, beforeToday: true)
    }
    let known = Moment.Unit.allCases.map(\.rawValue) + (isLast ? Moment.weekdays : [])
    let suggestion = Spelling.nearest(to: word.text, among: known)
    throw error(
      .unknown(suggestion: suggestion.map { (isLast ? "last " : "this ") + $0 }), word.place)
  }

  /// A word and where it stands.
  private struct Word {
    let text: String
    let place: Range<Int>
  }

  /// What is left, as words between spaces and hyphens, in lowercase.
  private mutating func lowercaseWords() -> [Word] {
    var words: [Word] = []
    while position < end {
      let start = position
      while position < end, bytes[position] != UInt8(ascii: " "),
        bytes[position] != UInt8(ascii: "-")
      {
        position += 1
      }
      if start < position {
        let text = String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
        words.append(Word(text: text, place: start..<position))
      }
      position += 1
    }
    return words
  }

  // MARK: - Bytes

  private func isDigit(at index: Int) -> Bool {
    index < end && (0x30...0x39).contains(bytes[index])
  }

  private func digitCount() -> Int {
    var count = 0
    while isDigit(at: position + count) { count += 1 }
    return count
  }

  /// Reads exactly so many digits, at most 18.
  private mutating func number(_ count: Int) -> Int? {
    guard digitCount() >= count, count > 0 else { return nil }
    var number = 0
    for byte in bytes[position..<position + count] { number = number * 10 + Int(byte - 0x30) }
    position += count
    return number
  }

  private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard position < end, bytes[position] == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private func notATime(_ start: Int) -> TimeTextError {
    error(.unknown(suggestion: nil), start..<end)
  }

  private func error(_ problem: TimeTextError.Problem, _ place: Range<Int>) -> TimeTextError {
    TimeTextError(place: place, problem: problem)
  }
}
