import Crypto
import GlossCore
import GlossWire

/// A device of a library of its own, as bytes on a connection.
///
/// Its requests and what has to answer them are made without the code under test.
final class RawDevice {
  let connection: RawConnection
  private let library: LibraryID
  /// Everything of a push in front of its cursor, and everything between the cursor and the bundle.
  private let pieces: (front: [UInt8], back: [UInt8])
  private var log: [UInt8] = []
  private var hash = [UInt8](repeating: 0, count: 16)
  private var pushed = [UInt8]()
  private(set) var pushCount: UInt64 = 0

  private static let contentByteCount = 400
  static let bundleByteCount = BundleHeader.byteCount + contentByteCount
  private static let headers = [
    "Host: 127.0.0.1", "Gloss-Protocol: 1",
    "Authorization: Bearer \(String(repeating: "0123456789abcdef", count: 4))",
  ]

  /// Connects, and creates the library.
  init(port: UInt16, library: LibraryID) {
    self.library = library
    connection = RawConnection(port: port)
    let path = "/v1/libraries/\(library)"
    let length = "Content-Length: \(Self.bundleTag.count + Self.bundleByteCount)"
    pieces = (
      Array("POST \(path)/bundles".utf8),
      Self.head("", "Content-Type: application/x-protobuf", length) + Self.bundleTag
    )
    let reply = connection.ask(Self.head("PUT \(path)", "Content-Length: 0"))
    guard reply.status == 204 else { fatalError("the hub created no library: \(reply.status)") }
  }

  /// Sends the next bundle.
  func push() {
    pushCount += 1
    let header = BundleHeader(
      library: library, epoch: 1, origin: ReplicaID(1), first: pushCount, last: pushCount,
      previousTip: tip(pushCount - 1), tip: tip(pushCount))
    pushed = header.bytes + [UInt8](repeating: 7, count: Self.contentByteCount)
    var request = pieces.front
    request.reserveCapacity(1_024)
    if pushCount > 1 {
      request += "?after=".utf8
      Self.append(hex: log, to: &request)
      request += ".\(pushCount - 1).".utf8
      Self.append(hex: hash, to: &request)
    }
    request += pieces.back
    request += pushed
    connection.send(request)
  }

  /// Checks that the reply is the whole page that has to answer the last push.
  func check(_ reply: RawConnection.Reply) {
    guard reply.status == 200 else { fatalError("the hub refused a push: \(reply.status)") }
    if log.isEmpty { log = Array(reply.body.dropFirst(4).prefix(16)) }
    let bundleDigest = Array(SHA256.hash(data: pushed))
    hash = Array(SHA256.hash(data: hash + bundleDigest).prefix(16))
    // After many bundles the hub asks for a snapshot, once in a while; this device makes none.
    guard [cursorOfPage, cursorOfPage + Self.wantsSnapshot].contains(Array(reply.body)) else {
      fatalError("the hub answered a push with another page than it has to")
    }
  }

  /// Asks for what the library has, and for an answer that waits until it has anything.
  func waitingPull(seconds: Int) -> [UInt8] {
    Self.head("GET /v1/libraries/\(library)/bundles", "Prefer: wait=\(seconds)")
  }

  /// The body of the page that has the first bundle, which has to be the last pushed.
  var pageOfBundle: [UInt8] { Self.bundleTag + pushed + cursorOfPage }

  /// The cursor of a page, as it stands in it: log, index and hash.
  private var cursorOfPage: [UInt8] {
    var cursor: [UInt8] = [0x0A, 16] + log + [0x10]
    var index = pushCount
    while index > 0x7F {
      cursor.append(UInt8(truncatingIfNeeded: index) | 0x80)
      index >>= 7
    }
    cursor += [UInt8(index), 0x1A, 16] + hash
    return [0x12, UInt8(cursor.count)] + cursor
  }

  /// What a page has behind its cursor where the hub asks for a snapshot.
  private static let wantsSnapshot: [UInt8] = [0x28, 0x01]

  /// What stands in front of a bundle in a push and in a page: the same in both.
  private static let bundleTag = [
    0x0A, UInt8(bundleByteCount & 0x7F | 0x80), UInt8(bundleByteCount >> 7),
  ]

  /// The head of a request, from the end of its target on.
  private static func head(_ start: String, _ more: String...) -> [UInt8] {
    let lines = ["\(start) HTTP/1.1"] + headers + more
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private func tip(_ seq: UInt64) -> [UInt8] {
    (0..<32).map { UInt8(truncatingIfNeeded: seq >> (8 * UInt64($0 % 8))) }
  }

  private static func append(hex bytes: [UInt8], to text: inout [UInt8]) {
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
