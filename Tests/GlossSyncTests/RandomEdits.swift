import GlossCore
import GlossStore
import GlossTesting
import Testing

/// Random edits, and what has to be true of them in the end.
enum RandomEdits {
  /// A value that a replica has confirmed.
  struct Acknowledged: Hashable {
    let key: RecordKey
    let field: Name
    let value: Value
  }

  /// Makes one random edit and returns the values that it put in.
  static func edit(
    _ replica: Replica, at now: UInt64, step: UInt64, using generator: inout SeededGenerator
  ) throws -> [Acknowledged] {
    let key = page(UInt128.random(in: 1...5, using: &generator))
    let text = Value.text("\(replica.id.value)-\(step)")
    guard let record = try replica.record(key) else {
      try replica.add(key, ["title": text], at: now)
      return [Acknowledged(key: key, field: "title", value: text)]
    }
    switch Int.random(in: 0..<10, using: &generator) {
    case 0:
      try replica.delete(key, at: now)
      return []
    case 1:
      try replica.write(at: now) { _ = try $0.undelete(key, basedOn: record.basis) }
      return []
    case 2:
      let count = record.basis.heads["title"]?.count ?? 0
      guard count > 1 else { return [] }
      try replica.resolve("title", of: key, to: text, at: now)
      return [Acknowledged(key: key, field: "title", value: text)]
    case 3:
      let child = note(UInt128(step))
      try replica.add(child, ["page": .record(key.id), "body": text], at: now)
      return [Acknowledged(key: child, field: "body", value: text)]
    case 4, 5:
      let progress = Value.integer(Int64(step))
      try replica.edit(key, ["progress": progress], at: now)
      return [Acknowledged(key: key, field: "progress", value: progress)]
    case 6:
      try replica.edit(key, ["tag/new": .bool(step % 2 == 0)], at: now)
      return []
    default:
      try replica.edit(key, ["title": text], at: now)
      return [Acknowledged(key: key, field: "title", value: text)]
    }
  }

  /// Everybody shows the same and holds the same, and every value that was confirmed is in everybody's history; where nothing
  /// has replaced it, it is displayed or in conflict.
  ///
  /// - Parameter isThin: Whether a value that was replaced may be in the history of somebody only.
  static func check(
    _ world: World, shows acknowledged: Set<Acknowledged>, isThin: Bool = false
  ) throws {
    var found: Set<Acknowledged> = []
    let shown = try world["desk"].shown()
    let vector = try world.vector("desk")
    for name in world.names {
      #expect(try world[name].shown() == shown)
      #expect(try world.vector(name) == vector)
      try world[name].read { snapshot in
        for value in acknowledged {
          let history = try snapshot.history(of: value.key)
          let written = history.filter { $0.change.write(to: value.field)?.value == value.value }
          #expect(isThin || !written.isEmpty, "\(name) lost \(value)")
          if !written.isEmpty { found.insert(value) }
          let heads = try snapshot.versions(of: value.field, in: value.key)
          for entry in written where !isReplaced(entry.change, value.field, in: history) {
            #expect(
              heads.contains { $0.dot == entry.change.dot }, "\(name) does not show \(value)")
          }
        }
      }
    }
    #expect(found == acknowledged)
  }

  private static func isReplaced(
    _ change: Change, _ field: Name, in history: [HistoryEntry]
  ) -> Bool {
    history.contains { $0.change.write(to: field)?.parents.contains(change.dot) ?? false }
  }
}
