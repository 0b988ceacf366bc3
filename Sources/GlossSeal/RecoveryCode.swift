public import GlossCore
internal import GlossCrypto

/// A library's root key as a person keeps it: what opens a backup when every machine is lost.
///
/// Who reads it can open every backup of the library, and whatever of the first epoch lies on its hub. Printing or dumping the
/// value shows no secret; ``text`` does.
///
/// The text is `glosskey1-` and then groups of the lowercase base32 of: version (1 byte), library (16), root key (32), and the
/// first 4 bytes of the SHA-256 of all these.
public struct RecoveryCode: Sendable, Equatable {
  /// The library whose key it is.
  public let library: LibraryID
  /// The key.
  public let root: RootKey

  public init(library: LibraryID, root: RootKey) {
    self.library = library
    self.root = root
  }

  /// The code as one line. It is a secret.
  public var text: String {
    let content = [Self.version] + library.bytes + root.bytes
    let digits = Array(Base32.encode(content + sha256(content).prefix(Self.checksumByteCount)))
    let groups = stride(from: 0, to: digits.count, by: 5).map {
      String(digits[$0..<min($0 + 5, digits.count)])
    }
    return "\(Self.prefix)\(Self.version)-" + groups.joined(separator: "-")
  }

  /// Reads a code; case does not matter, nor do white space, line breaks and hyphens anywhere in it.
  ///
  /// - Throws: Each case of ``PairingCodeError``.
  public init(parsing text: String) throws(PairingCodeError) {
    let characters = text.unicodeScalars.compactMap { character -> Unicode.Scalar? in
      guard character != "-", !character.properties.isWhitespace else { return nil }
      guard case "A"..."Z" = character else { return character }
      return Unicode.Scalar(UInt8(truncatingIfNeeded: character.value) | 0x20)
    }
    guard characters.starts(with: Self.prefix.unicodeScalars) else { throw .notACode }
    // The base32 begins with the version, so with a letter: all digits here are the prefix's.
    let rest = characters.dropFirst(Self.prefix.unicodeScalars.count)
    let digits = rest.prefix { ("0"..."9").contains($0) }
    guard let version = UInt8(String(String.UnicodeScalarView(digits))), version > 0 else {
      throw .notACode
    }
    guard version == Self.version else { throw .newerVersion(version) }
    guard let (bytes, isComplete) = Base32.decode(rest.dropFirst(digits.count)) else {
      throw .mistyped
    }
    guard bytes.count >= Self.byteCount else { throw .cutShort }
    let content = Array(bytes.dropLast(Self.checksumByteCount))
    guard isComplete, bytes.count == Self.byteCount, content[0] == version,
      sha256(content).prefix(Self.checksumByteCount) == bytes.suffix(Self.checksumByteCount),
      let library = LibraryID(bytes: content[1..<17]), let root = RootKey(bytes: content[17...])
    else { throw .mistyped }
    self.init(library: library, root: root)
  }

  private static let prefix = "glosskey"
  private static let version: UInt8 = 1
  private static let checksumByteCount = 4
  private static let byteCount = 1 + LibraryID.byteCount + RootKey.byteCount + checksumByteCount
}

extension RecoveryCode: CustomStringConvertible, CustomReflectable {
  /// The library, and no secret.
  public var description: String { "RecoveryCode(\(library), key hidden)" }

  /// A mirror without children, so that `dump` shows no secret.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
