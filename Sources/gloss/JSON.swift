/// A JSON value to print; members keep the order in which they are given.
enum JSON {
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  case text(String)
  case array([JSON])
  case object([(String, JSON)])

  /// A text, or null.
  init(_ text: String?) { self = text.map(JSON.text) ?? .null }

  /// A number.
  init(_ number: Int) { self = .integer(Int64(number)) }

  /// Prints an object whose first member says the version of its form.
  static func print(_ members: [(String, JSON)]) {
    Output.line(JSON.object([("version", .integer(1))] + members).text)
  }

  /// The value as JSON on one line. Control characters and those that change the direction of text are escaped.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .integer(let integer): "\(integer)"
    case .real(let real): real.isFinite ? "\(real)" : "null"
    case .text(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where Text.isUnsafe(scalar):
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
