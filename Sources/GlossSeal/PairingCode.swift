public import GlossCore
internal import GlossCrypto

/// All that a new machine needs to join a library, as one line of text to carry there.
///
/// It contains the root key: who reads it can read the library. Show it only when asked, send it
/// over nothing that others read, and read it from standard input or a prompt, never from a
/// command's arguments. Printing or dumping the value shows no secret; ``text`` does.
///
/// The text is `gloss1-` and then the lowercase base32 of: version (1 byte), library (16), root key
/// (32), enrolment secret (16), address (its length as a varint, then UTF-8), and the first 4 bytes
/// of the SHA-256 of all these. A library that has begun a later epoch than the first has codes of version 2, `gloss2-`, with
/// the newest epoch (4) and its secret (32) behind the root key.
public struct PairingCode: Sendable, Equatable {
  /// Where the library's hub is.
  public let address: String

  /// The library to join.
  public let library: LibraryID

  /// The library's root key, which the hub never gets.
  public let root: RootKey

  /// The library's newest epoch: 1 or later.
  package let epoch: UInt32

  /// The secret of ``epoch``.
  package let secret: EpochSecret

  /// The 16 bytes with which the hub lets one device in.
  let enrolmentSecret: [UInt8]

  /// Creates a code with a new enrolment secret, which the hub must be told of before the code is
  /// used.
  ///
  /// - Parameters:
  ///   - keyring: The library's, up to its newest epoch.
  ///   - generator: A cryptographically secure one outside tests.
  package init(
    address: String, root: RootKey, keyring: Keyring,
    using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      address: address, root: root, keyring: keyring,
      enrolmentSecret: randomBytes(Self.secretByteCount, using: &generator))
  }

  /// Creates a code for a library that never had another epoch than the first, with a new enrolment secret.
  ///
  /// - Parameter generator: A cryptographically secure one outside tests.
  public init(
    address: String, library: LibraryID, root: RootKey,
    using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      address: address, root: root, keyring: Keyring(root: root, library: library),
      using: &generator)
  }

  /// Creates a code with an enrolment secret of 16 bytes.
  package init(address: String, root: RootKey, keyring: Keyring, enrolmentSecret: [UInt8]) {
    precondition(enrolmentSecret.count == Self.secretByteCount, "a secret has 16 bytes")
    self.address = address
    library = keyring.library
    self.root = root
    epoch = keyring.newestEpoch
    secret = keyring.newestSecret
    self.enrolmentSecret = enrolmentSecret
  }

  /// Creates a code for a library that never had another epoch than the first.
  package init(address: String, library: LibraryID, root: RootKey, enrolmentSecret: [UInt8]) {
    self.init(
      address: address, root: root, keyring: Keyring(root: root, library: library),
      enrolmentSecret: enrolmentSecret)
  }

  /// The credential that the new device enrols with: the enrolment secret as 32 lowercase
  /// hexadecimal digits.
  public var enrolmentCredential: String { hexadecimal(enrolmentSecret) }

  /// The code as one line. It is a secret.
  public var text: String {
    let version = epoch == 1 ? Self.version : Self.epochVersion
    var writer = ByteWriter()
    writer.writeByte(version)
    writer.write(library.bytes)
    writer.write(root.bytes)
    if version == Self.epochVersion {
      writer.writeFixed(epoch)
      writer.write(secret.bytes)
    }
    writer.write(enrolmentSecret)
    writer.writeCounted(Array(address.utf8))
    writer.write(Self.checksum(writer.bytes))
    return "\(Self.prefix)\(version)-\(Base32.encode(writer.bytes))"
  }

  private static let prefix = "gloss"
  /// The version of codes whose library is in its first epoch.
  private static let version: UInt8 = 1
  /// The version of all others.
  private static let epochVersion: UInt8 = 2
  private static let epochByteCount = 4 + EpochSecret.byteCount
  private static let secretByteCount = 16
  private static let checksumByteCount = 4

  private static func checksum(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    sha256(bytes).prefix(checksumByteCount)
  }
}

extension PairingCode {
  /// Reads a code; case does not matter, nor do white space, line breaks and hyphens anywhere in
  /// it.
  ///
  /// - Throws: Each case of ``PairingCodeError``. A wrong character is noticed but for one time in
  ///   four thousand million.
  public init(parsing text: String) throws(PairingCodeError) {
    let (version, body) = try Self.frame(of: text)
    guard let (bytes, isComplete) = Base32.decode(body) else { throw .mistyped }
    let content = bytes.dropLast(Self.checksumByteCount)
    guard isComplete, content.first == version,
      Self.checksum(Array(content)) == bytes.suffix(Self.checksumByteCount)
    else {
      throw Self.isCutShort(bytes, version: version) ? .cutShort : .mistyped
    }
    guard version <= Self.epochVersion else { throw .newerVersion(version) }
    do {
      var reader = ByteReader(content.dropFirst())
      library = try reader.readIdentifier(as: LibraryID.self)
      let rootBytes = try reader.read(RootKey.byteCount)
      let hasEpoch = version == Self.epochVersion
      epoch = hasEpoch ? try reader.readFixed(as: UInt32.self) : 1
      let secretBytes = hasEpoch ? try reader.read(EpochSecret.byteCount) : rootBytes
      enrolmentSecret = Array(try reader.read(Self.secretByteCount))
      // An epoch that is named is not the first, and there has to be one more after it.
      guard !hasEpoch || (2..<UInt32.max).contains(epoch),
        let root = RootKey(bytes: rootBytes), let secret = EpochSecret(bytes: secretBytes),
        let address = String(validating: try reader.readCounted(), as: UTF8.self), reader.isAtEnd
      else { throw PairingCodeError.notACode }
      self.root = root
      self.secret = secret
      self.address = address
    } catch {
      throw .notACode
    }
  }

  /// Splits a text into the version behind its prefix and the characters of its base32.
  private static func frame(
    of text: String
  ) throws(PairingCodeError) -> (version: UInt8, body: ArraySlice<Unicode.Scalar>) {
    let characters = text.unicodeScalars.compactMap { character -> Unicode.Scalar? in
      guard character != "-", !character.properties.isWhitespace else { return nil }
      guard case "A"..."Z" = character else { return character }
      return Unicode.Scalar(UInt8(truncatingIfNeeded: character.value) | 0x20)
    }
    guard characters.starts(with: prefix.unicodeScalars) else { throw .notACode }
    // The base32 begins with the version, so with a letter: all digits here are the prefix's.
    let rest = characters.dropFirst(prefix.unicodeScalars.count)
    let digits = rest.prefix { ("0"..."9").contains($0) }
    guard let version = UInt8(String(String.UnicodeScalarView(digits))), version > 0 else {
      throw .notACode
    }
    return (version, rest.dropFirst(digits.count))
  }

  /// Returns whether bytes of a version that is known end before the end that they announce.
  private static func isCutShort(_ bytes: [UInt8], version: UInt8) -> Bool {
    guard version <= epochVersion else { return false }
    let epochByteCount = version == epochVersion ? epochByteCount : 0
    var reader = ByteReader(bytes)
    do {
      _ = try reader.read(
        1 + LibraryID.byteCount + RootKey.byteCount + epochByteCount + secretByteCount)
    } catch {
      return true
    }
    guard let count = try? reader.readVarint() else { return reader.isAtEnd }
    return UInt64(reader.remainingCount) < UInt64(checksumByteCount)
      || UInt64(reader.remainingCount - checksumByteCount) < count
  }
}

extension PairingCode: CustomStringConvertible, CustomReflectable {
  /// The library and the address, and no secret.
  public var description: String { "PairingCode(\(library) at \(address), secrets hidden)" }

  /// A mirror without children, so that `dump` shows no secret.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
