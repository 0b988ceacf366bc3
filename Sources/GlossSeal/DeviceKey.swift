internal import GlossCrypto

/// The private key of a device, to which the others seal the secret of each new epoch.
///
/// Printing, interpolating or dumping it shows no byte of it.
package struct DeviceKey: Sendable {
  /// The 32 secret bytes.
  package let bytes: [UInt8]

  /// The public key, which the device's card shows: 32 bytes.
  package let publicKey: [UInt8]

  /// Creates a key from exactly 32 bytes, or returns `nil` for any other number of them.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(Array(bytes))
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    publicKey = HybridEncryption.publicKey(of: bytes)
  }

  /// Returns a new key.
  ///
  /// - Parameter generator: A cryptographically secure one outside tests.
  package static func random(using generator: inout some RandomNumberGenerator) -> Self {
    Self(randomBytes(byteCount, using: &generator))
  }

  /// The number of bytes of a private key and of a public one.
  package static let byteCount = HybridEncryption.keyByteCount
}

extension DeviceKey: CustomStringConvertible, CustomReflectable {
  /// A text that is the same for every key.
  package var description: String { "DeviceKey(hidden)" }

  /// A mirror without children, so that `dump` shows no byte.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
