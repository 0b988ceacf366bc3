internal import GlossCrypto

/// The secret of a library: who has it can read the library and write to it; who has lost it
/// cannot, nor can the hub.
///
/// Every other key is derived from it. Printing, interpolating or dumping it shows no byte of it.
public struct RootKey: Sendable {
  /// The 32 secret bytes, to be put where secrets are kept.
  public let bytes: [UInt8]

  /// Creates a root key from exactly 32 bytes, or returns `nil` for any other number of them.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = Array(bytes)
  }

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Returns a new root key.
  ///
  /// - Parameter generator: A cryptographically secure one, such as `SystemRandomNumberGenerator`,
  ///   outside tests.
  public static func random(using generator: inout some RandomNumberGenerator) -> Self {
    Self(randomBytes(byteCount, using: &generator))
  }

  /// The number of bytes of a root key.
  public static let byteCount = 32
}

extension RootKey: Equatable {
  /// Returns whether the keys are equal, in a time that does not depend on where they differ.
  public static func == (left: Self, right: Self) -> Bool {
    isEqualInConstantTime(left.bytes, right.bytes)
  }
}

extension RootKey: CustomStringConvertible, CustomReflectable {
  /// A text that is the same for every key.
  public var description: String { "RootKey(hidden)" }

  /// A mirror without children, so that `dump` shows no byte.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
