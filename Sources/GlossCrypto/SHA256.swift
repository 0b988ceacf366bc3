internal import Crypto

/// The number of bytes of a SHA-256 digest.
package let sha256ByteCount = 32

/// Returns the SHA-256 digest (FIPS 180-4) of `parts`, one after another: 32 bytes.
///
/// Nothing separates the parts: a caller that must tell ("a", "bc") from ("ab", "c") writes their
/// lengths.
package func sha256(_ parts: [UInt8]...) -> [UInt8] {
  var hash = SHA256()
  for part in parts {
    part.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }
  return bytes(of: hash.finalize())
}

/// Returns the SHA-256 digest of `prefix` and then `bytes`: 32 bytes.
///
/// The form for loops over many small inputs: it allocates the digest and nothing else of ours.
package func sha256(
  _ bytes: UnsafeRawBufferPointer, after prefix: UnsafeRawBufferPointer
) -> [UInt8] {
  var hash = SHA256()
  hash.update(bufferPointer: prefix)
  hash.update(bufferPointer: bytes)
  return GlossCrypto.bytes(of: hash.finalize())
}

/// Returns HMAC-SHA256 (RFC 2104) of `message` under `key`: 32 bytes.
package func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
  var code = HMAC<SHA256>(key: SymmetricKey(data: key))
  message.withUnsafeBytes { buffer in code.update(data: buffer) }
  return code.finalize().withUnsafeBytes { Array($0) }
}

/// Returns `count` bytes of HKDF-SHA256 (RFC 5869, extract and expand).
///
/// - Parameters:
///   - secret: The input keying material.
///   - salt: Need not be secret. Empty means 32 zero bytes, as in the RFC.
///   - info: What the result is for; results for different purposes are independent.
///   - count: From 1 to 8,160.
package func hkdfSHA256(secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
  precondition((1...255 * sha256ByteCount).contains(count), "HKDF yields 1 to 8,160 bytes")
  return HKDF<SHA256>.deriveKey(
    inputKeyMaterial: SymmetricKey(data: secret), salt: salt, info: info, outputByteCount: count
  ).withUnsafeBytes { Array($0) }
}

/// Returns whether `left` and `right` are equal, in a time that depends on their lengths only.
package func isEqualInConstantTime(
  _ left: some Collection<UInt8>, _ right: some Collection<UInt8>
) -> Bool {
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}

private func bytes(of digest: SHA256.Digest) -> [UInt8] {
  digest.withUnsafeBytes { Array($0) }
}
