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
    self.bytes = Array(bytes)
    publicKey = HybridEncryption.publicKey(of: self.bytes)
  }

  /// Returns a new key.
  ///
  /// - Parameter generator: A cryptographically secure one outside tests.
  package static func random(using generator: inout some RandomNumberGenerator) -> Self {
    guard let key = Self(bytes: randomBytes(byteCount, using: &generator)) else {
      preconditionFailure("a key of 32 bytes has 32 bytes")
    }
    return key
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
