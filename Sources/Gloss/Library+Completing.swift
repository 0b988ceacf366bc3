internal import GlossCore
internal import GlossStore

// What a program offers to somebody who types the beginning of a name.

extension Library {
  /// Returns records whose identifiers begin with these hexadecimal digits: with none, the ones that were added last, and
  /// otherwise in the order of their identifiers.
  ///
  /// - Parameters:
  ///   - hexPrefix: Any number of digits; there is no record for what is none.
  ///   - kinds: The kinds to look among.
  ///   - limit: The greatest number of them.
  ///   - includesDeleted: Whether deleted ones are among them, where digits are given.
  public func candidates(
    hexPrefix: String, kinds: [ReadingKind], limit: Int, includesDeleted: Bool
  ) throws(LibraryError) -> [Item] {
    guard !hexPrefix.isEmpty else {
      var items: [Item] = []
      for kind in kinds { items += try self.items(kind, limit: limit - items.count) }
      return items
    }
    guard hexPrefix.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return [] }
    return try reading { snapshot in
      let keys = try snapshot.keys(
        hexPrefix: hexPrefix, kinds: kinds.map(\.name), limit: limit,
        includesHidden: includesDeleted)
      return try keys.compactMap { try snapshot.record($0).flatMap { Item(RecordFields($0)) } }
    }
  }

  /// Returns the tags of all records, in the order of their bytes.
  ///
  /// - Parameters:
  ///   - prefix: What they begin with.
  ///   - limit: The greatest number of them.
  public func tags(
    beginningWith prefix: String = "", limit: Int = .max
  ) throws(LibraryError) -> [String] {
    try reading { snapshot in
      var tags: Set<[UInt8]> = []
      for kind in Self.kinds {
        let members = try snapshot.members(
          of: ReadingField.tags.name, in: kind, beginningWith: prefix, limit: limit)
        for tag in members { tags.insert(Array(tag.utf8)) }
      }
      return tags.sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }

  /// Returns what a field of articles, or the colour of highlights, is: each text once, in the order of their bytes.
  ///
  /// - Parameters:
  ///   - prefix: What they begin with.
  ///   - limit: The greatest number of them.
  public func values(
    of field: Filter.Field, beginningWith prefix: String = "", limit: Int = .max
  ) throws(LibraryError) -> [String] {
    let (name, kind) =
      switch field {
      case .title: (ReadingField.title, ReadingKind.article)
      case .author: (ReadingField.author, .article)
      case .site: (ReadingField.site, .article)
      case .language: (ReadingField.language, .article)
      case .colour: (ReadingField.colour, .highlight)
      }
    return try reading {
      try $0.texts(of: name, in: kind.name, beginningWith: prefix, limit: limit)
    }
  }
}
