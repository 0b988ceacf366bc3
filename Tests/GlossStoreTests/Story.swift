import Foundation
import GlossCore
import GlossTesting
import GlossWire

@testable import GlossStore

/// A short story of one file that makes every kind of write there is, each step of it all or nothing.
///
/// It is told on a disk that fails, again and again, and goes the same way each time up to the operation that fails.
struct Story {
  let folder: Folder
  let path: String
  let disk: FaultyDisk
  private(set) var replica: Replica?

  /// What was pushed, which the hub holds and others may have.
  private(set) var hub: [ReceivedBundle] = []

  init() throws {
    folder = try Folder()
    path = folder.file("library")
    disk = try FaultyDisk(folder.path)
    disk.watch(Replica.lockPath(of: path))
  }

  struct Step: Sendable {
    let name: String
    let body: @Sendable (inout Story) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (inout Story) throws -> Void) {
      self.name = name
      self.body = body
    }

    init(_ name: String, of body: @escaping @Sendable (Replica) throws -> Void) {
      self.name = name
      self.body = { try body($0.replica!) }
    }
  }

  /// The step after which the file is another replica's.
  static let renewal = "become another replica"

  static let steps = [
    Step("create") { try $0.create() },
    Step("add") {
      try $0.add(page(1), ["title": .text("one"), "tag/a": .bool(true), "progress": .integer(1)])
    },
    Step("add two at once") {
      try $0.write(at: 1_000) {
        try $0.add(page(2), ["title": .text("two"), "raw": .bytes([1, 2, 3])])
        try $0.add(note(1), ["page": .record(RecordID(2)), "body": .text("of two")])
      }
    },
    Step("edit") { try $0.edit(page(1), ["title": .text("uno"), "score": .real(0.5)]) },
    Step("set the hub") { try $0.setRemote(Remote(address: "http://hub", credential: "token")) },
    Step("acknowledge a push") { try $0.push() },
    Step("merge") { _ = try $0.merge(Story.peer, upTo: Story.cursor) { $0 } },
    Step("delete") { try $0.delete(page(2)) },
    Step("add a large value") {
      try $0.write(at: 2_000) { edits in
        let blob = try edits.addBlob((0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        try edits.add(page(4), ["body": .blob(blob)])
      }
    },
    Step("checkpoint") { _ = try $0.emptyLog() },
    Step("edit after it") { try $0.edit(page(4), ["title": .text("four")]) },
    Step("acknowledge another push") { try $0.push() },
    Step("resolve") { replica in
      let basis = try replica.record(page(1))!.basis
      try replica.write(at: 3_000) {
        _ = try $0.resolve("title", of: page(1), to: .text("both"), basedOn: basis)
      }
    },
    Step("make the tables anew") { try $0.rebuildTables() },
    Step(renewal) { replica in
      let sent = try replica.remote()!.pushedSeq
      try replica.renew(as: ReplicaID(50), after: sent, of: ReplicaID(1))
    },
    Step("edit as that one") { try $0.edit(page(3), ["starred": .bool(true)]) },
    Step("acknowledge its push") { try $0.push() },
    Step("erase settings") { _ = try $0.overwriteSettings { $0["passphrase"] = [1, 2, 3] } },
    Step("close and open") { story in
      try story.close()
      try story.open()
    },
    Step("edit once more") { try $0.edit(page(4), ["progress": .integer(7)]) },
  ]

  /// Goes through the story, and tells `onStep` what is so after each step.
  ///
  /// - Returns: The step that failed, and how; `nil` where none did.
  mutating func tell(
    onStep: (Story) throws -> Void = { _ in }
  ) throws -> (step: Int, error: any Error)? {
    for (index, step) in Self.steps.enumerated() {
      do {
        try step.body(&self)
      } catch {
        return (index, error)
      }
      try onStep(self)
    }
    return nil
  }

  mutating func create() throws {
    replica = try Replica.create(
      at: path, library: LibraryID(7), id: ReplicaID(1), schema: schema)
  }

  mutating func open() throws {
    var generator = FixedGenerator(value: 99)
    replica = try Replica.open(at: path, schema: schema, using: &generator)
  }

  /// Pushes what is unsent; the hub has it before the replica hears so.
  private mutating func push() throws {
    let replica = replica!
    let first = try replica.remote()!.pushedSeq + 1
    let run = try replica.run(of: replica.id, from: first, byteLimit: 1 << 20)!
    hub.append(run.opened(replica.library))
    try replica.acknowledge(run.last, tip: run.tip)
  }

  /// Lets go of the file, as the end of a process does.
  mutating func end() {
    try? replica?.close()
    replica = nil
  }

  private mutating func close() throws {
    let replica = replica
    self.replica = nil
    try replica?.close()
  }

  private static let cursor = Cursor(
    log: .init(repeating: 1, count: 16), index: 9, hash: .init(repeating: 2, count: 16))

  /// What another replica made, before it heard of this one.
  static let peer: [ReceivedBundle] = {
    let world = try! World("unused", "lap")
    try! world["lap"].add(page(3), ["title": .text("three"), "tag/b": .bool(true)])
    try! world["lap"].add(page(1), ["title": .text("eins")])
    try! world["lap"].add(note(2), ["page": .record(RecordID(3)), "body": .text("of three")])
    return [
      try! world["lap"].run(of: ReplicaID(2), from: 1, byteLimit: 1 << 20)!.opened(LibraryID(7))
    ]
  }()
}

extension Replica {
  /// All that the file holds and shows, as text.
  func state() throws -> String {
    let vector = try read { try $0.vector() }
    let held = vector.replicas.sorted().map { "\($0):\(vector[$0])" }
    let settings = try settings().sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return try ["\(id)", "\(held)", "\(settings)", "\(remote() as Any)", shown()]
      .joined(separator: "\n")
  }
}
