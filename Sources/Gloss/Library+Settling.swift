internal import GlossCore
internal import GlossStore

extension Library {
  /// Settles whether a record stays, where that is what is at odds: keeps it, or deletes it with all that `conflict` showed.
  ///
  /// For a record whose parent is deleted, keeping it brings the parent back, with what was deleted together with it.
  ///
  /// - Returns: Whether there was anything left to settle.
  @discardableResult
  public func settle(
    _ conflict: LibraryConflict, by choice: LibraryConflict.Stay
  ) throws(LibraryError) -> Bool {
    switch (conflict.conflict.reason, choice) {
    case (.parentDeleted, .kept):
      guard let parent = conflict.parent else { return false }
      return try !undelete(parent).isEmpty
    case (.values, .kept): return try resolve(conflict, to: .bool(false))
    case (.editedAndDeleted, .kept): return try !undelete(conflict.item).isEmpty
    case (_, .deleted): return try !delete(conflict.item).isEmpty
    }
  }

  /// Has a note belong to another article or highlight.
  ///
  /// - Returns: Whether it belonged to another one before.
  /// - Throws: ``LibraryError/cannotBelong(_:to:)`` where the record is no note, or `target` is one.
  @discardableResult
  public func move(_ item: Item, to target: Item) throws(LibraryError) -> Bool {
    guard case .note(let note) = item else {
      throw .cannotBelong(item.kind, to: target.kind)
    }
    let place: (article: RecordID?, highlight: RecordID?)
    switch target {
    case .article(let article): place = (article.id, nil)
    case .highlight(let highlight): place = (highlight.article, highlight.id)
    case .note: throw .cannotBelong(.note, to: .note)
    }
    let values: [Name: Value] = [
      ReadingField.article: Value(place.article), ReadingField.highlight: Value(place.highlight),
    ]
    return try writing { try $0.edit(note.key, values, basedOn: note.basis) }
  }
}

extension LibraryConflict {
  /// The two answers to the question whether a record stays.
  public enum Stay: Sendable {
    case kept, deleted
  }
}
