public import GlossCore
internal import GlossCrypto

/// A root key that only a passphrase opens, as it lies on a disk.
///
/// The 88 bytes are: version (1 byte), scrypt's log2 N, r and p (1 each), salt (32), the root key
/// under ChaCha20-Poly1305 (32) and its tag (16), and the first 4 bytes of the SHA-256 of all these.
/// The checksum tells damage from a wrong passphrase; it is no protection.
public struct WrappedRootKey: Hashable, Sendable {
  /// The bytes to keep.
  public let bytes: [UInt8]

  /// Wraps a root key. It takes as long as scrypt does, which is some tenths of a second.
  ///
  /// - Parameter generator: A cryptographically secure one outside tests.
  /// - Throws: `.notEnoughMemory`.
  public init(
    _ root: RootKey, library: LibraryID, passphrase: Passphrase,
    using generator: inout some RandomNumberGenerator
  ) throws(WrappedRootKeyError) {
    try self.init(
      root, library: library, passphrase: passphrase,
      salt: randomBytes(Self.saltByteCount, using: &generator))
  }

  /// Wraps a root key with a salt of 32 bytes.
  init(
    _ root: RootKey, library: LibraryID, passphrase: Passphrase, salt: [UInt8]
  ) throws(WrappedRootKeyError) {
    precondition(salt.count == Self.saltByteCount, "a salt has 32 bytes")
    let cost = Self.parameters
    let head =
      [Self.version, cost.costLog2, cost.blockSize, cost.parallelism] + salt
    let key = try Self.key(of: passphrase, salt: salt, parameters: cost)
    let sealed = ChaCha20Poly1305.seal(
      root.bytes, key: key, nonce: Self.nonce, authenticating: head + library.bytes)
    bytes = head + sealed + Self.checksum(head + sealed)
  }

  /// Reads what was kept.
  ///
  /// - Throws: `.damaged`, `.newerVersion` or `.badParameters`.
  public init(bytes: [UInt8]) throws(WrappedRootKeyError) {
    let content = bytes.dropLast(Self.checksumByteCount)
    guard let version = content.first,
      bytes.suffix(Self.checksumByteCount) == Self.checksum(Array(content))
    else { throw .damaged }
    guard version == Self.version else { throw .newerVersion(version) }
    guard bytes.count == Self.byteCount else { throw .damaged }
    guard Self.costs.contains(bytes[1]), bytes[2] == Self.parameters.blockSize,
      bytes[3] == Self.parameters.parallelism
    else { throw .badParameters }
    self.bytes = bytes
  }

  /// Returns the root key. It takes as long as wrapping did.
  ///
  /// - Throws: `.wrongPassphrase` or `.notEnoughMemory`.
  public func unwrap(
    library: LibraryID, passphrase: Passphrase
  ) throws(WrappedRootKeyError) -> RootKey {
    let head = Array(bytes[..<Self.headByteCount])
    let key = try Self.key(
      of: passphrase, salt: Array(head.suffix(Self.saltByteCount)),
      parameters: Scrypt.Parameters(
        costLog2: head[1], blockSize: head[2], parallelism: head[3]))
    let opened = ChaCha20Poly1305.open(
      bytes[Self.headByteCount...].dropLast(Self.checksumByteCount), key: key, nonce: Self.nonce,
      authenticating: head + library.bytes)
    guard let opened, let root = RootKey(bytes: opened) else { throw .wrongPassphrase }
    return root
  }

  private static func key(
    of passphrase: Passphrase, salt: [UInt8], parameters: Scrypt.Parameters
  ) throws(WrappedRootKeyError) -> [UInt8] {
    let key = Scrypt.key(
      password: passphrase.bytes, salt: salt, parameters: parameters,
      count: ChaCha20Poly1305.keyByteCount)
    guard let key else { throw .notEnoughMemory }
    return key
  }

  private static func checksum(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    sha256(bytes).prefix(checksumByteCount)
  }

  private static let version: UInt8 = 1
  /// What a new wrap costs: the floor, 128 MiB.
  private static let parameters = Scrypt.Parameters(
    costLog2: costs.lowerBound, blockSize: 8, parallelism: 1)
  /// What a wrap that is read may cost: at most 1 GiB.
  private static let costs: ClosedRange<UInt8> = 17...20
  private static let saltByteCount = 32
  private static let headByteCount = 4 + saltByteCount
  private static let checksumByteCount = 4
  private static let byteCount =
    headByteCount + RootKey.byteCount + ChaCha20Poly1305.tagByteCount + checksumByteCount
  /// A key is used once, because its salt is; so the nonce need not differ.
  private static let nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceByteCount)
}
