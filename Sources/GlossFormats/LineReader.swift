/// Cuts bytes that come in pieces into lines.
struct LineReader {
  /// More than any line of an export has: a text of 8 MiB of which each byte is escaped, and some more.
  private static let lineByteLimit = 64 << 20

  private let source: () throws -> [UInt8]
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  /// The number of the line that was read last, from 1.
  private(set) var number = 0

  /// - Parameter source: Returns the next bytes, none at the end.
  init(source: @escaping () throws -> [UInt8]) {
    self.source = source
  }

  /// A line with its end, and whether it has one.
  struct Line {
    let content: ArraySlice<UInt8>
    let isEnded: Bool
  }

  /// Returns the next line, or `nil` at the end.
  mutating func next() throws -> Line? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        number += 1
        return Line(content: buffer[start...end], isEnded: true)
      }
      searched = buffer.count
      guard !isAtEnd else {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        number += 1
        return Line(content: buffer[start...], isEnded: false)
      }
      buffer.removeFirst(start)
      searched -= start
      start = 0
      guard buffer.count < Self.lineByteLimit else {
        throw ExchangeError.badLine(number + 1, reason: "it is longer than any line of an export")
      }
      let more = try source()
      isAtEnd = more.isEmpty
      buffer += more
    }
  }
}
