public import GlossCore
internal import GlossCrypto

// How a backup is sealed
//
// Problem. A backup is a whole library in one file, which lies for years on disks that belong to somebody else. It is larger
// than memory, so it has to be sealed and opened piece by piece, and no piece may be taken out, added, repeated, moved, or
// brought from another backup. And it has to open when every machine is lost.
//
// Idea. The STREAM construction, with a key that is used for one file:
//
//     header     = "gloss-backup" (12) · 1 (1) · library (16) · milliseconds (8) · salt (32) · n (1) · wrapped root key (n)
//     key + commitment = HKDF(secret: root key, salt: salt, info: "gloss backup 1" + header, 64 bytes)
//     file       = header · commitment (32) · chunks
//     chunk i    = ChaCha20-Poly1305(key, nonce: i (11 bytes, big-endian) · last (1 byte), 65,536 bytes or the last ones)
//
// Numbers are big-endian, chunks are counted from 0, and the byte `last` is 1 for the last one and 0 otherwise. The wrapped
// root key is the one of a library that has a passphrase (`WrappedRootKey`), so that the passphrase opens the backup; n is 0
// for others, whose root key a person keeps as a recovery code (`RecoveryCode`).
//
// Why it is right.
// - The salt is random and has 256 bits, so a key is used for one file, and no two chunks of it have one nonce. STREAM is
//   secure online authenticated encryption: each chunk is authentic in its place, and only the last one ends a file. So what
//   has been opened is a beginning of what was sealed, and a file that is cut, also between two chunks, is noticed.
// - The header is part of the derivation: in another header the key and the commitment differ. It needs no associated data.
// - The commitment comes first, so a wrong key is told from a damaged file, and nobody can make a file that opens under two
//   keys.
// - A header that was given another wrapped key derives another key from any root: the file is refused.
//
// What it does not do: hide its size, its library's identifier and when it was made; keep anything from a device that was
// revoked and has the root key. There is no newer key that every way of getting back would have: a passphrase and a recovery
// code give the root.
//
// Sources: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO
// 2015 (STREAM); the age format, https://age-encryption.org/v1, has the same chunks. For the commitment see ``Sealer``.

/// What stands in front of a sealed backup, for everybody to read.
public struct BackupHeader: Hashable, Sendable {
  /// The library that the backup is of.
  public let library: LibraryID
  /// When it was made, in milliseconds since the Unix epoch.
  public let milliseconds: UInt64
  /// The library's root key under its passphrase, `nil` where it had none.
  public let wrappedKey: [UInt8]?
  let salt: [UInt8]

  /// Creates the header of a new backup.
  ///
  /// - Parameter generator: A cryptographically secure one outside tests.
  public init(
    library: LibraryID, milliseconds: UInt64, wrappedKey: [UInt8]?,
    using generator: inout some RandomNumberGenerator
  ) {
    self.init(
      library: library, milliseconds: milliseconds, wrappedKey: wrappedKey,
      salt: randomBytes(Self.saltByteCount, using: &generator))
  }

  /// Creates a header with a salt of 32 bytes: for test vectors.
  package init(library: LibraryID, milliseconds: UInt64, wrappedKey: [UInt8]?, salt: [UInt8]) {
    precondition(salt.count == Self.saltByteCount, "a salt has 32 bytes")
    precondition((wrappedKey?.count ?? 0) <= 255, "a wrapped key's length fits a byte")
    self.library = library
    self.milliseconds = milliseconds
    self.wrappedKey = wrappedKey
    self.salt = salt
  }

  /// The header's bytes.
  public var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.writeByte(Self.version)
    writer.writeFixed(library.value)
    writer.writeFixed(milliseconds)
    writer.write(salt)
    writer.writeByte(UInt8(wrappedKey?.count ?? 0))
    writer.write(wrappedKey ?? [])
    return writer.bytes
  }

  /// Reads the header that a file begins with.
  ///
  /// - Parameter bytes: The first bytes of the file: ``greatestByteCount`` of them, or all.
  /// - Throws: `.notABackup`, `.newerVersion` or `.truncated`.
  public init(beginningOf bytes: [UInt8]) throws(BackupError) {
    guard bytes.starts(with: Self.mark) else { throw .notABackup }
    do {
      var reader = ByteReader(bytes[Self.mark.count...])
      let version = try reader.readByte()
      guard version == Self.version else { throw BackupError.newerVersion(version) }
      library = try reader.readIdentifier(as: LibraryID.self)
      milliseconds = try reader.readFixed(as: UInt64.self)
      salt = Array(try reader.read(Self.saltByteCount))
      let wrapped = Array(try reader.read(Int(try reader.readByte())))
      wrappedKey = wrapped.isEmpty ? nil : wrapped
    } catch let error as BackupError {
      throw error
    } catch {
      throw .truncated
    }
  }

  /// The most bytes that a header has.
  public static let greatestByteCount = 12 + 1 + 16 + 8 + saltByteCount + 1 + 255

  /// What a sealed backup begins with.
  public static let mark = Array("gloss-backup".utf8)

  private static let version: UInt8 = 1
  private static let saltByteCount = 32
}

/// Why a backup was not opened.
public enum BackupError: Error, Equatable, Sendable {
  /// The file does not begin as a backup does.
  case notABackup
  /// The backup is of a version that this program does not know.
  case newerVersion(UInt8)
  /// The file ends before its end.
  case truncated
  /// The key is not the one that it was sealed with, or the header was altered.
  case wrongKey
  /// A chunk, counted from 0, is not the one that was sealed there, or the file goes on behind its end.
  case altered(chunk: UInt64)
}

/// Seals or opens the chunks of one backup, one after another.
public struct BackupSeal: Sendable {
  /// The number of bytes of each chunk but the last, before it is sealed.
  public static let chunkByteCount = 65_536

  /// The number of bytes of each chunk but the last as it is sealed.
  public static let sealedChunkByteCount = chunkByteCount + ChaCha20Poly1305.tagByteCount

  /// The bytes behind the header by which a wrong key is noticed: 32 bytes.
  public let commitment: [UInt8]

  /// The number of bytes of a commitment.
  public static let commitmentByteCount = 32

  private let key: [UInt8]
  private var number: UInt64 = 0

  /// Derives the key of one backup.
  public init(_ header: BackupHeader, root: RootKey) {
    let bytes = hkdfSHA256(
      secret: root.bytes, salt: header.salt, info: Array("gloss backup 1".utf8) + header.bytes,
      count: ChaCha20Poly1305.keyByteCount + Self.commitmentByteCount)
    key = Array(bytes.prefix(ChaCha20Poly1305.keyByteCount))
    commitment = Array(bytes.dropFirst(ChaCha20Poly1305.keyByteCount))
  }

  /// Checks the commitment of a file.
  ///
  /// - Throws: `.wrongKey`.
  public func check(_ commitment: [UInt8]) throws(BackupError) {
    guard isEqualInConstantTime(commitment, self.commitment) else { throw .wrongKey }
  }

  /// Where a chunk stands.
  public enum Place: Sendable {
    case within
    case last
  }

  /// Returns the next chunk sealed.
  ///
  /// - Precondition: It has ``chunkByteCount`` bytes, or is the last and has 1 to as many.
  public mutating func seal(_ chunk: [UInt8], _ place: Place) -> [UInt8] {
    precondition(
      chunk.count == Self.chunkByteCount
        || place == .last && (1..<Self.chunkByteCount).contains(chunk.count),
      "only the last chunk is shorter, and none is empty")
    defer { number += 1 }
    return ChaCha20Poly1305.seal(chunk, key: key, nonce: nonce(place), authenticating: [])
  }

  /// Returns the next chunk opened.
  ///
  /// - Throws: `.altered`.
  public mutating func open(_ sealed: ArraySlice<UInt8>, _ place: Place) throws(BackupError)
    -> [UInt8]
  {
    guard sealed.count > ChaCha20Poly1305.tagByteCount, sealed.count <= Self.sealedChunkByteCount,
      let chunk = ChaCha20Poly1305.open(
        sealed, key: key, nonce: nonce(place), authenticating: [])
    else { throw .altered(chunk: number) }
    number += 1
    return chunk
  }

  private func nonce(_ place: Place) -> [UInt8] {
    var nonce = [UInt8](repeating: 0, count: 3)
    withUnsafeBytes(of: number.bigEndian) { nonce += $0 }
    nonce.append(place == .last ? 1 : 0)
    return nonce
  }
}

extension BackupSeal: CustomStringConvertible, CustomReflectable {
  /// A text that shows no key.
  public var description: String { "BackupSeal(key hidden)" }

  /// A mirror without children, so that `dump` shows no key.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
