public import GlossCore
internal import GlossCrypto

// When two addresses are one article
// ==================================
//
// The same page reaches two machines under addresses that differ in ways that mean nothing. The identity of an article is
// the SHA-256 of its address in one form, so that both machines make the same record without talking to each other:
//
//   HTTP://Example.COM:80            http://example.com/            scheme and host in lowercase, no default port
//   https://example.com./a#top       https://example.com/a          no dot after the host, no fragment
//   https://example.com/a?utm_source=x&id=7&fbclid=y                tracking parameters dropped, the others kept
//                                    https://example.com/a?id=7     in their order
//   https://example.com/%c3%a9       https://example.com/%C3%A9     percent-encoding in capitals
//   https://example.com/é b          https://example.com/%C3%A9%20b and for all that is not ASCII, as browsers do
//
// Nothing else is taken to be the same: http and https, a slash at the end, and the order of parameters may all matter
// to a server. The form is fixed for good: another one would give known articles new identities.

/// Tells when two web addresses name the same article.
public enum URLIdentity {
  /// Returns the one form of an `http` or `https` address, or `nil` where `text` is no such address.
  public static func normalised(_ text: String) -> String? {
    var rest = trimmed(text.utf8)
    guard rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let colon = rest.firstIndex(of: ascii(":"))
    else { return nil }
    let scheme = lowercased(rest[..<colon])
    guard scheme == "http" || scheme == "https" else { return nil }
    rest = rest[(colon + 1)...]
    guard rest.starts(with: "//".utf8) else { return nil }
    rest = rest.dropFirst(2)
    if let hash = rest.firstIndex(of: ascii("#")) { rest = rest[..<hash] }
    let authorityEnd = rest.firstIndex { $0 == ascii("/") || $0 == ascii("?") } ?? rest.endIndex
    guard let authority = authority(rest[..<authorityEnd], scheme: scheme) else { return nil }
    rest = rest[authorityEnd...]
    let question = rest.firstIndex(of: ascii("?"))
    let path = encoded(rest[..<(question ?? rest.endIndex)])
    let parameters = question.map { query(rest[($0 + 1)...]) } ?? ""
    return scheme + "://" + authority + (path.isEmpty ? "/" : path)
      + (parameters.isEmpty ? "" : "?" + parameters)
  }

  /// Returns the identity of the article at this address, or `nil` where it is not an `http` or `https` one: the first
  /// 16 bytes of the SHA-256 of the normalised address.
  public static func record(_ text: String) -> RecordID? {
    normalised(text).map { RecordID(truncating: sha256(Array($0.utf8))) }
  }

  private static func authority(_ bytes: ArraySlice<UInt8>, scheme: String) -> String? {
    let hostStart = bytes.lastIndex(of: ascii("@")).map { $0 + 1 } ?? bytes.startIndex
    let user = String(decoding: bytes[..<hostStart], as: UTF8.self)
    var host = bytes[hostStart...]
    var port = ""
    let literalEnd = host.lastIndex(of: ascii("]")) ?? host.startIndex
    if let colon = host[literalEnd...].lastIndex(of: ascii(":")) {
      let digits = host[(colon + 1)...]
      guard digits.allSatisfy({ (ascii("0")...ascii("9")).contains($0) }) else { return nil }
      host = host[..<colon]
      if !digits.isEmpty {
        guard let number = UInt16(String(decoding: digits, as: UTF8.self)) else { return nil }
        port = number == (scheme == "http" ? 80 : 443) ? "" : ":\(number)"
      }
    }
    if host.last == ascii(".") { host = host.dropLast() }
    guard !host.isEmpty, !host.contains(ascii(" ")) else { return nil }
    return user + lowercased(host) + port
  }

  private static func query(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.split(separator: ascii("&"))
      .filter { !isTracking(lowercased($0.prefix { $0 != ascii("=") })) }
      .map(encoded).joined(separator: "&")
  }

  private static func isTracking(_ name: String) -> Bool {
    name.utf8.starts(with: "utm_".utf8) || name == "fbclid" || name == "gclid"
  }

  /// Percent-encodes what is not visible ASCII, and puts the encoding that is there into capitals.
  private static func encoded(_ bytes: ArraySlice<UInt8>) -> String {
    var result: [UInt8] = []
    var digitsLeft = 0
    for (index, byte) in zip(bytes.indices, bytes) {
      if byte <= 0x20 || byte >= 0x7F {
        result += [
          ascii("%"), hexadecimalDigits[Int(byte >> 4)], hexadecimalDigits[Int(byte & 15)],
        ]
        digitsLeft = 0
      } else if digitsLeft > 0 {
        result.append(isLowercase(byte) ? byte - 0x20 : byte)
        digitsLeft -= 1
      } else {
        result.append(byte)
        let next = bytes[(index + 1)...].prefix(2)
        if byte == ascii("%"), next.count == 2, next.allSatisfy(isHexadecimal) { digitsLeft = 2 }
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let hexadecimalDigits = Array("0123456789ABCDEF".utf8)

  private static func trimmed(_ bytes: some Sequence<UInt8>) -> ArraySlice<UInt8> {
    var rest = Array(bytes)[...]
    while let first = rest.first, isSpace(first) { rest.removeFirst() }
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  private static func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
    String(
      decoding: bytes.map { (ascii("A")...ascii("Z")).contains($0) ? $0 + 0x20 : $0 },
      as: UTF8.self)
  }

  private static func isLowercase(_ byte: UInt8) -> Bool {
    (ascii("a")...ascii("z")).contains(byte)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case ascii("0")...ascii("9"), ascii("a")...ascii("f"), ascii("A")...ascii("F"): true
    default: false
    }
  }

  private static func ascii(_ scalar: Unicode.Scalar) -> UInt8 { UInt8(ascii: scalar) }
}
