internal import GlossCrypto

/// What the keys of one epoch are derived from: 32 secret bytes. Epoch 1's are the root key.
///
/// Printing, interpolating or dumping it shows no byte of it.
package struct EpochSecret: Sendable {
  /// The 32 secret bytes.
  package let bytes: [UInt8]

  /// Creates a secret from exactly 32 bytes, or returns `nil` for any other number of them.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = Array(bytes)
  }

  /// The secret of epoch 1.
  package init(_ root: RootKey) {
    bytes = root.bytes
  }

  /// Returns a new secret.
  ///
  /// - Parameter generator: A cryptographically secure one outside tests.
  package static func random(using generator: inout some RandomNumberGenerator) -> Self {
    Self(RootKey.random(using: &generator))
  }

  /// The number of bytes of a secret.
  package static let byteCount = RootKey.byteCount
}

extension EpochSecret: Equatable {
  /// Returns whether the secrets are equal, in a time that does not depend on where they differ.
  package static func == (left: Self, right: Self) -> Bool {
    isEqualInConstantTime(left.bytes, right.bytes)
  }
}

extension EpochSecret: CustomStringConvertible, CustomReflectable {
  /// A text that is the same for every secret.
  package var description: String { "EpochSecret(hidden)" }

  /// A mirror without children, so that `dump` shows no byte.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
