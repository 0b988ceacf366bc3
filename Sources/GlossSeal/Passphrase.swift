/// What a person remembers, and a root key is wrapped with.
///
/// It is its UTF-8 bytes, as they came: nothing is normalised, trimmed or changed in case. Printing, interpolating or dumping
/// it shows nothing of it.
public struct Passphrase: Sendable {
  let bytes: [UInt8]

  /// Creates a passphrase, or returns `nil` for an empty text.
  public init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    bytes = Array(text.utf8)
  }
}

extension Passphrase: CustomStringConvertible, CustomReflectable {
  /// A text that is the same for every passphrase.
  public var description: String { "Passphrase(hidden)" }

  /// A mirror without children, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
