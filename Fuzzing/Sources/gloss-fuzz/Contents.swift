import GlossCore
import GlossWire

// What stands inside a seal: who shares the library may be broken or lie, so the bytes may be anything. Inputs stand here before
// compression, since random bytes are no zstd frame.

/// The first number (8 bytes), how many (2), and the message of a bundle's content.
func fuzzBundle(_ input: [UInt8]) {
  var reader = ByteReader(input)
  guard let first = try? reader.readFixed(as: UInt64.self),
    let more = try? reader.readFixed(as: UInt16.self),
    (1...Limits.seq).contains(first), UInt64(more) <= Limits.seq - first
  else { return }
  let tip = [UInt8](repeating: 7, count: BundleHeader.tipByteCount)
  let header = BundleHeader(
    library: LibraryID(1), epoch: 1, origin: ReplicaID(10), first: first,
    last: first + UInt64(more), previousTip: tip, tip: tip)
  let frame = Zstandard.compress(Array(input.dropFirst(10)))
  guard let content = try? BundleContent(decoding: frame, of: header) else { return }
  check(content.changes.count == Int(more) + 1, "a bundle has the changes that its header says")
  check(
    content.changes.map(\.dot.seq) == Array(first...header.last), "numbers have no gaps")
  let encoded = content.encoded()
  let again = try? BundleContent(decoding: encoded, of: header)
  check(again == content, "what was decoded is the same once encoded and decoded")
  check(again?.encoded() == encoded, "an encoding is stable")
  readBack(content.changes)
  merge(content.changes)
}

/// Every value that a change's canonical encoding points at is read as the same value.
private func readBack(_ changes: [Change]) {
  var encoding = CanonicalEncoding()
  for change in changes {
    encoding.encode(change)
    check(encoding.values.count == change.writes.count, "each write has its value")
    for (range, write) in zip(encoding.values, change.writes) {
      var reader = ByteReader(encoding.bytes[range])
      let value = (try? reader.readByte()).flatMap { try? reader.readValue(tag: $0) }
      check(value == write.value && reader.isAtEnd, "a value is read as it was written")
    }
  }
}

func fuzzPiece(_ input: [UInt8]) {
  let frame = Zstandard.compress(input)
  guard let piece = try? SnapshotPiece(decoding: frame) else { return }
  let encoded = piece.encoded()
  let again = try? SnapshotPiece(decoding: encoded)
  check(again == piece, "a piece is the same once encoded and decoded")
  check(again?.encoded() == encoded, "a piece's encoding is stable")
  for run in piece.runs {
    check(!run.content.changes.isEmpty && run.last <= Limits.seq, "a run has changes in range")
    readBack(run.content.changes)
  }
}

func fuzzHead(_ input: [UInt8]) {
  guard let head = try? SnapshotHead(decoding: Zstandard.compress(input)) else { return }
  let encoded = head.encoded()
  let again = try? SnapshotHead(decoding: encoded)
  check(again == head && again?.encoded() == encoded, "a head is stable")
}

/// A frame as it is, under a limit of 1 MiB.
func fuzzCompressed(_ input: [UInt8]) {
  let limit = 1 << 20
  guard let content = try? Zstandard.decompress(input[...], limit: limit) else { return }
  check(content.count <= limit, "the limit holds")
  let again = try? Zstandard.decompress(Zstandard.compress(content)[...], limit: limit)
  check(again == content, "what was unfolded folds and unfolds")
}

func fuzzHeaders(_ input: [UInt8]) {
  if let header = try? BundleHeader(of: input) {
    check(header.bytes == Array(input.prefix(BundleHeader.byteCount)), "a bundle's header")
    check(header.first <= header.last && header.last <= Limits.seq, "a run is in range")
  }
  if let header = try? BlobHeader(of: input) {
    check(header.bytes == Array(input.prefix(BlobHeader.byteCount)), "a blob's header")
  }
  if let header = try? SnapshotHeader(of: input) {
    check(header.bytes == Array(input.prefix(SnapshotHeader.byteCount)), "a piece's header")
  }
}
