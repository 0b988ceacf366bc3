import Foundation
import GlossCore
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

/// The bytes of a library's file and of its write-ahead log.
struct FileImage {
  var main: [UInt8]
  var log: [UInt8]
  let replica: ReplicaID
  let generation: UInt64

  /// A small library with something of everything that a file holds; its log has three commits that are not in the file.
  static func ofEverything() throws -> FileImage {
    let world = try World("desk", "lap")
    let (desk, lap) = (world["desk"], world["lap"])
    try fill(desk)
    try world.sendThin(from: "desk", to: "lap")
    try desk.edit(page(1), ["title": .text("B")])
    try lap.edit(page(1), ["title": .text("C"), "tag/y": .bool(true)])
    try lap.delete(page(2))
    try world.send(from: "desk", to: "lap")
    try fillWithRarities(lap, world.library)
    for number in 30...33 as ClosedRange<UInt128> {
      let text = String(repeating: "kept \(number) ", count: 600)
      try lap.add(
        page(number), ["title": .text(text), "raw": .bytes(Array(text.utf8.prefix(900)))])
      try lap.edit(page(number), ["title": .text("\(number)"), "tag/z": .bool(true)])
    }
    _ = try lap.emptyLog()
    try lap.edit(page(5), ["progress": .integer(7)])
    try lap.write(at: 9_000) { edits in
      let body = try edits.addBlob(Array("late".utf8))
      try edits.add(page(9), ["title": .text("late"), "body": .blob(body)])
    }
    try lap.add(note(4), ["page": .record(RecordID(50)), "body": .text("on what is not here")])
    let generation = try lap.read { try $0.transaction.generation() }
    return FileImage(
      main: Array(try Data(contentsOf: URL(filePath: lap.path))),
      log: Array(try Data(contentsOf: URL(filePath: lap.path + "-wal"))),
      replica: lap.id, generation: generation)
  }

  private static func fill(_ desk: Replica) throws {
    try desk.write(at: 1_000) { edits in
      let body = try edits.addBlob([UInt8](repeating: 7, count: 20_000))
      try edits.add(
        page(1),
        [
          "title": .text("A"), "body": .blob(body), "tag/x": .bool(true), "score": .real(0.5),
          "starred": .bool(true), "raw": .bytes([1, 2, 3]), "progress": .integer(3),
        ])
    }
    try desk.add(page(2), ["title": .text("gone"), "progress": .integer(1)])
    try desk.add(note(3), ["page": .record(RecordID(1)), "body": .text("a note")])
    try desk.edit(page(2), ["title": .text("going"), "progress": .integer(2)])
    for number in 5...8 as ClosedRange<UInt128> {
      try desk.add(page(number), ["title": .text(String(repeating: "long ", count: 700))])
      try desk.edit(page(number), ["title": .text("short \(number)"), "progress": .integer(9)])
    }
  }

  /// What a hub and others bring, and what goes wrong with it.
  private static func fillWithRarities(_ lap: Replica, _ library: LibraryID) throws {
    func change(
      _ seq: UInt64, at time: UInt64, _ kind: Name, _ record: UInt128, _ writes: [Write]
    ) -> Change {
      Change(
        dot: Dot(ReplicaID(11), seq), timestamp: Timestamp(milliseconds: time),
        record: RecordID(record), kind: kind, writes: writes)
    }
    let missing = try #require(BlobID(digest: [UInt8](repeating: 5, count: 32)))
    var random = SeededGenerator(seed: 1)
    try lap.deliver(
      [
        change(1, at: 5_000, "page", 20, [Write("title", .text("young"))]),
        change(
          2, at: 10, "page", 20,
          [Write("title", .text("quarantined"), parents: [Dot(ReplicaID(11), 1)])]),
        change(
          3, at: 6_000, "page", 21,
          [
            Write("body", .blob(missing)),
            Write("title", .text("early"), parents: [Dot(ReplicaID(12), 4)]),
          ]),
        change(4, at: 6_000, "unknown", 22, [Write("shape", .text("round"))]),
      ], using: &random)
    try lap.keep([.whole([UInt8](repeating: 7, count: 20_000))])
    try lap.keep([
      .piece(missing, digest: [UInt8](repeating: 6, count: 32), start: 0, bytes: [1, 2])
    ])
    let header = BundleHeader(
      library: library, epoch: 2, origin: ReplicaID(13), first: 1, last: 3,
      previousTip: Transaction.firstTip, tip: [UInt8](repeating: 9, count: 32))
    let bytes = header.bytes + [UInt8](repeating: 3, count: 200)
    let cursor = Cursor(
      log: [UInt8](repeating: 1, count: 16), index: 12, hash: [UInt8](repeating: 2, count: 16))
    try lap.setRemote(Remote(address: "https://hub.example", credential: "a-token"))
    _ = try lap.merge(
      [ReceivedBundle(header: header, bytes: bytes, content: .failure(.unknownEpoch))],
      upTo: cursor
    ) { $0 }
    try lap.acknowledge(1, tip: try #require(try lap.tip(of: lap.id, at: 1)))
    try lap.updateKeyring { stored in
      stored.keys = [UInt8](repeating: 4, count: 64)
      stored.entries = [2: [UInt8](repeating: 8, count: 300), 3: [1, 2, 3]]
    }
    try lap.setSetting("key", to: [UInt8](repeating: 1, count: 32))
    try lap.noteCaughtUp()
    #expect(try lap.setAside().count == 1)
    #expect(try lap.read { try $0.quarantine().count } == 1)
    #expect(try lap.read { try $0.conflicts().count } >= 1)
  }
}

/// Something that a disk does to a file.
struct Flip: CustomStringConvertible {
  enum Kind { case bit, byte, sector, page, zeros }

  let kind: Kind
  let isInLog: Bool
  let offset: Int
  let seed: UInt64

  /// Makes the flip of a number, always the same one.
  init(number: Int, of image: FileImage) {
    var random = SeededGenerator(seed: UInt64(number) &* 0x9E37_79B9 &+ 1)
    let kind = ([.bit, .bit, .bit, .byte, .byte, .sector, .page, .zeros] as [Kind])
      .randomElement(using: &random)!
    let isInLog = Int.random(in: 0..<4, using: &random) == 0
    let bytes = isInLog ? image.log : image.main
    var offset = Int.random(in: bytes.indices, using: &random)
    // Most of a small file is empty: three of four flips of little hit something.
    if kind == .bit || kind == .byte, Int.random(in: 0..<4, using: &random) > 0 {
      while bytes[offset] == 0 { offset = Int.random(in: bytes.indices, using: &random) }
    }
    self.kind = kind
    self.isInLog = isInLog
    self.offset = offset
    seed = random.next()
  }

  var description: String { "\(kind) at \(offset) of the \(isInLog ? "log" : "file")" }

  func applied(to image: FileImage) -> FileImage {
    var image = image
    if isInLog { apply(to: &image.log) } else { apply(to: &image.main) }
    return image
  }

  private func apply(to bytes: inout [UInt8]) {
    var random = SeededGenerator(seed: seed)
    func replace(_ size: Int, with byte: () -> UInt8) {
      let start = offset / size * size
      for index in start..<min(start + size, bytes.count) { bytes[index] = byte() }
    }
    switch kind {
    case .bit: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case .byte: bytes[offset] ^= UInt8.random(in: 1...255, using: &random)
    case .sector: replace(512) { UInt8.random(in: 0...255, using: &random) }
    case .page: replace(8_192) { UInt8.random(in: 0...255, using: &random) }
    case .zeros: replace(8_192) { 0 }
    }
  }
}
