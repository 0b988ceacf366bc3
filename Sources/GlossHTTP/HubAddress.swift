package import GlossWire

/// A hub's base address, checked: scheme, host, perhaps a port and a path, and nothing else.
package struct HubAddress: Equatable, Sendable {
  /// The address without a slash at its end.
  package let text: String

  /// Host and port, as messages name them.
  package let hostAndPort: String

  /// Reads an address such as `https://hub.example/notes`.
  ///
  /// - Throws: ``TransportError/badAddress(_:)`` for another scheme than http and https, user
  ///   information, a query, a fragment, dot segments, or characters that need escaping.
  package init(_ address: String) throws(TransportError) {
    let lowercased = address.lowercased()
    let scheme: String
    if lowercased.hasPrefix("https://") {
      scheme = "https://"
    } else if lowercased.hasPrefix("http://") {
      scheme = "http://"
    } else {
      throw .badAddress("the address begins with https:// or http://")
    }
    let rest = address.utf8.dropFirst(scheme.utf8.count)
    guard rest.allSatisfy({ (0x21...0x7E).contains($0) && !Self.refused.contains($0) }) else {
      throw .badAddress("the address has a character that is not allowed in it")
    }
    guard !rest.contains(UInt8(ascii: "?")), !rest.contains(UInt8(ascii: "#")) else {
      throw .badAddress("the address has a query or a fragment")
    }
    let authority = rest.prefix { $0 != UInt8(ascii: "/") }
    guard !authority.contains(UInt8(ascii: "@")) else {
      throw .badAddress("the address has user information in it")
    }
    let path = Substring(rest.dropFirst(authority.count))
    guard !path.split(separator: "/").contains(where: Self.isDotSegment) else {
      throw .badAddress("the address has a dot segment in its path")
    }
    let (host, port) = try Self.split(Substring(authority))
    hostAndPort = "\(host):\(port ?? (scheme == "https://" ? 443 : 80))"
    var text = scheme + host + (port.map { ":\($0)" } ?? "") + path
    while text.hasSuffix("/") { text.removeLast() }
    self.text = text
  }

  /// Visible characters that RFC 3986 has no place for.
  private static let refused = Set("\"<>\\^`{|}".utf8)

  private static func isDotSegment(_ segment: Substring) -> Bool {
    let plain = segment.lowercased().split(separator: "%2e", omittingEmptySubsequences: false)
      .joined(separator: ".")
    return plain == "." || plain == ".."
  }

  /// Returns the host, in brackets if it is an IPv6 address, and the port, if there is one.
  private static func split(
    _ authority: Substring
  ) throws(TransportError) -> (host: String, port: UInt16?) {
    var host = authority
    var portText: Substring?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else {
        throw .badAddress("the address has a bracket that is not closed")
      }
      host = authority[...end]
      let after = authority[authority.index(after: end)...]
      guard after.isEmpty || after.hasPrefix(":") else {
        throw .badAddress("the address has something between host and port")
      }
      portText = after.isEmpty ? nil : after.dropFirst()
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      portText = authority[authority.index(after: colon)...]
    }
    guard isHost(host) else { throw .badAddress("the address has no host that can be one") }
    guard let portText else { return (String(host), nil) }
    guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText),
      port > 0
    else { throw .badAddress("the address has a port that is not one of 1 to 65535") }
    return (String(host), port)
  }

  private static func isHost(_ host: Substring) -> Bool {
    if host.hasPrefix("[") {
      return host.utf8.count > 4
        && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
    return !host.isEmpty
      && host.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }
  }
}
