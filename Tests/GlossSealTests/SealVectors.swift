/// The shape of Protocol/vectors/seal.json.
struct SealVectors: Decodable {
  var keys: [Keys]
  var paddedCounts: [[Int]]
  var tips: [Tip]
  var envelopes: [Envelope]
  var refusedEnvelopes: [RefusedEnvelope]
  var pairingCodes: [Code]
  var refusedPairingCodes: [RefusedCode]
  var messages: [Message]
  var cards: [Card]
  var refusedCards: [RefusedCard]
  var keyringEntries: [Entry]
  var keyrings: [Keyring]
  var wrappedRootKeys: [WrappedKey]
  var refusedWrappedRootKeys: [RefusedWrappedKey]

  struct Keys: Decodable {
    var root, library, epochKey, tipKey: HexadecimalBytes
  }

  struct Tip: Decodable {
    var root, library, tip, commitment: HexadecimalBytes
  }

  struct Envelope: Decodable {
    var name: String
    var epoch: UInt32
    var root, library, secret, header, salt, content, commitment, sealed: HexadecimalBytes
  }

  struct RefusedEnvelope: Decodable {
    var name, error: String
    var epoch: UInt32
    var root, library, header, sealed: HexadecimalBytes
  }

  struct Code: Decodable {
    var name, address, credential, text: String
    var epoch: UInt32
    var library, root, secret, epochSecret: HexadecimalBytes
    var alsoRead: [String]
  }

  struct Message: Decodable {
    var name: String
    var deviceKey, publicKey, ephemeralKey, info, content, sealed: HexadecimalBytes
  }

  struct Card: Decodable {
    var name: String
    var epoch: UInt32
    var library, secret, deviceKey, publicKey, tokenDigest, card: HexadecimalBytes
  }

  struct RefusedCard: Decodable {
    var name: String
    var library, tokenDigest, card: HexadecimalBytes
    var secrets: [String: HexadecimalBytes]
  }

  struct Entry: Decodable {
    var name: String
    var epoch: UInt32
    var library, previousSecret, secret, entry: HexadecimalBytes
    var deviceKeys, ephemeralKeys: [HexadecimalBytes]
  }

  struct Keyring: Decodable {
    var name: String
    var library, deviceKey: HexadecimalBytes
    var entries: [HexadecimalBytes]
    var held: [String: HexadecimalBytes]
    var secrets: [String: HexadecimalBytes]?
    var error: String?
  }

  struct RefusedCode: Decodable {
    var name, text, error: String
  }

  struct WrappedKey: Decodable {
    var name, passphrase: String
    var root, library, salt, wrapped: HexadecimalBytes
  }

  struct RefusedWrappedKey: Decodable {
    var name, passphrase, error: String
    var library, wrapped: HexadecimalBytes
  }
}

/// Bytes that JSON has as hexadecimal digits.
struct HexadecimalBytes: Decodable {
  var bytes: [UInt8] = []

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    var digits = try container.decode(String.self)[...]
    while !digits.isEmpty {
      guard let byte = UInt8(digits.prefix(2), radix: 16), digits.count >= 2 else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "an even number of hexadecimal digits")
      }
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
  }
}
