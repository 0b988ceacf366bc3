/// The host of an address.
enum Host {
  /// Whether an address's host is this one, in lowercase, or one below it.
  static func isHost(_ host: UnsafeRawBufferPointer, of address: UnsafeRawBufferPointer) -> Bool {
    guard !host.isEmpty, let found = self.host(of: address[...]), found.count >= host.count
    else { return false }
    let end = found.suffix(host.count)
    guard end.elementsEqual(host, by: { lowercased($0) == $1 }) else { return false }
    return found.count == host.count || found[end.startIndex - 1] == UInt8(ascii: ".")
  }

  /// What stands between `//`, or the user's name behind that, and the port or path.
  private static func host(
    of address: Slice<UnsafeRawBufferPointer>
  ) -> Slice<UnsafeRawBufferPointer>? {
    guard let colon = address.firstIndex(of: UInt8(ascii: ":")),
      address[(colon + 1)...].starts(with: "//".utf8)
    else { return nil }
    let rest = address[(colon + 3)...]
    let ends = "/?#".utf8
    var authority = rest.prefix { !ends.contains($0) }
    if let at = authority.lastIndex(of: UInt8(ascii: "@")) { authority = authority[(at + 1)...] }
    if authority.first == UInt8(ascii: "["), let end = authority.firstIndex(of: UInt8(ascii: "]")) {
      return authority[...end]
    }
    return authority.prefix { $0 != UInt8(ascii: ":") }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
}
