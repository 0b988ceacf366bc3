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
  /// Where a delete is at odds with edits: the values that the delete had not seen.
  public let edits: [Edit]

  /// A value that a delete had not seen.
  public struct Edit: Sendable {
    public let field: Name
    public let version: Version
  }
}

extension Library {
  /// Returns all that has to be decided, in the order of kinds, identifiers and fields.
  public func conflicts() throws(LibraryError) -> [LibraryConflict] {
    try reading { snapshot in
      try snapshot.conflicts().compactMap { try Self.conflict($0, in: snapshot) }
    }
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
    let edits =
      conflict.reason == .editedAndDeleted ? try unseenEdits(of: record, in: snapshot) : []
    return LibraryConflict(item: item, conflict: conflict, versions: versions, edits: edits)
  }

  /// The heads of kept fields that no delete covers.
  private static func unseenEdits(
    of record: Record, in snapshot: Snapshot
  ) throws -> [LibraryConflict.Edit] {
    let deletes = Set(record.basis.heads[Field.deleted] ?? [])
    let covered = Set(
      try snapshot.history(of: record.key).filter { deletes.contains($0.change.dot) }
        .flatMap(\.change.covers))
    let kind = snapshot.schema[record.key.kind]
    return try record.basis.heads.keys.sorted()
      .filter { $0 != Field.deleted && kind?.policy(of: $0) == .keep }
      .flatMap { field in
        try snapshot.versions(of: field, in: record.key).filter { !covered.contains($0.dot) }
          .map { LibraryConflict.Edit(field: field, version: $0) }
      }
  }
}
