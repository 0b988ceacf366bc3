internal import GlossCore

/// How requests and replies travel over HTTP: what both sides have to agree on. `Protocol/http.md` describes it.
package enum HTTPBinding {
  /// The version of the protocol, which each request says and the hub has to speak.
  package static let protocolVersion: UInt32 = 1

  /// The header in which a request says the version.
  package static let versionHeader = "gloss-protocol"

  /// The header in which a pull says for how long it may wait.
  static let preferHeader = "prefer"

  /// The header in which the reply says that the hub waits.
  static let preferenceAppliedHeader = "preference-applied"

  /// The header that brings the invitation beside the token of who creates a library.
  package static let invitationHeader = "gloss-invitation"

  /// Where a hub says what it is, whichever version a client speaks.
  package static let descriptionPath = "/.well-known/gloss"

  /// The greatest number of bytes of a token or of an enrolment secret.
  package static let credentialByteLimit = 128

  /// The greatest number of bundles of one push: more than fit a body of 16 MiB unless they are nearly empty.
  package static let bundleCountLimit = 65_536

  /// The greatest number of parts of one upload of blobs.
  package static let partCountLimit = 4_096

  /// The greatest number of blobs of one fetch: their names make up half of what proxies take as an address.
  package static let wantCountLimit = 64

  /// The number of bytes of the digest that stands for a token or for an enrolment secret.
  package static let digestByteCount = 32

  /// The greatest number of bytes of a device's card.
  package static let cardByteLimit = 256

  /// The greatest number of bytes of an entry of the keyring.
  package static let entryByteLimit = 65_536

  /// The epochs that entries of the keyring may have.
  package static let entryEpochs: ClosedRange<UInt32> = 2...4_096

  package static let messageType = "application/x-protobuf"
  /// What a card, an entry of the keyring and a piece of a snapshot travel as.
  package static let bytesType = "application/octet-stream"
  package static let jsonType = "application/json"
  package static let problemType = "application/problem+json"

  /// Whether `credential` can travel in a header: visible ASCII characters, at least one, at most 128.
  package static func isValidCredential(_ credential: String) -> Bool {
    !credential.isEmpty && credential.utf8.count <= credentialByteLimit
      && credential.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Returns the bytes that exactly `count` pairs of hexadecimal digits stand for, or `nil`.
  static func bytes(hex: Substring, count: Int) -> [UInt8]? {
    guard hex.utf8.count == 2 * count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var high: UInt8?
    for character in hex.utf8 {
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }
}

extension Cursor {
  /// The cursor as a query carries it: `LOGHEX.INDEX.HASHHEX`.
  package var text: String { "\(hexadecimal(log)).\(index).\(hexadecimal(hash))" }

  /// Reads ``text``, or returns `nil` where it is anything else.
  package init?(text: String) {
    let parts = text[...].pieces(between: ".")
    guard parts.count == 3, let log = HTTPBinding.bytes(hex: parts[0], count: 16),
      let index = UInt64(parts[1]), String(index).utf8.elementsEqual(parts[1].utf8),
      let hash = HTTPBinding.bytes(hex: parts[2], count: 16)
    else { return nil }
    self.init(log: log, index: index, hash: hash)
  }
}

extension BlobWant {
  /// The want as a query carries it: `NAMEHEX`, or `NAMEHEX.OFFSET` where it does not begin at 0.
  package var text: String { hexadecimal(name) + (offset == 0 ? "" : ".\(offset)") }

  /// Reads ``text``, or returns `nil` where it is anything else. An offset of 0 may be written.
  package init?(text: some StringProtocol) {
    let parts = Substring(text).split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first,
      let name = HTTPBinding.bytes(hex: first, count: BlobPart.nameByteCount)
    else { return nil }
    self.init(name: name)
    guard parts.count == 2 else { return }
    guard let offset = Int(parts[1]), String(offset).utf8.elementsEqual(parts[1].utf8), offset >= 0
    else { return nil }
    self.offset = offset
  }
}

extension HTTPRequest {
  /// Returns the values of the headers of this name, which is in lowercase.
  package func values(of name: String) -> [String] {
    headers.filter { $0.name == name }.map(\.value)
  }
}

extension HTTPReply {
  /// Returns the value of the first header of this name, which is in lowercase.
  package func value(of name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}

extension Substring {
  /// Returns the pieces between the bytes that are `separator`, empty ones too.
  ///
  /// Texts of a request are taken as bytes: looking for characters costs a hub as much as all else that it reads of a request.
  func pieces(between separator: Unicode.Scalar, limit: Int = .max) -> [Substring] {
    utf8.split(
      separator: UInt8(ascii: separator), maxSplits: limit - 1, omittingEmptySubsequences: false
    ).map { Substring($0) }
  }
}

/// Returns a header's media type without its parameters, in lowercase.
func mediaType(_ header: String?) -> String {
  guard let type = header?.split(separator: ";", omittingEmptySubsequences: false).first else {
    return ""
  }
  return type.lowercased().filter { $0 != " " && $0 != "\t" }
}
