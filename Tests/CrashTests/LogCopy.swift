import Gloss
import GlossCore
import GlossStore

/// What a library's log holds, read through the library's own API: the last change of each replica and the tip there, which is
/// a hash over all changes up to it in full. Two libraries with the same tips hold the same changes byte for byte.
struct LogCopy: Equatable, Sendable {
  var own: ReplicaID
  var tips: [ReplicaID: [UInt8]]
  var vector: Vector

  /// Reads it; the file is as before.
  init(of path: String) throws {
    self = try Self.reading(path) { replica in
      let vector = try replica.read { try $0.vector() }
      var tips: [ReplicaID: [UInt8]] = [:]
      for (origin, seq) in vector.lastSeqByReplica {
        tips[origin] = try replica.tip(of: origin, at: seq)
      }
      return LogCopy(own: replica.id, tips: tips, vector: vector)
    }
  }

  private init(own: ReplicaID, tips: [ReplicaID: [UInt8]], vector: Vector) {
    self.own = own
    self.tips = tips
    self.vector = vector
  }

  /// How many changes the library's own replica has made.
  var ownCount: UInt64 { vector[own] }

  /// Whether two hold the same changes.
  func holdsTheSame(as other: LogCopy) -> Bool { tips == other.tips && vector == other.vector }

  /// Whether the library at `path` still holds all changes that are in this copy, unaltered.
  func isHeld(by path: String) throws -> Bool {
    try Self.reading(path) { replica in
      for (origin, seq) in vector.lastSeqByReplica {
        guard try replica.tip(of: origin, at: seq) == tips[origin] else { return false }
      }
      return true
    }
  }

  /// Returns every text that any change of a library has written.
  static func texts(in path: String) throws -> Set<String> {
    try reading(path) { replica in
      try replica.read { snapshot in
        var texts: Set<String> = []
        for kind in replica.schema.kinds.map(\.name) {
          for key in try snapshot.keys(
            hexPrefix: "", kinds: [kind], limit: .max, includesHidden: true)
          {
            for entry in try snapshot.history(of: key) {
              for write in entry.change.writes {
                if case .text(let text) = write.value { texts.insert(text) }
                texts.insert(write.field.text)
              }
            }
          }
        }
        return texts
      }
    }
  }

  private static func reading<T>(_ path: String, _ body: (Replica) throws -> T) throws -> T {
    var generator = SystemRandomNumberGenerator()
    let replica = try Replica.open(
      at: path, schema: .reading, access: .readOnly, using: &generator)
    defer { try? replica.close() }
    return try body(replica)
  }
}
