import GlossCore
import GlossCrypto
import Testing

/// The published examples of each primitive, so that a change of library is noticed here.
struct CryptoTests {
  @Test func `SHA-256 gives the digests of FIPS 180-4, in parts too`() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(hexadecimal(sha256(Array("abc".utf8))) == abc)
    #expect(hexadecimal(sha256([0x61], [], [0x62, 0x63])) == abc)
    let joined = [UInt8](arrayLiteral: 0x61).withUnsafeBytes { prefix in
      [UInt8](arrayLiteral: 0x62, 0x63).withUnsafeBytes { sha256($0, after: prefix) }
    }
    #expect(hexadecimal(joined) == abc)
    #expect(
      hexadecimal(sha256()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `a running SHA-256 digests what came so far, and a copy goes on by itself`() {
    var running = RunningSHA256()
    #expect(running.digest == sha256())
    running.update([0x61])
    var other = running
    running.update([0x62, 0x63])
    #expect(running.digest == sha256(Array("abc".utf8)))
    #expect(other.digest == sha256(Array("a".utf8)))
    other.update([])
    other.update([0x63])
    #expect(other.digest == sha256(Array("ac".utf8)))
  }

  @Test func `HMAC-SHA256 gives the second example of RFC 4231`() {
    let code = hmacSHA256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
    #expect(
      hexadecimal(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }

  @Test func `HKDF-SHA256 gives the first and the third example of RFC 5869`() {
    let secret = [UInt8](repeating: 0x0b, count: 22)
    let first = hkdfSHA256(
      secret: secret, salt: [UInt8](0...12), info: [UInt8](0xf0...0xf9), count: 42)
    #expect(
      hexadecimal(first) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        + "34007208d5b887185865")
    let third = hkdfSHA256(secret: secret, salt: [], info: [], count: 42)
    #expect(
      hexadecimal(third) == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        + "9d201395faa4b61a96c8")
  }

  @Test func `ChaCha20-Poly1305 gives the example of RFC 8439`() throws {
    let text = """
      Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the \
      future, sunscreen would be it.
      """
    let key = [UInt8](0x80...0x9f)
    let nonce: [UInt8] = [7, 0, 0, 0] + [UInt8](0x40...0x47)
    let header: [UInt8] = [0x50, 0x51, 0x52, 0x53] + [UInt8](0xc0...0xc7)
    let sealed = ChaCha20Poly1305.seal(
      Array(text.utf8), key: key, nonce: nonce, authenticating: header)
    #expect(hexadecimal(sealed.prefix(16)) == "d31a8d34648e60db7b86afbc53ef7ec2")
    #expect(hexadecimal(sealed.suffix(16)) == "1ae10b594f09e26a7e902ecbd0600691")
    let opened = ChaCha20Poly1305.open(
      sealed[...], key: key, nonce: nonce, authenticating: header)
    #expect(opened == Array(text.utf8))
    #expect(
      ChaCha20Poly1305.open(sealed[...], key: key, nonce: nonce, authenticating: []) == nil)
    #expect(
      ChaCha20Poly1305.open(sealed.prefix(15), key: key, nonce: nonce, authenticating: []) == nil)
  }

  /// A card with such a key would have opened the next epoch's secret to everybody. Found by asking what no test reaches.
  @Test(arguments: [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "01", "",
  ])
  func `nothing is sealed to a point of small order, nor to what is no point`(key: String) {
    let bytes = stride(from: 0, to: key.utf8.count, by: 2).map { offset in
      UInt8(key.dropFirst(offset).prefix(2), radix: 16)!
    }
    #expect(
      HybridEncryption.seal([1], to: bytes, ephemeral: [UInt8](1...32), info: []) == nil)
  }

  @Test func `a message opens with its key and its purpose only, and not once it is altered`() {
    let key = [UInt8](repeating: 7, count: 32)
    let sealed = HybridEncryption.seal(
      [1, 2, 3], to: HybridEncryption.publicKey(of: key), ephemeral: [UInt8](1...32), info: [9])!
    #expect(HybridEncryption.open(sealed, with: key, info: [9]) == [1, 2, 3])
    #expect(HybridEncryption.open(sealed, with: key, info: [8]) == nil)
    #expect(HybridEncryption.open(sealed, with: [UInt8](1...32), info: [9]) == nil)
    for count in sealed.indices {
      #expect(HybridEncryption.open(Array(sealed.prefix(count)), with: key, info: [9]) == nil)
      #expect(
        HybridEncryption.open(flipping(bit: count * 8, of: sealed), with: key, info: [9]) == nil)
    }
  }

  @Test func `scrypt gives the third example of RFC 7914`() throws {
    let key = try #require(
      Scrypt.key(
        password: Array("pleaseletmein".utf8), salt: Array("SodiumChloride".utf8),
        parameters: Scrypt.Parameters(costLog2: 14, blockSize: 8, parallelism: 1), count: 64))
    #expect(
      hexadecimal(key) == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
  }

  @Test func `bytes are equal only where length and every bit are`() {
    let bytes = [UInt8](0..<32)
    #expect(isEqualInConstantTime(bytes, bytes[...]))
    #expect(!isEqualInConstantTime(bytes, bytes.dropLast()))
    for bit in 0..<256 {
      #expect(!isEqualInConstantTime(bytes, flipping(bit: bit, of: bytes)))
    }
  }

  @Test(arguments: 0..<40) func `random bytes are as many as asked for`(count: Int) {
    var generator = SeededGenerator(state: 1)
    var same = SeededGenerator(state: 1)
    let bytes = randomBytes(count, using: &generator)
    #expect(bytes.count == count)
    #expect(bytes == Array(randomBytes(40, using: &same).prefix(count)))
  }
}
