// The grammar
// ===========
//
//     query        = [ alternatives ]
//     alternatives = conjunction { "or" conjunction }
//     conjunction  = term { [ "and" ] term }
//     term         = ( "-" | "not" ) term | "(" alternatives ")" | "@" name | field ":" value | text
//     value, text  = word | '"' { any character, '"' and '\' behind a '\' } '"'
//
// A word ends before white space, a parenthesis or a quotation mark. `or`, `and` and `not` are words of the language, in
// capitals too; quoted they are text. A word begins a field where its first letters stand before a colon. A time may go on
// after a space where it cannot end yet: `saved:last monday`.
//
// The reader descends by recursion, as deep as `Filter.depthLimit` allows.

/// Reads a query from the bytes of its text.
struct FilterReader {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private var termCount = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// Reads all of the text.
  mutating func filter() throws(FilterError) -> Filter {
    guard bytes.count <= Filter.byteLimit else { throw error(.tooLong, 0..<0) }
    if let control = bytes.firstIndex(where: Self.isControl) {
      throw error(.controlCharacter, control..<control + 1)
    }
    skipSpace()
    guard position < bytes.count else { return .all }
    let filter = try alternatives()
    // What a conjunction does not go on with is the end or a parenthesis.
    guard position == bytes.count else {
      throw error(.unopenedParenthesis, position..<position + 1)
    }
    return filter
  }

  // MARK: - Structure

  private mutating func alternatives() throws(FilterError) -> Filter {
    var members = [try conjunction()]
    while skipOperator("or") { members.append(try conjunction()) }
    return Self.joined(members.flatMap { if case .or(let inner) = $0 { inner } else { [$0] } }) {
      .or($0)
    }
  }

  private mutating func conjunction() throws(FilterError) -> Filter {
    var members = [try term()]
    while true {
      if skipOperator("and") {
        members.append(try term())
        continue
      }
      guard position < bytes.count, bytes[position] != UInt8(ascii: ")"), !isAt(operator: "or")
      else { break }
      members.append(try term())
    }
    return Self.joined(members.flatMap { if case .and(let inner) = $0 { inner } else { [$0] } }) {
      .and($0)
    }
  }

  private static func joined(_ members: [Filter], _ join: ([Filter]) -> Filter) -> Filter {
    members.count == 1 ? members[0] : join(members)
  }

  private mutating func term() throws(FilterError) -> Filter {
    let start = position
    depth += 1
    defer { depth -= 1 }
    guard position < bytes.count, !isAt(operator: "or"), !isAt(operator: "and") else {
      throw error(.missingTerm, start..<start)
    }
    guard depth <= Filter.depthLimit else { throw error(.tooDeep, start..<start + 1) }
    if skipOperator("not") { return .not(try term()) }
    switch bytes[position] {
    case UInt8(ascii: "-"):
      position += 1
      guard position < bytes.count, !isSpace(at: position) else {
        throw error(.missingTerm, position..<position)
      }
      return .not(try term())
    case UInt8(ascii: "("):
      position += 1
      skipSpace()
      let filter = try alternatives()
      guard position < bytes.count else { throw error(.unclosedParenthesis, start..<start + 1) }
      position += 1
      skipSpace()
      return filter
    case UInt8(ascii: ")"):
      throw error(depth > 1 ? .missingTerm : .unopenedParenthesis, start..<start + 1)
    default:
      termCount += 1
      guard termCount <= Filter.termLimit else { throw error(.tooManyTerms, start..<start + 1) }
      return try atom()
    }
  }

  private mutating func atom() throws(FilterError) -> Filter {
    let start = position
    if bytes[start] == UInt8(ascii: "@") {
      position += 1
      let name = bareWord()
      guard SavedQuery.isName(name) else { throw error(.notAQueryName, start..<position) }
      skipSpace()
      return .query(name)
    }
    guard let name = fieldName() else {
      let text = try value()
      guard !text.content.isEmpty else { throw error(.missingTerm, text.place) }
      return .text(text.content)
    }
    let namePlace = start..<position
    position += 1
    return try FilterFields.term(name, at: namePlace, reading: &self)
  }

  // MARK: - Words

  /// A value or text, and where it stands.
  struct Piece {
    let content: String
    let place: Range<Int>
    /// Where the content's first byte stands, if its bytes stand there one after the other.
    let contentStart: Int?
  }

  /// Reads a word or a quoted text, and the white space behind it.
  mutating func value() throws(FilterError) -> Piece {
    defer { skipSpace() }
    let start = position
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      let word = bareWord()
      return Piece(content: word, place: start..<position, contentStart: start)
    }
    position += 1
    var content: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
      content.append(bytes[position])
      position += 1
    }
    guard position < bytes.count else { throw error(.unclosedQuote, start..<start + 1) }
    position += 1
    return Piece(
      content: String(decoding: content, as: UTF8.self), place: start..<position,
      contentStart: position - start - 2 == content.count ? start + 1 : nil)
  }

  /// Reads a time: a value that goes on with the next word where it ends with `last` or `this`.
  mutating func timeValue() throws(FilterError) -> Piece {
    let first = try value()
    let isOpen = ["last", "this"].contains { first.content.lowercased().hasSuffix($0) }
    guard isOpen, let start = first.contentStart, first.place.lowerBound == start else {
      return first
    }
    var end = first.place.upperBound
    var isNumber = true
    while isNumber, position < bytes.count, Self.isWordByte(bytes[position]), !isAtOperator {
      isNumber = (0x30...0x39).contains(bytes[position])
      _ = bareWord()
      end = position
      skipSpace()
    }
    let content = String(decoding: bytes[start..<end], as: UTF8.self)
    return Piece(content: content, place: start..<end, contentStart: start)
  }

  private mutating func bareWord() -> String {
    let start = position
    while position < bytes.count, Self.isWordByte(bytes[position]), !isSpace(at: position) {
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// Reads the letters before a colon; nothing where there is no colon behind letters.
  private mutating func fieldName() -> String? {
    var end = position
    while end < bytes.count, Self.isLetter(bytes[end]) { end += 1 }
    guard end > position, end < bytes.count, bytes[end] == UInt8(ascii: ":") else { return nil }
    defer { position = end }
    return String(decoding: bytes[position..<end], as: UTF8.self).lowercased()
  }

  // MARK: - Operators

  private var isAtOperator: Bool {
    ["or", "and", "not"].contains { isAt(operator: $0) }
  }

  private func isAt(operator name: String) -> Bool {
    let end = position + name.utf8.count
    guard end <= bytes.count,
      zip(bytes[position..<end], name.utf8).allSatisfy({ $0 | 0x20 == $1 })
    else { return false }
    return end == bytes.count || isSpace(at: end) || !Self.isWordByte(bytes[end])
  }

  private mutating func skipOperator(_ name: String) -> Bool {
    guard isAt(operator: name) else { return false }
    position += name.utf8.count
    skipSpace()
    return true
  }

  // MARK: - Bytes

  private mutating func skipSpace() {
    while let width = spaceWidth(at: position) { position += width }
  }

  private func isSpace(at index: Int) -> Bool { spaceWidth(at: index) != nil }

  /// The bytes of the white space that begins here: ASCII's, the no-break space, and the wide one of Chinese and Japanese.
  private func spaceWidth(at index: Int) -> Int? {
    guard index < bytes.count else { return nil }
    switch bytes[index] {
    case 0x20, 0x09, 0x0A, 0x0D: return 1
    case 0xC2 where bytes[index...].starts(with: [0xC2, 0xA0]): return 2
    case 0xE3 where bytes[index...].starts(with: [0xE3, 0x80, 0x80]): return 3
    default: return nil
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20)
  }

  /// Whether the byte may be part of a word; white space of several bytes is asked about elsewhere.
  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""): false
    default: true
    }
  }

  private static func isControl(_ byte: UInt8) -> Bool {
    (byte < 0x20 && ![0x09, 0x0A, 0x0D].contains(byte)) || byte == 0x7F
  }

  func error(_ problem: FilterError.Problem, _ place: Range<Int>) -> FilterError {
    FilterError(place: place, problem: problem)
  }
}
