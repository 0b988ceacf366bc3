/// The shape of Protocol/vectors/seal.json.
struct SealVectors: Decodable {
  var keys: [Keys]
  var paddedCounts: [[Int]]
  var tips: [Tip]
  var envelopes: [Envelope]
  var refusedEnvelopes: [RefusedEnvelope]
  var pairingCodes: [Code]
  var refusedPairingCodes: [RefusedCode]
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
    var root, library, header, salt, content, commitment, sealed: HexadecimalBytes
  }

  struct RefusedEnvelope: Decodable {
    var name, error: String
    var epoch: UInt32
    var root, library, header, sealed: HexadecimalBytes
  }

  struct Code: Decodable {
    var name, address, credential, text: String
    var library, root, secret: HexadecimalBytes
    var alsoRead: [String]
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
