internal import GlossCore
internal import GlossStore
internal import GlossWire

extension Simulation {
  /// Lets somebody edit, and returns what.
  func edit(_ event: SimulatorEvent) throws -> String? {
    let index = Int.random(in: machines.indices, using: &generator)
    let key = RecordKey("page", RecordID(UInt128.random(in: 1...5, using: &generator)))
    let sight = try look(at: key, on: index, isFresh: event != .staleEdit)
    guard event == .add || sight != nil else { return nil }
    let text = Value.text("\(machines[index].name) \(step)")
    let now = machines[index].clock.reading(
      at: UInt64(time.withLock { $0 }), using: &generator)
    let current = try machines[index].replica.read { try $0.record(key)?.basis }
    let basis = hooks.basis(sight?.record.basis ?? .nothing, current ?? .nothing)
    let tag = Name("tag/" + (["new", "old"].randomElement(using: &generator) ?? "new"))
    let isOn = Bool.random(using: &generator)
    let content = (0..<Int.random(in: 1...6_000, using: &generator)).map { place in
      UInt8(truncatingIfNeeded: place &* 7 &+ step)
    }
    let body = text.bytes + content
    let note = RecordKey("note", RecordID(UInt128(step)))
    let progress = Int64(step)
    return try confirmed(index, key, sight) {
      try machines[index].replica.write(at: now, as: Operation(event.rawValue)) { edits in
        switch event {
        case .add: try edits.add(key, ["title": text])
        case .edit, .staleEdit: try edits.edit(key, ["title": text], basedOn: basis)
        case .progress:
          try edits.edit(key, ["progress": .integer(progress)], basedOn: basis)
        case .tag: try edits.edit(key, [tag: .bool(isOn)], basedOn: basis)
        case .delete: try edits.delete(key, basedOn: basis)
        case .undelete: try edits.undelete(key, basedOn: basis)
        case .resolve: try edits.resolve("title", of: key, to: text, basedOn: basis)
        case .child: try edits.add(note, ["page": .record(key.id), "body": text])
        case .largeValue:
          let blob = try edits.addBlob(body)
          try edits.edit(key, ["body": .blob(blob)], basedOn: basis)
        default: preconditionFailure("\(event) is no edit")
        }
      }
    }
  }

  /// Returns what the person before a machine sees of a record, or saw the last time where they do not look again.
  func look(
    at key: RecordKey, on index: Int, isFresh: Bool
  ) throws -> Machine.Sight? {
    if !isFresh, let sight = machines[index].sights[key] { return sight }
    let sight = try machines[index].replica.read { try $0.sight(of: key) }
    machines[index].sights[key] = sight
    return sight
  }

  /// Does an edit of one record and notes what was confirmed; where it fails, that nothing was.
  func confirmed(
    _ index: Int, _ key: RecordKey, _ sight: Machine.Sight?, _ edit: () throws -> Void
  ) throws -> String? {
    var sights = try machines[index].replica.read { try $0.otherSights(than: key) }
    sights[key] = sight
    return try confirmed(index, sights, edit)
  }

  /// Does an edit and notes what was confirmed; where it fails, that nothing was.
  ///
  /// - Parameter sights: What the author was shown of the records that it is about.
  func confirmed(
    _ index: Int, _ sights: [RecordKey: Machine.Sight], _ edit: () throws -> Void
  ) throws -> String? {
    let machine = machines[index]
    let before = try machine.replica.read { try $0.vector()[machine.replica.id] }
    do {
      try edit()
    } catch let error as StoreError {
      guard isStorageFailing else {
        breach("edit", "\(machine.name) refused to edit \(sights.keys.sorted()): \(error)")
        return "\(error)"
      }
      return "\(machine.name) could not: \(error)"
    }
    let changes = try machine.replica.changes(of: machine.replica.id, after: before)
    var bases = sights.mapValues(\.record.basis)
    var shown = sights.mapValues(\.changes)
    for change in changes {
      let key = RecordKey(change.kind, change.record)
      history.acknowledged.append(
        History.Acknowledged(
          step: step, name: machine.name, change: change, basis: bases[key] ?? .nothing,
          shown: shown[key] ?? [:], replaced: try machine.replica.replaced(by: change)))
      // What somebody wrote a moment before they have seen.
      for write in change.writes {
        bases[key, default: .nothing].heads[write.field, default: []].append(change.dot)
      }
      shown[key, default: [:]][change.dot] = change
    }
    guard let first = changes.first else { return nil }
    let fields = changes.flatMap(\.writes).map(\.field.text).joined(separator: ", ")
    return "\(machine.name) \(first.kind)/\(first.record.value) \(fields)"
  }
}

extension Snapshot {
  /// What somebody who looks at a record sees.
  func sight(of key: RecordKey) throws -> Machine.Sight? {
    guard let record = try record(key) else { return nil }
    let heads = Set(record.basis.dots)
    let changes = try history(of: key).map(\.change).filter { heads.contains($0.dot) }
    return Machine.Sight(
      record: record,
      changes: Dictionary(changes.map { ($0.dot, $0) }, uniquingKeysWith: { first, _ in first }))
  }

  /// What somebody who looks at the notes sees, which go and come with their page.
  fileprivate func otherSights(than key: RecordKey) throws -> [RecordKey: Machine.Sight] {
    var query = Query("note")
    query.includesHidden = true
    query.filters = [.equals("page", .record(key.id))]
    var sights: [RecordKey: Machine.Sight] = [:]
    for record in try records(query) { sights[record.key] = try sight(of: record.key) }
    return sights
  }
}

extension Replica {
  /// Returns the changes of a replica after a number.
  func changes(of origin: ReplicaID, after seq: UInt64) throws -> [Change] {
    var changes: [Change] = []
    var next = seq + 1
    while let run = try run(of: origin, from: next, byteLimit: .max) {
      changes += run.content.changes.filter { $0.dot.seq >= next }
      next = run.last + 1
    }
    return changes
  }

  /// Returns the changes that a change replaces or covers.
  func replaced(by change: Change) throws -> [Dot: Change] {
    let named = Set(change.writes.flatMap(\.parents) + change.covers)
    let history = try read { try $0.history(of: RecordKey(change.kind, change.record)) }
    return Dictionary(
      history.map(\.change).filter { named.contains($0.dot) }.map { ($0.dot, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Returns all changes that are held.
  func allChanges() throws -> [Change] {
    try read { try $0.vector() }.replicas.flatMap { try changes(of: $0, after: 0) }
  }

  /// The records of the kinds that are known.
  func keys() throws -> Set<RecordKey> {
    try read { snapshot in
      var keys: Set<RecordKey> = []
      for kind in snapshot.schema.kinds {
        var query = Query(kind.name)
        query.includesHidden = true
        keys.formUnion(try snapshot.records(query).map(\.key))
      }
      return keys
    }
  }
}

extension Value {
  /// The bytes of a text.
  fileprivate var bytes: [UInt8] {
    if case .text(let text) = self { Array(text.utf8) } else { [] }
  }
}
