public import GlossCore
public import GlossStore

extension Library {
  /// Returns the fields of a record that show something else at one point of its history than at another, in order.
  ///
  /// - Throws: ``LibraryError/noSuchRecordThen(_:)``.
  public func differences(
    of key: RecordKey, from start: HistoryPoint, to end: HistoryPoint
  ) throws(LibraryError) -> [FieldDifference] {
    try reading { snapshot in
      guard let differences = try snapshot.differences(of: key, from: start, to: end) else {
        throw LibraryError.noSuchRecordThen(key)
      }
      return differences
    }
  }

  /// Writes the values that a record, or one field of it, had at a point of its history, as an edit of what `item` shows.
  ///
  /// It comes back where it was not deleted then, with what was deleted with it, and is deleted where it was. Conflicts stay: what is
  /// shown is replaced, like by every edit.
  ///
  /// - Returns: What it changed, in the order of the fields, and the other records that were deleted or came back with it.
  /// - Throws: ``LibraryError/noSuchRecordThen(_:)``, and ``LibraryError/valuesDropped(_:)`` where it had values that this machine
  ///   does not have any more; nothing is written then.
  @discardableResult
  public func revert(
    _ item: Item, to point: HistoryPoint, field: Name? = nil
  ) throws(LibraryError) -> (differences: [FieldDifference], others: [RecordKey]) {
    let key = item.key
    let basis = item.entry.basis
    return try writing { edits in
      guard let all = try edits.snapshot.differences(of: key, from: .now, to: point) else {
        throw LibraryError.noSuchRecordThen(key)
      }
      let differences = all.filter { field == nil || $0.field == field }
      let dropped = differences.filter { $0.new?.isLeftOut == true }.map(\.field)
      guard dropped.isEmpty else { throw LibraryError.valuesDropped(dropped) }
      let deleted = differences.first { $0.field == Field.deleted }
      var values: [Name: Value] = [:]
      for difference in differences where difference.field != Field.deleted {
        let isTag = ReadingField.tags.member(of: difference.field) != nil
        values[difference.field] = difference.new ?? (isTag ? .bool(false) : .null)
      }
      // What came in since `item` was read, which the delete must not cover; what is written here it covers.
      let unseen = Set(try edits.snapshot.record(key)?.basis.dots ?? []).subtracting(basis.dots)
      // What several changes brought may be too much for one.
      for part in values.sorted(by: { $0.key < $1.key }).changeParts(\.value) {
        try edits.edit(
          key, Dictionary(part) { first, _ in first }, basedOn: basis)
      }
      var touched: [RecordKey] = []
      switch deleted?.new {
      case .bool(true)?:
        guard var seen = try edits.snapshot.record(key)?.basis else { break }
        seen.heads = seen.heads.mapValues { $0.filter { !unseen.contains($0) } }
        touched = try edits.delete(key, basedOn: seen)
      default:
        if deleted != nil { touched = try edits.undelete(key, basedOn: basis) }
      }
      return (differences, Array(touched.dropFirst()))
    }
  }
}
