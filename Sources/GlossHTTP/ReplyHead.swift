internal import GlossWire

/// The header lines of a reply, as they come in; interim replies and trailers are left out.
struct ReplyHead {
  private enum Expected {
    case statusLine
    case fields
    case nothing
  }

  /// The status of the last status line, 0 before there is one.
  private(set) var status = 0
  /// Names in lowercase.
  private(set) var headers: [(name: String, value: String)] = []
  /// All bytes of all lines, also of those that are left out.
  private(set) var byteCount = 0

  private var isHTTP1 = false
  private var expected = Expected.statusLine

  /// Takes in one line with its line end.
  mutating func take(_ line: UnsafeRawBufferPointer) {
    byteCount += line.count
    let content = trimmed(line[...])
    switch expected {
    case .nothing: break
    case .statusLine:
      isHTTP1 = content.starts(with: "HTTP/1".utf8)
      status = Self.status(of: content)
      expected = .fields
    case .fields:
      if !content.isEmpty {
        takeField(content)
      } else if (100...199).contains(status) {
        headers = []
        expected = .statusLine
      } else {
        expected = .nothing
      }
    }
  }

  /// Returns why a body of this size is not all that the reply promised, or `nil` if it is.
  ///
  /// libcurl checks most of this too; what it lets pass is a reply that ends with its connection,
  /// which cannot be told from one that was cut.
  func problem(bodyByteCount: Int) -> String? {
    guard status != 204, status != 304 else { return nil }
    let codings = values(of: "transfer-encoding")
    if !codings.isEmpty {
      return codings.allSatisfy { $0.lowercased() == "chunked" }
        ? nil : "the reply has a transfer coding that was not asked for"
    }
    let lengths = values(of: "content-length")
    for length in lengths where Int(length) != bodyByteCount {
      return "the reply has \(bodyByteCount) bytes and promises \(length)"
    }
    if lengths.isEmpty, isHTTP1, (200...299).contains(status) {
      return "the reply does not say how long it is"
    }
    return nil
  }

  private func values(of name: String) -> [String] {
    headers.filter { $0.name == name }.map(\.value)
  }

  private mutating func takeField(_ line: Slice<UnsafeRawBufferPointer>) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    let value = trimmed(line[line.index(after: colon)...])
    headers.append((name, String(decoding: value, as: UTF8.self)))
  }

  private static func status(of line: Slice<UnsafeRawBufferPointer>) -> Int {
    let digits = line.drop { $0 != UInt8(ascii: " ") }.dropFirst().prefix(3)
    return Int(String(decoding: digits, as: UTF8.self)) ?? 0
  }

  private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    var rest = bytes
    while let last = rest.last, Self.blanks.contains(last) { rest.removeLast() }
    while let first = rest.first, Self.blanks.contains(first) { rest.removeFirst() }
    return rest
  }

  private static let blanks: [UInt8] = Array(" \t\r\n".utf8)
}
