/// What stands before a colon, and what may stand behind it.
enum FilterFields {
  /// The fields' names, in the order in which help lists them.
  static let names =
    ["tag", "kind", "is", "has"] + Filter.Field.allCases.map(\.rawValue)
    + Filter.TimeField.allCases.map(\.rawValue)

  /// Other spellings.
  private static let synonyms = [
    "color": "colour", "language": "lang", "favorite": "favourite", "favorites": "favourite",
    "note": "notes", "highlight": "highlights", "tags": "tag", "by": "author",
  ]

  /// Reads the value behind a field's colon.
  static func term(
    _ name: String, at place: Range<Int>, reading reader: inout FilterReader
  ) throws(FilterError) -> Filter {
    let field = names.contains(name) ? name : synonyms[name] ?? name
    if let time = Filter.TimeField(rawValue: field) {
      return try self.time(time, try reader.timeValue(), &reader)
    }
    guard names.contains(field) else {
      let suggestion = Spelling.nearest(to: name, among: names)
      throw reader.error(.unknownField(suggestion: suggestion), place)
    }
    let value = try reader.value()
    guard !value.content.isEmpty else {
      throw reader.error(.missingValue(field: field), value.place)
    }
    switch field {
    case "tag": return .tag(value.content)
    case "kind": return .kind(try choice(value, of: field, synonyms: [:], reader))
    case "is": return .claim(try choice(value, of: field, synonyms: synonyms, reader))
    case "has":
      let synonyms = ["note": "notes", "highlight": "highlights", "tag": "tags"]
      return .has(try choice(value, of: field, synonyms: synonyms, reader))
    default:
      guard let textField = Filter.Field(rawValue: field) else {
        throw reader.error(.unknownField(suggestion: nil), place)
      }
      return .field(textField, value.content)
    }
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ value: FilterReader.Piece, of field: String, synonyms: [String: String],
    _ reader: FilterReader
  ) throws(FilterError) -> Choice where Choice.RawValue == String {
    let word = value.content.lowercased()
    if let choice = Choice(rawValue: synonyms[word] ?? word) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    throw reader.error(
      .unknownValue(
        field: field, suggestion: Spelling.nearest(to: word, among: known), known: known),
      value.place)
  }

  private static func time(
    _ field: Filter.TimeField, _ value: FilterReader.Piece, _ reader: inout FilterReader
  ) throws(FilterError) -> Filter {
    guard !value.content.isEmpty else {
      throw reader.error(.missingValue(field: field.rawValue), value.place)
    }
    do {
      return .time(field, try TimeExpression(parsing: value.content))
    } catch {
      let place = value.contentStart.map {
        $0 + error.place.lowerBound..<$0 + error.place.upperBound
      }
      throw reader.error(.time(error.problem), place ?? value.place)
    }
  }
}
