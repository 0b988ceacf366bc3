import GlossCore
import GlossTesting
import Testing

struct BytesTests {
  private let edges: [UInt64] =
    [0, 1, 127, 128, 16_383, 16_384, 1 << 32, 1 << 63 - 1, 1 << 63, .max - 1, .max]

  @Test func `numbers come back as they were written`() throws {
    var writer = ByteWriter()
    for edge in edges {
      writer.writeVarint(edge)
      writer.writeZigZag(Int64(bitPattern: edge))
      writer.writeFixed(edge)
      writer.writeFixed(UInt8(truncatingIfNeeded: edge))
    }
    var reader = ByteReader(writer.bytes)
    for edge in edges {
      let varint = try reader.readVarint()
      let zigZag = try reader.readZigZag()
      let fixed = try reader.readFixed(as: UInt64.self)
      let byte = try reader.readFixed(as: UInt8.self)
      #expect(varint == edge)
      #expect(zigZag == Int64(bitPattern: edge))
      #expect(fixed == edge)
      #expect(byte == UInt8(truncatingIfNeeded: edge))
    }
    #expect(reader.isAtEnd)
  }

  @Test func `the bytes are those of LEB128, zigzag and big-endian`() {
    var writer = ByteWriter()
    writer.writeVarint(300)
    writer.writeZigZag(-1)
    writer.writeZigZag(1)
    writer.writeFixed(UInt16(0x0102))
    writer.writeCounted([7, 8])
    writer.writeByte(9)
    writer.write([10, 11])
    #expect(writer.bytes == [0xAC, 2, 1, 2, 1, 2, 2, 7, 8, 9, 10, 11])
    writer.removeAll()
    #expect(writer.bytes.isEmpty)
    writer.writeVarint(.max)
    #expect(writer.bytes.count == 10)
  }

  @Test(arguments: [
    [], [0x80], [0x80, 0], [0xFF, 0x80, 0],
    Array(repeating: 0xFF, count: 9) + [2], Array(repeating: 0xFF, count: 9) + [0x81, 0],
    Array(repeating: 0x80, count: 11),
  ])
  func `a number cut short, too long or too great is malformed`(bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    #expect(throws: ByteReader.Malformed()) { try reader.readVarint() }
  }

  @Test func `a count past the end is malformed, and reads nothing`() throws {
    var reader = ByteReader([0, 5, 1, 2, 3][1...])
    #expect(reader.remainingCount == 4)
    #expect(throws: ByteReader.Malformed()) { try reader.readCounted() }
    #expect(throws: ByteReader.Malformed()) { try reader.read(-1) }
    #expect(throws: ByteReader.Malformed()) { try reader.readIdentifier(as: RecordID.self) }
    var great = ByteReader(Array(repeating: 0xFF, count: 9) + [1])
    #expect(throws: ByteReader.Malformed()) { try great.readCounted() }
    var end = ByteReader([1, 42])
    let counted = try end.readCounted()
    #expect(counted.elementsEqual([42]))
    #expect(throws: ByteReader.Malformed()) { try end.readByte() }
  }

  @Test func `bytes of any kind are read or refused, and never trap`() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<5_000 {
      let bytes = (0..<Int.random(in: 0..<24, using: &random)).map { _ in
        [0, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
          .randomElement(using: &random) ?? 0
      }
      var reader = ByteReader(bytes)
      if let value = try? reader.readVarint() {
        var writer = ByteWriter()
        writer.writeVarint(value)
        #expect(bytes.starts(with: writer.bytes), "there is one way to write a number")
      }
      _ = try? reader.readZigZag()
      _ = try? reader.readCounted()
      _ = try? reader.readFixed(as: UInt32.self)
      #expect(reader.remainingCount >= 0)
    }
  }

  @Test func `identifiers come back as they were written`() throws {
    var random = SeededGenerator(seed: 4)
    let id = ReplicaID.random(using: &random)
    var writer = ByteWriter()
    writer.writeFixed(id.value)
    #expect(writer.bytes == id.bytes)
    var reader = ByteReader(writer.bytes)
    let read = try reader.readIdentifier(as: ReplicaID.self)
    #expect(read == id)
  }
}
