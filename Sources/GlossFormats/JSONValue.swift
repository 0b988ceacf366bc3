/// A JSON value as it was read; texts are UTF-8, which need not be text for a person.
enum JSONValue {
  case null
  case bool(Bool)
  /// The digits, as they stand there.
  case number(String)
  case text([UInt8])
  case array([JSONValue])
  case object([(name: [UInt8], value: JSONValue)])

  /// The value of an object's member, `nil` where it has none.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.elementsEqual(name.utf8) }?.value
  }

  var text: String? {
    guard case .text(let bytes) = self else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  func integer<Number: FixedWidthInteger>(as type: Number.Type) -> Number? {
    guard case .number(let digits) = self else { return nil }
    return Number(digits)
  }

  var real: Double? {
    guard case .number(let digits) = self else { return nil }
    return Double(digits)
  }

  var array: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  var base64: [UInt8]? {
    guard case .text(let bytes) = self else { return nil }
    return Base64.decode(bytes)
  }
}
