import GlossCore
import GlossCrypto
import GlossSeal
import GlossWire
import Testing

/// Protocol/vectors/bundles.json, which another implementation in another language made.
struct BundleVectorTests {
  private let vectors: BundleVectors
  private let sealer: Sealer

  init() throws {
    vectors = try BundleVectors.read()
    sealer = Sealer(
      root: try #require(RootKey(bytes: vectors.root.bytes)),
      library: try #require(LibraryID(bytes: vectors.library.bytes)))
    try #require(vectors.bundles.count >= 12)
    try #require(vectors.badContents.count >= 80)
    try #require(vectors.badHeaders.count >= 9)
  }

  @Test func `canonical encodings and tips are as in the vectors`() throws {
    for vector in vectors.bundles {
      var tip = vector.previousTip.bytes
      for (index, change) in try vectors.changes(of: vector).enumerated() {
        let encoding = canonical(change)
        #expect(encoding == vector.canonical[index].bytes, "\(vector.name)")
        tip = sha256(tip, encoding)
        #expect(tip == vector.tips[index].bytes, "\(vector.name)")
      }
    }
  }

  @Test func `messages are byte for byte as in the vectors`() throws {
    for vector in vectors.bundles {
      let content = BundleContent(
        changes: try vectors.changes(of: vector), blobs: vector.blobs.map(\.bytes),
        statedTip: vector.statedTip.bytes.isEmpty ? nil : vector.statedTip.bytes)
      let message = try Zstandard.decompress(
        content.encoded()[...], limit: BundleContent.byteLimit)
      #expect(message == vector.message.bytes, "\(vector.name)")
    }
  }

  @Test func `whole bundles open to the changes of the vectors`() throws {
    for vector in vectors.bundles {
      let bundle = vector.bundle.bytes
      let header = try BundleHeader(of: bundle)
      #expect(header.bytes == Array(bundle.prefix(BundleHeader.byteCount)), "\(vector.name)")
      #expect(header.origin.bytes == vectors.origin.bytes)
      #expect(header.previousTip == sealer.commitment(toTip: vector.previousTip.bytes))
      let tip = try #require(vector.tips.last)
      #expect(header.tip == sealer.commitment(toTip: tip.bytes), "\(vector.name)")
      let frame = try sealer.open(
        bundle[BundleHeader.byteCount...], as: .bundle, authenticating: header.bytes,
        epoch: header.epoch)
      let content = try BundleContent(decoding: frame, of: header)
      #expect(content.changes == (try vectors.changes(of: vector)), "\(vector.name)")
      #expect(content.blobs == vector.blobs.map(\.bytes), "\(vector.name)")
      #expect(content.statedTip ?? [] == vector.statedTip.bytes, "\(vector.name)")
      let sealed = sealer.seal(
        frame, as: .bundle, authenticating: header.bytes, epoch: header.epoch,
        salt: vectors.salt.bytes)
      #expect(header.bytes + sealed == bundle, "\(vector.name)")
    }
  }

  @Test func `bad contents are refused as in the vectors`() throws {
    let origin = try #require(ReplicaID(bytes: vectors.origin.bytes))
    for vector in vectors.badContents {
      let header = BundleHeader.sample(
        origin: origin, first: try #require(UInt64(vector.first)),
        last: try #require(UInt64(vector.last)))
      var outcome = "decoded"
      do throws(BundleContent.Malformed) {
        _ = try BundleContent(decoding: vector.content.bytes, of: header)
      } catch {
        outcome = "\(error)"
      }
      #expect(outcome == vector.error, "\(vector.name)")
    }
  }

  @Test func `bad headers are refused as in the vectors`() {
    for vector in vectors.badHeaders {
      var outcome = "read"
      do throws(BundleHeader.Malformed) {
        _ = try BundleHeader(of: vector.bundle.bytes)
      } catch {
        outcome = String("\(error)".prefix { $0 != "(" })
      }
      #expect(outcome == vector.error, "\(vector.name)")
    }
  }
}
