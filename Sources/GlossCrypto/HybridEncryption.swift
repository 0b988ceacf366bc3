internal import Crypto

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Encryption of one message to whoever has a private key: HPKE (RFC 9180) in its base mode, with DHKEM(X25519,
/// HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305.
///
/// Sealing is written out here, because swift-crypto draws the ephemeral key by itself and here randomness is an argument.
/// Opening is swift-crypto's, so each holds the other to the RFC.
package enum HybridEncryption {
  /// The number of bytes of a private key, of a public one and of an ephemeral one.
  package static let keyByteCount = 32

  /// The number of bytes that a sealed message has beside its content: the ephemeral public key and the tag.
  package static let overheadByteCount = keyByteCount + ChaCha20Poly1305.tagByteCount

  /// Returns the public key of a private one.
  ///
  /// - Precondition: It has 32 bytes; any will do.
  package static func publicKey(of privateKey: [UInt8]) -> [UInt8] {
    Array(key(privateKey).publicKey.rawRepresentation)
  }

  /// Returns the ephemeral public key and then the ciphertext of `content`, or `nil` where the public key is none: of another
  /// length, or a point of small order, with which everybody could read the message.
  ///
  /// - Parameters:
  ///   - ephemeral: A private key of 32 bytes that is used for this message only.
  ///   - info: What the message is for.
  package static func seal(
    _ content: [UInt8], to publicKey: [UInt8], ephemeral: [UInt8], info: [UInt8]
  ) -> [UInt8]? {
    let ephemeral = key(ephemeral)
    let encapsulated = Array(ephemeral.publicKey.rawRepresentation)
    guard
      let recipient = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey),
      let agreed = try? ephemeral.sharedSecretFromKeyAgreement(with: recipient)
        .withUnsafeBytes({ Array($0) }),
      // A point of small order: anybody knows what was agreed on (RFC 9180, section 7.1.4).
      !agreed.allSatisfy({ $0 == 0 })
    else { return nil }
    let kem = Suite(id: Array("KEM".utf8) + [0, 0x20])
    let shared = kem.expand(
      kem.extract(salt: [], "eae_prk", agreed), "shared_secret", encapsulated + publicKey,
      count: keyByteCount)
    let suite = Suite(id: Array("HPKE".utf8) + [0, 0x20, 0, 1, 0, 3])
    let context =
      [0] + suite.extract(salt: [], "psk_id_hash", []) + suite.extract(salt: [], "info_hash", info)
    let secret = suite.extract(salt: shared, "secret", [])
    return encapsulated
      + ChaCha20Poly1305.seal(
        content,
        key: suite.expand(secret, "key", context, count: ChaCha20Poly1305.keyByteCount),
        nonce: suite.expand(secret, "base_nonce", context, count: ChaCha20Poly1305.nonceByteCount),
        authenticating: [])
  }

  /// Returns the content that was sealed, or `nil` where any of the arguments is not what it was sealed with.
  package static func open(
    _ sealed: [UInt8], with privateKey: [UInt8], info: [UInt8]
  ) -> [UInt8]? {
    guard sealed.count >= overheadByteCount,
      var recipient = try? HPKE.Recipient(
        privateKey: key(privateKey), ciphersuite: .Curve25519_SHA256_ChachaPoly, info: Data(info),
        encapsulatedKey: Data(sealed.prefix(keyByteCount))),
      let content = try? recipient.open(Data(sealed.dropFirst(keyByteCount)))
    else { return nil }
    return Array(content)
  }

  private static func key(_ bytes: [UInt8]) -> Curve25519.KeyAgreement.PrivateKey {
    guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes) else {
      preconditionFailure("a private key has 32 bytes")
    }
    return key
  }
}

/// The labelled HKDF-SHA256 of RFC 9180, section 4.
private struct Suite {
  let id: [UInt8]

  func extract(salt: [UInt8], _ label: String, _ material: [UInt8]) -> [UInt8] {
    hmacSHA256(key: salt, Self.version + id + Array(label.utf8) + material)
  }

  /// - Precondition: `count` is at most 32: one block of HKDF.
  func expand(_ key: [UInt8], _ label: String, _ info: [UInt8], count: Int) -> [UInt8] {
    let message =
      [0, UInt8(count)] + Self.version + id + Array(label.utf8) + info + [1]
    return Array(hmacSHA256(key: key, message).prefix(count))
  }

  private static let version = Array("HPKE-v1".utf8)
}
