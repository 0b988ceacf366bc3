import GlossCore
import GlossCrypto
import Testing

@testable import GlossSeal

struct SealerTests {
  private let sealer = Sample.sealer
  private let header = Sample.header

  private func sealed(_ content: [UInt8], seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(state: seed)
    return sealer.seal(content, as: .bundle, authenticating: header, epoch: 1, using: &generator)
  }

  private func error(
    opening bytes: some Collection<UInt8>, behind header: [UInt8] = Sample.header,
    epoch: UInt32 = 1, with sealer: Sealer = Sample.sealer
  ) -> SealError? {
    do throws(SealError) {
      _ = try sealer.open(Array(bytes)[...], as: .bundle, authenticating: header, epoch: epoch)
      return nil
    } catch {
      return error
    }
  }

  @Test func `what was sealed is opened, whatever its size`() throws {
    var generator = SeededGenerator(state: 3)
    for count in Array(0..<70) + [255, 256, 257, 4_000, 70_000] {
      let content = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let bytes = sealer.seal(
        content, as: .bundle, authenticating: header, epoch: 1, using: &generator)
      #expect(bytes.count == Sealer.sealedByteCount(contentByteCount: count))
      #expect(try sealer.open(bytes[...], as: .bundle, authenticating: header, epoch: 1) == content)
    }
  }

  @Test func `a seal is opened where it lies inside a bundle`() throws {
    let bundle = header + sealed([1, 2, 3])
    #expect(
      try sealer.open(bundle[header.count...], as: .bundle, authenticating: header, epoch: 1) == [
        1, 2, 3,
      ])
  }

  @Test func `zeros at a content's end are content`() throws {
    let content = [UInt8](repeating: 0, count: 21)
    #expect(
      try sealer.open(sealed(content)[...], as: .bundle, authenticating: header, epoch: 1)
        == content)
  }

  @Test func `the same content sealed twice has nothing in common`() {
    let first = sealed([9, 9, 9], seed: 1)
    let second = sealed([9, 9, 9], seed: 2)
    for part in [0..<32, 32..<64, 64..<first.count] {
      #expect(first[part] != second[part])
    }
  }

  @Test func `a repeated salt behind another header gives another key`() {
    let salt = [UInt8](repeating: 5, count: 32)
    let content = [UInt8](repeating: 0, count: 60)
    let first = sealer.seal(content, as: .bundle, authenticating: header, epoch: 1, salt: salt)
    let second = sealer.seal(
      content, as: .bundle, authenticating: flipping(bit: 935, of: header), epoch: 1, salt: salt)
    #expect(first[64..<128] != second[64..<128])
  }

  @Test func `every turned bit is refused, and told apart by where it is`() {
    let bytes = sealed(Array("some content".utf8))
    #expect(error(opening: bytes) == nil)
    for bit in 0..<header.count * 8 {
      #expect(error(opening: bytes, behind: flipping(bit: bit, of: header)) == .wrongKey)
    }
    for bit in 0..<bytes.count * 8 {
      let expected: SealError = bit < 64 * 8 ? .wrongKey : .tampered
      #expect(error(opening: flipping(bit: bit, of: bytes)) == expected, "bit \(bit)")
    }
  }

  @Test func `a seal cut at any length is refused`() {
    let bytes = sealed(Array("some content".utf8))
    for count in 0..<bytes.count {
      let expected: SealError = count < 84 ? .truncated(byteCount: count) : .tampered
      #expect(error(opening: bytes.prefix(count)) == expected, "\(count) bytes")
    }
    #expect(error(opening: bytes + [0]) == .tampered)
  }

  @Test func `a seal of another root, library or epoch is refused`() {
    let bytes = sealed([1])
    let otherRoot = Sealer(root: Sample.otherRoot, library: Sample.library)
    let otherLibrary = Sealer(root: Sample.root, library: Sample.otherLibrary)
    #expect(error(opening: bytes, with: otherRoot) == .wrongKey)
    #expect(error(opening: bytes, with: otherLibrary) == .wrongKey)
    for epoch: UInt32 in [0, 2, .max] {
      #expect(error(opening: bytes, epoch: epoch) == .unknownEpoch(epoch))
    }
  }

  @Test func `arbitrary bytes are refused and nothing traps`() {
    var generator = SeededGenerator(state: 11)
    for _ in 0..<500 {
      let count = Int.random(in: 0...200, using: &generator)
      let bytes = randomBytes(count, using: &generator)
      #expect(error(opening: bytes) != nil)
    }
  }

  @Test func `what was sealed for one purpose opens for no other`() throws {
    let purposes: [Sealer.Purpose] = [.bundle, .blob, .snapshot]
    for purpose in purposes {
      let bytes = sealer.seal(
        [1, 2], as: purpose, authenticating: header, epoch: 1, salt: [UInt8](0..<32))
      for other in purposes {
        let opened = try? sealer.open(
          bytes[0...], as: other, authenticating: header, epoch: 1)
        #expect(opened == (other == purpose ? [1, 2] : nil))
      }
    }
  }

  @Test func `a large value has one name and one seal, whatever its epoch and in each its own`() {
    let value = BlobID(digest: sha256([1]))!
    var keyring = Keyring(root: Sample.root, library: Sample.library)
    keyring.add(EpochSecret(Sample.otherRoot), of: 2)
    let newer = Sealer(root: Sample.root, keyring: keyring)
    #expect(sealer.name(of: value).count == 32)
    #expect(sealer.name(of: value) == newer.name(of: value))
    #expect(sealer.name(of: value) != sealer.name(of: BlobID(digest: sha256([2]))!))
    #expect(sealer.name(of: value) != value.digest)
    let sealed = sealer.sealBlob([7], authenticating: header, epoch: 1)
    #expect(sealed == newer.sealBlob([7], authenticating: header, epoch: 1))
    #expect(sealed.prefix(32) != newer.sealBlob([7], authenticating: header, epoch: 2).prefix(32))
    #expect(sealed.prefix(32) != sealer.sealBlob([8], authenticating: header, epoch: 1).prefix(32))
  }

  @Test func `a wrapped root key has a salt of its own each time`() throws {
    var generator = SeededGenerator(state: 1)
    let passphrase = Passphrase("horse")!
    let wraps = try (0..<2).map { _ in
      try WrappedRootKey(
        Sample.root, library: Sample.library, passphrase: passphrase, using: &generator)
    }
    #expect(wraps[0].bytes[4..<36] != wraps[1].bytes[4..<36])
    #expect(try wraps[1].unwrap(library: Sample.library, passphrase: passphrase) == Sample.root)
  }

  @Test func `a commitment to a tip depends on root, library and tip, and hides the tip`() {
    let tip = [UInt8](0..<32)
    let commitment = sealer.commitment(toTip: tip)
    #expect(commitment.count == 32)
    #expect(commitment == Sealer(root: Sample.root, library: Sample.library).commitment(toTip: tip))
    #expect(commitment != sha256(tip))
    #expect(commitment != sealer.commitment(toTip: flipping(bit: 0, of: tip)))
    for other in [
      Sealer(root: Sample.otherRoot, library: Sample.library),
      Sealer(root: Sample.root, library: Sample.otherLibrary),
    ] {
      #expect(commitment != other.commitment(toTip: tip))
    }
  }

  @Test func `all derived keys differ`() {
    let other = Sealer(root: Sample.root, library: Sample.otherLibrary)
    let keys = [
      Sample.root.bytes, sealer.epochKey(1)!, sealer.tipKey, other.epochKey(1)!, other.tipKey,
    ]
    #expect(Set(keys).count == keys.count)
  }
}
