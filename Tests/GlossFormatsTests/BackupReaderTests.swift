import GlossCore
import GlossSeal
import Testing

@testable import GlossFormats

@Suite struct BackupReaderTests {
  private let root = RootKey(bytes: [UInt8](repeating: 7, count: 32)).unsafelyUnwrapped
  private let header = BackupHeader(
    library: LibraryID(5), milliseconds: 1, wrappedKey: nil, salt: [UInt8](repeating: 9, count: 32))

  private func file(_ byteCount: Int) -> [UInt8] {
    var seal = BackupSeal(header, root: root)
    var file = header.bytes + seal.commitment
    var rest = byteCount
    while rest > BackupSeal.chunkByteCount {
      file += seal.seal([UInt8](repeating: 1, count: BackupSeal.chunkByteCount), .within)
      rest -= BackupSeal.chunkByteCount
    }
    return file + seal.seal([UInt8](repeating: 2, count: rest), .last)
  }

  private func read(_ file: [UInt8], piece: Int = 10_007) throws -> Int {
    var offset = 0
    var reader = BackupReader {
      defer { offset = min(file.count, offset + piece) }
      return Array(file[offset..<min(file.count, offset + piece)])
    }
    guard let header = try reader.header() else { return -1 }
    var count = 0
    try reader.open(BackupSeal(header, root: root)) { count += $0.count }
    return count
  }

  @Test(arguments: [1, 65_535, 65_536, 65_537, 131_072, 200_000])
  func `a file of any size opens, in whatever pieces it comes`(byteCount: Int) throws {
    for piece in [1_000, 65_552, 1 << 20] {
      #expect(try read(file(byteCount), piece: piece) == byteCount)
    }
  }

  @Test func `a file that was cut is noticed, wherever`() throws {
    let whole = file(150_000)
    for count in stride(from: 0, to: whole.count, by: 9_973) {
      #expect(throws: BackupError.self) { try read(Array(whole.prefix(count))) }
    }
    // Between two chunks, too.
    let head = header.bytes.count + BackupSeal.commitmentByteCount
    for chunks in 0...2 {
      let cut = Array(whole.prefix(head + chunks * BackupSeal.sealedChunkByteCount))
      #expect(throws: BackupError.truncated) { try read(cut) }
    }
    #expect(throws: BackupError.altered(chunk: 2)) { try read(whole + [0]) }
  }

  @Test func `what is no backup is told`() {
    for bytes in [
      [], Array("{\"type\":\"gloss-export\"}".utf8), [UInt8](repeating: 0, count: 1_000),
    ] {
      #expect(throws: BackupError.notABackup) { try read(bytes) }
    }
  }
}
