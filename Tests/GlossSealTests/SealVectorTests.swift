import Foundation
import GlossCore
import Testing

@testable import GlossSeal

/// Protocol/vectors/seal.json, which another implementation in another language made.
struct SealVectorTests {
  private let vectors: SealVectors

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/seal.json").standardized
    vectors = try JSONDecoder().decode(SealVectors.self, from: Data(contentsOf: file))
  }

  @Test func `derived keys are as in the vectors`() throws {
    try #require(vectors.keys.count >= 4)
    for vector in vectors.keys {
      let sealer = try sealer(root: vector.root, library: vector.library)
      #expect(sealer.epochKey(1) == vector.epochKey.bytes)
      #expect(sealer.tipKey == vector.tipKey.bytes)
    }
  }

  @Test func `padded sizes are as in the vectors`() throws {
    try #require(vectors.paddedCounts.count > 100)
    for pair in vectors.paddedCounts {
      #expect(Padme.paddedCount(pair[0]) == pair[1], "\(pair[0])")
    }
  }

  @Test func `commitments to tips are as in the vectors`() throws {
    try #require(vectors.tips.count >= 4)
    for vector in vectors.tips {
      let sealer = try sealer(root: vector.root, library: vector.library)
      #expect(sealer.commitment(toTip: vector.tip.bytes) == vector.commitment.bytes)
    }
  }

  @Test func `envelopes are as in the vectors, both ways`() throws {
    try #require(vectors.envelopes.count >= 10)
    for vector in vectors.envelopes {
      let sealer = try sealer(
        root: vector.root, library: vector.library, epoch: vector.epoch, secret: vector.secret)
      let sealed = sealer.seal(
        vector.content.bytes, as: .bundle, authenticating: vector.header.bytes, epoch: vector.epoch,
        salt: vector.salt.bytes)
      #expect(sealed == vector.sealed.bytes, "\(vector.name)")
      #expect(Array(sealed[32..<64]) == vector.commitment.bytes, "\(vector.name)")
      let opened = try sealer.open(
        vector.sealed.bytes[...], as: .bundle, authenticating: vector.header.bytes,
        epoch: vector.epoch)
      #expect(opened == vector.content.bytes, "\(vector.name)")
    }
  }

  @Test func `bad envelopes are refused as in the vectors`() throws {
    try #require(vectors.refusedEnvelopes.count >= 20)
    for vector in vectors.refusedEnvelopes {
      let sealer = try sealer(root: vector.root, library: vector.library)
      var outcome = "opened"
      do throws(SealError) {
        _ = try sealer.open(
          vector.sealed.bytes[...], as: .bundle, authenticating: vector.header.bytes,
          epoch: vector.epoch)
      } catch {
        outcome =
          switch error {
          case .truncated: "truncated"
          case .unknownEpoch: "unknownEpoch"
          case .wrongKey: "wrongKey"
          case .tampered: "tampered"
          case .badPadding: "badPadding"
          }
      }
      #expect(outcome == vector.error, "\(vector.name)")
    }
  }

  @Test func `pairing codes are as in the vectors, both ways`() throws {
    try #require(vectors.pairingCodes.count >= 4)
    for vector in vectors.pairingCodes {
      let root = try #require(RootKey(bytes: vector.root.bytes))
      var keyring = Keyring(
        root: root, library: try #require(LibraryID(bytes: vector.library.bytes)))
      keyring.add(
        try #require(EpochSecret(bytes: vector.epochSecret.bytes)), of: vector.epoch)
      let code = PairingCode(
        address: vector.address, root: root, keyring: keyring,
        enrolmentSecret: vector.secret.bytes)
      #expect(code.text == vector.text, "\(vector.name)")
      #expect(code.enrolmentCredential == vector.credential, "\(vector.name)")
      for spelling in [vector.text] + vector.alsoRead {
        #expect(try PairingCode(parsing: spelling) == code, "\(vector.name): \(spelling)")
      }
    }
  }

  @Test func `bad pairing codes are refused as in the vectors`() throws {
    try #require(vectors.refusedPairingCodes.count >= 15)
    for vector in vectors.refusedPairingCodes {
      var outcome = "read"
      do throws(PairingCodeError) {
        _ = try PairingCode(parsing: vector.text)
      } catch {
        outcome =
          switch error {
          case .notACode: "notACode"
          case .newerVersion: "newerVersion"
          case .cutShort: "cutShort"
          case .mistyped: "mistyped"
          }
      }
      #expect(outcome == vector.error, "\(vector.name)")
    }
  }

  @Test func `wrapped root keys are as in the vectors, both ways`() throws {
    try #require(!vectors.wrappedRootKeys.isEmpty)
    for vector in vectors.wrappedRootKeys {
      let library = try #require(LibraryID(bytes: vector.library.bytes))
      let root = try #require(RootKey(bytes: vector.root.bytes))
      let passphrase = try #require(Passphrase(vector.passphrase))
      let wrapped = try WrappedRootKey(
        root, library: library, passphrase: passphrase, salt: vector.salt.bytes)
      #expect(wrapped.bytes == vector.wrapped.bytes, "\(vector.name)")
      let read = try WrappedRootKey(bytes: vector.wrapped.bytes)
      #expect(try read.unwrap(library: library, passphrase: passphrase) == root, "\(vector.name)")
    }
  }

  @Test func `bad wrapped root keys are refused as in the vectors`() throws {
    try #require(vectors.refusedWrappedRootKeys.count >= 20)
    for vector in vectors.refusedWrappedRootKeys {
      var outcome = "opened"
      do throws(WrappedRootKeyError) {
        _ = try WrappedRootKey(bytes: vector.wrapped.bytes).unwrap(
          library: LibraryID(bytes: vector.library.bytes)!,
          passphrase: Passphrase(vector.passphrase)!)
      } catch {
        outcome =
          switch error {
          case .wrongPassphrase: "wrongPassphrase"
          case .damaged: "damaged"
          case .newerVersion: "newerVersion"
          case .badParameters: "badParameters"
          case .notEnoughMemory: "notEnoughMemory"
          }
      }
      #expect(outcome == vector.error, "\(vector.name)")
    }
  }

  private func sealer(
    root: HexadecimalBytes, library: HexadecimalBytes, epoch: UInt32 = 1,
    secret: HexadecimalBytes? = nil
  ) throws -> Sealer {
    let root = try #require(RootKey(bytes: root.bytes))
    var keyring = Keyring(root: root, library: try #require(LibraryID(bytes: library.bytes)))
    if let secret {
      keyring.add(try #require(EpochSecret(bytes: secret.bytes)), of: epoch)
    }
    return Sealer(root: root, keyring: keyring)
  }
}
