public import GlossCore
internal import GlossStore

/// The values of a conflict as texts, with those that they were made from.
public struct ConflictTexts: Sendable {
  /// The texts that the field has at once, the displayed one first; a field without a value has an empty one.
  public let sides: [String]
  /// What they were made from, the newest first.
  public let bases: [String]

  /// Sets texts beside each other.
  public init(sides: [String], bases: [String]) {
    self.sides = sides
    self.bases = bases
  }

  /// What the sides come to word by word.
  ///
  /// Where they were made from several texts, because a conflict was settled on two machines at once, a place is settled only if
  /// it is so by each of those: otherwise the merge has the open places that the newest one, or the first that has any, gives it.
  public var merge: TextMerge {
    guard let newest = bases.first else { return TextMerge(unrelated: sides) }
    let merges =
      [TextMerge(base: newest, sides: sides)]
      + bases.dropFirst().map { TextMerge(base: $0, sides: sides) }
    let texts = Set(merges.map { $0.text.map { Array($0.utf8) } })
    if texts.count == 1 { return merges[0] }
    return merges.first { $0.text == nil } ?? TextMerge(unrelated: sides)
  }
}

extension Library {
  /// Returns the conflicting values as texts, or `nil` where they are none: a place, a record or a delete, or a text that is
  /// not on this machine.
  ///
  /// An ancestor that is not on this machine counts as none.
  public func texts(of conflict: LibraryConflict) throws(LibraryError) -> ConflictTexts? {
    guard conflict.conflict.reason == .values else { return nil }
    return try reading { snapshot in
      func texts(_ versions: [Version]) throws -> [String?] {
        try versions.map { try Self.text(of: $0.value, in: snapshot) }
      }
      let sides = try texts(conflict.versions).compactMap { $0 }
      guard sides.count == conflict.versions.count, Self.isText(conflict) else { return nil }
      let bases = try texts(conflict.ancestors)
      // One that is missing might have opened a place.
      return ConflictTexts(sides: sides, bases: bases.contains(nil) ? [] : bases.compactMap { $0 })
    }
  }

  /// Returns the texts of a conflict that are not on this machine: those of its values, and of what they were made from.
  public func missingTexts(of conflict: LibraryConflict) throws(LibraryError) -> [BlobID] {
    guard conflict.conflict.reason == .values else { return [] }
    return try reading { snapshot in
      try (conflict.versions + conflict.ancestors).compactMap { version in
        guard case .blob(let id) = version.value, try !snapshot.holdsBlob(id) else { return nil }
        return id
      }
    }
  }

  /// Returns the text that a value is or names: an empty one for no value, `nil` for a value of another type or a text that is not
  /// here.
  public func text(of value: Value) throws(LibraryError) -> String? {
    try reading { try Self.text(of: value, in: $0) }
  }

  /// Settles a field whose values are texts on a text, closing exactly the values that `conflict` showed.
  ///
  /// - Parameter text: An empty one clears the field.
  /// - Returns: Whether there was anything left to settle.
  /// - Throws: As ``save(_:)`` where the field cannot have that text, and ``LibraryError/notText(_:)`` where it has other values.
  @discardableResult
  public func resolve(
    _ conflict: LibraryConflict, toText text: String
  ) throws(LibraryError) -> Bool {
    let field = conflict.conflict.field
    guard Self.isText(conflict) else { throw .notText(field) }
    // A note is never cleared: it is deleted.
    let isCleared = text.isEmpty && field != ReadingField.body
    try Self.check([field: isCleared ? .null : .text(text)])
    let entry = conflict.item.entry
    return try writing { edits in
      var value = Value.null
      if !text.isEmpty {
        value =
          Self.type(of: conflict) == .blob
          ? .blob(try edits.addBlob(Array(text.utf8))) : .text(text)
      }
      return try edits.resolve(field, of: entry.key, to: value, basedOn: entry.basis)
    }
  }

  private static func type(of conflict: LibraryConflict) -> FieldType? {
    Schema.reading[conflict.item.key.kind]?.fields
      .first { $0.name == conflict.conflict.field }?.type
  }

  private static func isText(_ conflict: LibraryConflict) -> Bool {
    let type = type(of: conflict)
    return type == .text || type == .blob
  }

  private static func text(of value: Value, in snapshot: Snapshot) throws -> String? {
    switch value {
    case .null: ""
    case .text(let text): text
    case .blob(let id): try snapshot.blob(id).flatMap { String(validating: $0, as: UTF8.self) }
    default: nil
    }
  }
}
