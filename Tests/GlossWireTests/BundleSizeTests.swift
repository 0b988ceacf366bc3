import GlossCore
import GlossSeal
import GlossTesting
import GlossWire
import Testing

/// What sealed bundles cost beside what was written.
struct BundleSizeTests {
  @Test func `a thousand small changes cost at most 24 bytes each over their content`() throws {
    var reader = BundleReaders(seed: 42)
    for _ in 0..<1_000 { reader.work() }
    let runs = reader.runs
    #expect(runs.count == 2)
    let changes = runs.joined()
    #expect(changes.count == 1_000)
    #expect(changes.allSatisfy { $0.violation == nil })
    let root = try #require(RootKey(bytes: [UInt8](0..<32)))
    let sealer = Sealer(root: root, library: LibraryID(0xA0))
    var random = SeededGenerator(seed: 43)
    var sealedCount = 0
    for run in runs {
      let header = BundleHeader.sample(of: run).bytes
      sealedCount += header.count
      sealedCount +=
        sealer.seal(
          BundleContent(changes: run).encoded(), as: .bundle, authenticating: header, epoch: 1,
          using: &random
        ).count
    }
    var values = ByteWriter()
    for value in changes.flatMap(\.writes).map(\.value) { values.write(plainBytes(of: value)) }
    let contentCount = Zstandard.compress(values.bytes).count
    let overhead = Double(sealedCount - contentCount) / 1_000
    print(
      "1,000 changes: \(values.bytes.count) bytes of values, compressed alone \(contentCount),",
      "sealed \(sealedCount): \(overhead) bytes a change over the content")
    #expect(overhead <= 24)
  }

  private func plainBytes(of value: Value) -> [UInt8] {
    var writer = ByteWriter()
    switch value {
    case .bool(let bool): writer.writeByte(bool ? 1 : 0)
    case .integer(let integer): writer.writeZigZag(integer)
    case .real(let real): writer.writeFixed(real.bitPattern)
    case .text(let text): writer.write(text.utf8)
    case .bytes(let bytes): writer.write(bytes)
    case .record(let record): writer.writeFixed(record.value)
    default: break
    }
    return writer.bytes
  }
}
