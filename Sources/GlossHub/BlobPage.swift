internal import GlossWire

/// Which bytes of wanted blobs go into a reply: as many as there is room for, in the order of the wants.
struct BlobPage {
  private var room: Int

  init(byteLimit: Int) {
    room = byteLimit
  }

  /// Returns the place of the bytes in a blob of `size` bytes: none where there is no room left.
  mutating func range(for want: BlobWant, size: Int) -> Range<Int> {
    let start = min(want.offset, size)
    let count = min(size - start, room)
    room -= count
    return start..<(start + count)
  }
}
