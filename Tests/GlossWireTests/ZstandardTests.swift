import GlossTesting
import GlossWire
import Testing

struct ZstandardTests {
  private func failure(_ bytes: [UInt8], limit: Int = 1_000) -> Zstandard.Failure? {
    do throws(Zstandard.Failure) {
      _ = try Zstandard.decompress(bytes[...], limit: limit)
      return nil
    } catch {
      return error
    }
  }

  @Test func `contents of all sizes come back as they were`() throws {
    var random = SeededGenerator(seed: 3)
    for count in [0, 1, 255, 256, 65_535, 65_536, 131_072, 131_073, 1_000_000] {
      let noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      for content in [noise, [UInt8](repeating: 7, count: count)] {
        let frame = Zstandard.compress(content)
        #expect(try Zstandard.decompress(frame[...], limit: count) == content)
      }
    }
  }

  @Test func `a slice is read where it stands`() throws {
    let frame = Zstandard.compress([1, 2, 3])
    let slice = ([9, 9] + frame + [9])[2..<2 + frame.count]
    #expect(try Zstandard.decompress(slice, limit: 3) == [1, 2, 3])
  }

  @Test func `a content over the limit is refused at the limit exactly`() {
    let frame = Zstandard.compress([UInt8](repeating: 0, count: 1_000))
    #expect(failure(frame, limit: 1_000) == nil)
    #expect(failure(frame, limit: 999) == .tooLarge(limit: 999))
    #expect(failure(frame, limit: 0) == .tooLarge(limit: 0))
  }

  @Test func `a frame that claims more than memory holds is refused by its claim`() {
    // A single segment of 2^62 bytes, with one empty last block.
    let head: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0]
    let claim: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x40]
    #expect(failure(head + claim + [1, 0, 0], limit: .max >> 2) == .tooLarge(limit: .max >> 2))
    #expect(failure(head + claim + [1, 0, 0]) == .tooLarge(limit: 1_000))
  }

  @Test func `anything but one whole frame is refused`() {
    let frame = Zstandard.compress(Array("some words, some words, some words".utf8))
    #expect(failure(frame) == nil)
    for count in frame.indices {
      #expect(failure(Array(frame.prefix(count))) == .malformed, "\(count) bytes")
    }
    #expect(failure(frame + [0]) == .malformed)
    #expect(failure(frame + frame) == .malformed)
    let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 1, 2]
    #expect(failure(skippable) == .malformed)
    #expect(failure(skippable + frame) == .malformed)
    #expect(failure(frame + skippable) == .malformed)
  }

  @Test func `a frame that does not say its size is refused`() {
    // A window of 1 KiB, no size, one raw last block of one byte.
    #expect(failure([0x28, 0xB5, 0x2F, 0xFD, 0, 0, 9, 0, 0, 7]) == .malformed)
  }

  @Test func `a frame of an early version of zstd is refused`() {
    for version in 0x22...0x27 as ClosedRange<UInt8> {
      #expect(failure([version, 0xB5, 0x2F, 0xFD, 0, 0, 9, 0, 0, 7]) == .malformed)
    }
  }

  @Test func `a frame with any byte changed never gives more than it may`() {
    let frame = Zstandard.compress(Array("some words, some words, some words".utf8))
    for index in frame.indices {
      for value in 0...255 as ClosedRange<UInt8> {
        var altered = frame
        altered[index] = value
        if let content = try? Zstandard.decompress(altered[...], limit: 64) {
          #expect(content.count <= 64)
        }
      }
    }
  }
}
