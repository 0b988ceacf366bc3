internal import Foundation
internal import Logging

/// What the hub says of its work: a line an event, to standard error.
///
/// It is told actions, statuses, sizes and times. No bodies, tokens, addresses or identifiers come here, and the
/// libraries below are only heard where they fail.
package struct HubLog: Sendable {
  /// How a line looks.
  package enum Format: String, CaseIterable, Sendable {
    case text, json
  }

  /// From how bad on an event is said.
  package enum Level: String, CaseIterable, Sendable {
    case error, notice, info, debug
  }

  let logger: Logger
  /// For what the libraries below have to say.
  let failures: Logger

  /// - Parameter clock: Milliseconds since the Unix epoch.
  package init(
    format: Format = .text, level: Level = .info, clock: @escaping @Sendable () -> Int64
  ) {
    var logger = Logger(label: "gloss-hub") { _ in
      LineLogHandler(format: format, clock: clock) {
        try? FileHandle.standardError.write(contentsOf: Data($0.utf8))
      }
    }
    logger.logLevel = Logger.Level(level)
    self.logger = logger
    logger.logLevel = .error
    failures = logger
  }

  /// Says an error that no client is told of.
  package func report(_ error: any Error) {
    logger.error("storage failed", metadata: ["error": "\(error)"])
  }
}

extension Logger.Level {
  fileprivate init(_ level: HubLog.Level) {
    switch level {
    case .error: self = .error
    case .notice: self = .notice
    case .info: self = .info
    case .debug: self = .debug
    }
  }
}

/// Writes each event as one line.
struct LineLogHandler: LogHandler {
  let format: HubLog.Format
  let clock: @Sendable () -> Int64
  let write: @Sendable (String) -> Void
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  init(
    format: HubLog.Format, clock: @escaping @Sendable () -> Int64,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.format = format
    self.clock = clock
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Date(timeIntervalSince1970: Double(clock()) / 1_000).formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    let details = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let line: String
    switch format {
    case .text:
      let words = details.map { " \($0)=\(Self.word("\($1)"))" }
      line = "\(time) \(event.level) \(Self.word("\(event.message)"))\(words.joined())"
    case .json:
      let members = details.map { ",\(Self.quoted($0)):\(Self.json($1))" }
      line =
        "{\"time\":\"\(time)\",\"level\":\"\(event.level)\",\"event\":"
        + Self.quoted("\(event.message)") + members.joined() + "}"
    }
    write(line + "\n")
  }

  /// The text itself where it is one word, or in quotes.
  private static func word(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
    }
    return isPlain && !text.isEmpty ? text : quoted(text)
  }

  private static func json(_ value: Logger.MetadataValue) -> String {
    if case .stringConvertible(let number as Int) = value { return "\(number)" }
    return quoted("\(value)")
  }

  /// The text as JSON has it, and so without a line break or a control character.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case " "..."~": result.unicodeScalars.append(scalar)
      default:
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      }
    }
    return result + "\""
  }
}
