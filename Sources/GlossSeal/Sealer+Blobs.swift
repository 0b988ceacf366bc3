package import GlossCore
internal import GlossCrypto

// How a blob is named and sealed
//
// Problem. A large value travels by itself, and may be interrupted anywhere. Who goes on with an upload has to have the
// very bytes that it began with, though it kept none of them. And the hub must find a value that it has without learning
// anything about it: a plain hash would let it test what it guesses somebody reads.
//
// Idea. The name is a keyed hash of the content's hash, and the salt is computed instead of drawn:
//
//     blob name key = HKDF(secret: root key, salt: library, info: "gloss blob name 1", 32 bytes)
//     name          = HMAC-SHA256(blob name key, SHA-256(content))
//     blob salt key = HKDF(secret: epoch key, salt: library, info: "gloss blob salt 1", 32 bytes)
//     salt          = HMAC-SHA256(blob salt key, header + frame)
//
// All else is the seal of a bundle, with "gloss blob 1" in its derivation; `header` names library, epoch and blob, and
// `frame` is the compressed content, which is what is sealed.
//
// Why it is right.
// - The name depends on no epoch, so that a value is found under the name it had when it was first sealed.
// - HMAC is a pseudorandom function: who lacks the key cannot tell a salt from a random one.
// - It is also collision-resistant: equal salts mean equal headers and equal frames, hence equal plaintexts, because the
//   padding follows from the frame. So a key and its constant nonce encrypt one plaintext only, ever. What two equal
//   sealed blobs tell, that their contents are equal, their equal names told already.
// - The salt's key comes from the epoch key, like the keys of what is sealed: who holds only the keys of other epochs
//   learns no more from a salt than from a random one. It is a key of its own, so that no HMAC serves two ends.
// - Programs compress differently, so two devices may seal one content differently, under different keys. A hub keeps the
//   two apart by the hash of the sealed bytes, and takes the first that is whole.
//
// What a reader opens it checks against the hash that the change names: a hub, or a device, that puts another content
// under a name is found out by that.
//
// Source: the synthetic salt is the idea of synthetic nonces (Rogaway, Shrimpton, "A Provable-Security Treatment of the
// Key-Wrap Problem", EUROCRYPT 2006), applied to the derivation instead of the nonce.

extension Sealer {
  /// Returns what a large value is called on a hub: 32 bytes that mean nothing to who lacks the root key.
  package func name(of blob: BlobID) -> [UInt8] {
    hmacSHA256(key: blobNameKey, blob.digest)
  }

  /// Returns `frame` sealed, to be put behind `header`: the same bytes each time.
  ///
  /// - Parameters:
  ///   - frame: The compressed content.
  ///   - header: What stands in front of the seal.
  ///   - epoch: The epoch that the header names: ``currentEpoch``.
  package func sealBlob(_ frame: [UInt8], authenticating header: [UInt8], epoch: UInt32) -> [UInt8]
  {
    guard let epochKey = epochKey(epoch) else {
      preconditionFailure("what is sealed has the key of its epoch")
    }
    let key = hkdfSHA256(
      secret: epochKey, salt: library.bytes, info: Array("gloss blob salt 1".utf8), count: 32)
    return seal(
      frame, as: .blob, authenticating: header, epoch: epoch,
      salt: hmacSHA256(key: key, header + frame))
  }
}
