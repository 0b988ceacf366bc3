public import GlossCore
public import GlossStore

/// Something that a person has to decide about, with what there is to choose from.
public struct LibraryConflict: Sendable {
  /// The record, as it is shown.
  public let item: Item
  /// What is at odds.
  public let conflict: OpenConflict
  /// The values that the field has at once, the displayed one first; of several machines' equal values, one.
  public let versions: [Version]
  /// What those were made from, the newest first: none where they were written independently, and more than one where a conflict
  /// was settled on two machines at once. One that this machine does not keep has a value that is left out.
  public let ancestors: [Version]
  /// Where a delete is at odds with edits: the values that the delete had not seen.
  public let edits: [Edit]
  /// The deletes at odds with it, the newest first: of the record, or of the one that it belongs to.
  public let deletes: [Version]
  /// The deleted record that this one belongs to, where that is what is at odds.
  public let parent: Item?

  /// A value that a delete had not seen.
  public struct Edit: Sendable {
    public let field: Name
    public let version: Version
    /// What the delete had seen there; `nil` where that was nothing.
    public let before: Value?
  }
}

extension Library {
  /// Returns all that has to be decided, in the order of kinds, identifiers and fields.
  public func conflicts() throws(LibraryError) -> [LibraryConflict] {
    try reading { snapshot in
      try snapshot.conflicts().compactMap { try Self.conflict($0, in: snapshot) }
    }
  }

  /// Returns what has to be decided about records that a filter finds, in the same order.
  public func conflicts(matching filter: Filter) throws(LibraryError) -> [LibraryConflict] {
    guard filter != .all else { return try conflicts() }
    let keys = Set(try items(matching: .and([filter, .claim(.conflicted)])).map(\.key))
    return try conflicts().filter { keys.contains($0.item.key) }
  }

  /// Returns how much has to be decided, without reading what.
  public func conflictCount() throws(LibraryError) -> Int {
    try reading { try $0.conflicts().count { ReadingKind($0.key.kind) != nil } }
  }

  /// Returns what has to be decided about one record.
  public func conflicts(of key: RecordKey) throws(LibraryError) -> [LibraryConflict] {
    try reading { snapshot in
      try snapshot.conflicts(of: key).compactMap { try Self.conflict($0, in: snapshot) }
    }
  }

  /// Settles a field of a record on a value, closing exactly the values that `conflict` showed.
  ///
  /// - Returns: Whether there was anything left to settle.
  @discardableResult
  public func resolve(_ conflict: LibraryConflict, to value: Value) throws(LibraryError) -> Bool {
    let entry = conflict.item.entry
    return try writing {
      try $0.resolve(conflict.conflict.field, of: entry.key, to: value, basedOn: entry.basis)
    }
  }

  private static func conflict(
    _ conflict: OpenConflict, in snapshot: Snapshot
  ) throws -> LibraryConflict? {
    guard let record = try snapshot.record(conflict.key),
      let item = Item(RecordFields(record))
    else { return nil }
    let all = try snapshot.versions(of: conflict.field, in: conflict.key)
    var versions: [Version] = []
    for version in all where !versions.contains(where: { $0.value == version.value }) {
      versions.append(version)
    }
    var edits: [LibraryConflict.Edit] = []
    var ancestors: [Version] = []
    var deletes: [Version] = []
    var parent: Item?
    switch conflict.reason {
    case .values: ancestors = try snapshot.ancestors(of: conflict.field, in: conflict.key)
    case .editedAndDeleted:
      edits = try unseenEdits(of: record, in: snapshot)
      deletes = all.filter { $0.value == .bool(true) }
    case .parentDeleted(let key):
      parent = try snapshot.record(key).flatMap { Item(RecordFields($0)) }
      deletes = try snapshot.versions(of: Field.deleted, in: key).filter { $0.value == .bool(true) }
    }
    return LibraryConflict(
      item: item, conflict: conflict, versions: versions, ancestors: ancestors, edits: edits,
      deletes: deletes, parent: parent)
  }

  /// The heads of kept fields that no delete covers.
  private static func unseenEdits(
    of record: Record, in snapshot: Snapshot
  ) throws -> [LibraryConflict.Edit] {
    let deletes = Set(record.basis.heads[Field.deleted] ?? [])
    let changes = Dictionary(
      try snapshot.history(of: record.key).map { ($0.change.dot, $0.change) }
    ) { first, _ in first }
    let covered = Set(deletes.compactMap { changes[$0] }.flatMap(\.covers))
    let kind = snapshot.schema[record.key.kind]
    return try record.basis.heads.keys.sorted()
      .filter { $0 != Field.deleted && kind?.policy(of: $0) == .keep }
      .flatMap { field in
        try snapshot.versions(of: field, in: record.key).filter { !covered.contains($0.dot) }
          .map { version in
            LibraryConflict.Edit(
              field: field, version: version,
              before: seen(before: version, of: field, in: changes, covered: covered))
          }
      }
  }

  /// The newest value that a delete had seen of those that a version was made from.
  private static func seen(
    before version: Version, of field: Name, in changes: [Dot: Change], covered: Set<Dot>
  ) -> Value? {
    var known: Set<Dot> = []
    var waiting = [version.dot]
    var newest: (timestamp: Timestamp, value: Value)?
    while let dot = waiting.popLast() {
      guard let change = changes[dot], let write = change.write(to: field),
        known.insert(dot).inserted
      else { continue }
      if !covered.contains(dot) {
        waiting += write.parents
      } else if newest.map({ $0.timestamp < change.timestamp }) ?? true {
        newest = (change.timestamp, write.value)
      }
    }
    return newest?.value
  }
}
