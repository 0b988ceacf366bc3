internal import Crypto

/// The SHA-256 of bytes that come one after another; a copy goes on by itself.
package struct RunningSHA256: Sendable {
  private var hash = SHA256()

  package init() {}

  /// Takes in more bytes.
  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// The digest of all bytes so far: 32 bytes.
  package var digest: [UInt8] {
    hash.finalize().withUnsafeBytes { Array($0) }
  }
}
