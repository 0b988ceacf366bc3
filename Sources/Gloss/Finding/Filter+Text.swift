extension Filter {
  /// Reads a query.
  ///
  /// - Throws: ``FilterError``, with offsets into `text`.
  public init(parsing text: String) throws(FilterError) {
    var reader = FilterReader(text)
    self = try reader.filter()
  }

  /// What may stand before a colon.
  public static var fieldNames: [String] { FilterFields.names }
}

extension Filter: CustomStringConvertible {
  /// The query in its one form.
  public var description: String {
    switch self {
    case .or(let members):
      members.map { if case .or = $0 { "(\($0))" } else { "\($0)" } }.joined(separator: " or ")
    case .and(let members):
      members.map { member in
        switch member {
        case .or, .and: "(\(member))"
        default: "\(member)"
        }
      }.joined(separator: " ")
    case .not(let filter):
      switch filter {
      case .or, .and: "-(\(filter))"
      default: "-\(filter)"
      }
    case .all: ""
    case .text(let text): Self.isBare(text) ? text : Self.quoted(text)
    case .tag(let tag): "tag:" + Self.value(tag)
    case .kind(let kind): "kind:" + kind.rawValue
    case .field(let field, let text): field.rawValue + ":" + Self.value(text)
    case .claim(let claim): "is:" + claim.rawValue
    case .has(let part): "has:" + part.rawValue
    case .time(let field, let time): field.rawValue + ":\(time)"
    case .query(let name): "@" + name
    }
  }

  private static func value(_ text: String) -> String { isWord(text) ? text : quoted(text) }

  /// Whether the text is read as one value where no quotation marks are around it.
  package static func isWord(_ text: String) -> Bool {
    !text.isEmpty && !text.unicodeScalars.contains(where: endsWord)
  }

  private static func quoted(_ text: String) -> String {
    var content = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "\\" || scalar == "\"" { content.append("\\") }
      content.append(scalar)
    }
    return "\"\(content)\""
  }

  /// Whether the text may stand by itself and is read as text.
  private static func isBare(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first != "-", first != "@",
      isWord(text),
      !["or", "and", "not"].contains(text.lowercased())
    else { return false }
    let letters = text.utf8.prefix { (0x61...0x7A).contains($0 | 0x20) }
    return letters.isEmpty || !text.utf8.dropFirst(letters.count).starts(with: [UInt8(ascii: ":")])
  }

  /// Whether a word of a query ends before it. A mark that combines does not make another one of a parenthesis, as it does of a
  /// `Character`.
  private static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || "()\"".unicodeScalars.contains(scalar)
  }
}
