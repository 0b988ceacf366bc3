import Foundation
import GlossCore
import GlossTesting
import GlossWire

@testable import GlossStore

/// The kinds of the tests: pages, and notes on them.
let schema = Schema([
  Kind(
    "page",
    fields: [
      Field("title", .text, .keep), Field("body", .blob, .keep),
      Field("progress", .integer, .latest, isIndexed: true), Field("score", .real, .latest),
      Field("starred", .bool, .latest), Field("raw", .bytes, .keep),
    ],
    families: [Family("tag", .latest)]),
  Kind("note", fields: [Field("page", .reference("page"), .keep), Field("body", .text, .keep)]),
])

/// A folder that goes away with the test.
final class Folder {
  let path: String

  /// Where files are made that nothing has to survive: in memory if the system has such a place.
  static var fastest: URL {
    let memory = URL(filePath: "/dev/shm", directoryHint: .isDirectory)
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    return isThere ? memory : FileManager.default.temporaryDirectory
  }

  init(in parent: URL = FileManager.default.temporaryDirectory) throws {
    path = parent.appending(path: "gloss-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// Some replicas of one library that exchange bundles without a hub.
struct World {
  let folder = try! Folder()
  let library = LibraryID(7)
  var replicas: [String: Replica] = [:]

  init(_ names: String..., schema: Schema = schema) throws {
    for (index, name) in names.enumerated() {
      replicas[name] = try Replica.create(
        at: folder.file(name), library: library, id: ReplicaID(UInt128(index + 1)), schema: schema)
    }
  }

  subscript(name: String) -> Replica { replicas[name]! }

  /// Brings everything that `from` holds to `to`.
  func send(from: String, to: String, byteLimit: Int = 1 << 20) throws {
    let vector = try self[from].read { try $0.vector() }
    for origin in vector.replicas {
      while let run = try self[from].run(
        of: origin, from: try self[to].read { try $0.vector() }[origin] + 1, byteLimit: byteLimit)
      {
        _ = try self[to].merge([run.opened(library)], upTo: nil) { $0 }
      }
    }
  }

  func syncAll() throws {
    for _ in 0..<2 {
      for from in replicas.keys.sorted() {
        for to in replicas.keys.sorted() where to != from { try send(from: from, to: to) }
      }
    }
  }
}

extension ChangeRun {
  /// The run as a bundle whose commitments are the tips themselves.
  func opened(_ library: LibraryID) -> ReceivedBundle {
    let header = BundleHeader(
      library: library, epoch: 1, origin: origin, first: first, last: last,
      previousTip: previousTip, tip: tip)
    return ReceivedBundle(header: header, bytes: header.bytes, content: .success(content))
  }
}

/// Opens a file; a copy becomes the replica 99.
func open(_ path: String, schema: Schema = schema) throws -> Replica {
  var generator = FixedGenerator(value: 99)
  return try Replica.open(at: path, schema: schema, using: &generator)
}

/// Makes the identifier 99 again and again.
struct FixedGenerator: RandomNumberGenerator {
  let value: UInt64
  private var isLow = false

  init(value: UInt64) { self.value = value }

  mutating func next() -> UInt64 {
    defer { isLow.toggle() }
    return isLow ? value : 0
  }
}

extension Replica {
  func record(_ key: RecordKey) throws -> Record? { try read { try $0.record(key) } }

  func add(_ key: RecordKey, _ values: [Name: Value], at now: UInt64 = 1_000) throws {
    try write(at: now) { try $0.add(key, values) }
  }

  /// Edits a record as somebody who sees it as it is now.
  func edit(_ key: RecordKey, _ values: [Name: Value], at now: UInt64 = 1_000) throws {
    let basis = try record(key)!.basis
    try write(at: now) { _ = try $0.edit(key, values, basedOn: basis) }
  }

  func delete(_ key: RecordKey, at now: UInt64 = 1_000) throws {
    let basis = try record(key)!.basis
    try write(at: now) { _ = try $0.delete(key, basedOn: basis) }
  }

  /// All that is shown, and what is at odds, as text.
  func shown() throws -> String {
    try read { snapshot in
      var lines: [String] = []
      for kind in snapshot.schema.kinds {
        var query = Query(kind.name)
        query.includesHidden = true
        for record in try snapshot.records(query).sorted(by: { $0.key < $1.key }) {
          let values = record.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          let members = record.membersByFamily.values.joined()
          lines.append(
            "\(record.key) \(record.isHidden ? "hidden " : "")\(values) \(members.sorted())")
          let basis = record.basis.heads.sorted { $0.key < $1.key }
          lines.append("  \(basis.map { "\($0.key):\($0.value)" })")
        }
      }
      lines += try snapshot.conflicts().map { "\($0.key) \($0.field) \($0.reason)" }
      lines += try snapshot.quarantine().map { "\($0.dot)" }
      return lines.joined(separator: "\n")
    }
  }
}

func page(_ number: UInt128) -> RecordKey { RecordKey("page", RecordID(number)) }
func note(_ number: UInt128) -> RecordKey { RecordKey("note", RecordID(number)) }
