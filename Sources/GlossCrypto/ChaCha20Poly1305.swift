internal import Crypto

/// ChaCha20-Poly1305, authenticated encryption with associated data (RFC 8439).
package enum ChaCha20Poly1305 {
  /// The number of bytes of a key.
  package static let keyByteCount = 32
  /// The number of bytes of a nonce. A nonce is used once under a key.
  package static let nonceByteCount = 12
  /// The number of bytes of the tag that follows the ciphertext.
  package static let tagByteCount = 16

  /// Returns the ciphertext of `plaintext`, as long as it, and then the tag.
  ///
  /// - Precondition: The key has 32 bytes, the nonce 12.
  package static func seal(
    _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], authenticating header: [UInt8]
  ) -> [UInt8] {
    precondition(key.count == keyByteCount, "a key has 32 bytes")
    guard let nonce = try? ChaChaPoly.Nonce(data: nonce),
      let box = try? ChaChaPoly.seal(
        plaintext, using: SymmetricKey(data: key), nonce: nonce, authenticating: header)
    else { preconditionFailure("a nonce has 12 bytes, and a plaintext fits one message") }
    var sealed: [UInt8] = []
    sealed.reserveCapacity(plaintext.count + tagByteCount)
    sealed.append(contentsOf: box.ciphertext)
    sealed.append(contentsOf: box.tag)
    return sealed
  }

  /// Returns the plaintext of `sealed`, or `nil` where any of the arguments is not what it was
  /// sealed with.
  ///
  /// - Precondition: The key has 32 bytes, the nonce 12.
  package static func open(
    _ sealed: ArraySlice<UInt8>, key: [UInt8], nonce: [UInt8], authenticating header: [UInt8]
  ) -> [UInt8]? {
    precondition(key.count == keyByteCount, "a key has 32 bytes")
    precondition(nonce.count == nonceByteCount, "a nonce has 12 bytes")
    guard sealed.count >= tagByteCount, let nonce = try? ChaChaPoly.Nonce(data: nonce),
      let box = try? ChaChaPoly.SealedBox(
        nonce: nonce, ciphertext: sealed.dropLast(tagByteCount), tag: sealed.suffix(tagByteCount)),
      let plaintext = try? ChaChaPoly.open(
        box, using: SymmetricKey(data: key), authenticating: header)
    else { return nil }
    return Array(plaintext)
  }
}
