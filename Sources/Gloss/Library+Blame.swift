public import GlossCore
public import GlossStore

/// Who wrote what a field of a record shows.
public struct FieldAuthors: Sendable {
  /// The field.
  public let field: Name

  /// What it shows and who wrote that, and where it is in conflict the other values behind it; of equal values the latest.
  public let versions: [Version]

  /// Whether a person has to decide about it.
  public var isOpen: Bool { versions.count > 1 }
}

extension Library {
  /// Returns who wrote each field of a record last, tags too, in the order of the fields; a field that was never written is not in it.
  public func blame(of key: RecordKey) throws(LibraryError) -> [FieldAuthors] {
    try reading { snapshot in
      let kind = snapshot.schema[key.kind]
      let heads = try snapshot.record(key)?.basis.heads ?? [:]
      return try heads.keys.sorted().map { field in
        var versions: [Version] = []
        for version in try snapshot.versions(of: field, in: key)
        where !versions.contains(where: { $0.value == version.value }) {
          versions.append(version)
        }
        // Where the latest is shown and no conflict, it is the only one that counts.
        let isKept = kind?.policy(of: field) == .keep
        return FieldAuthors(field: field, versions: isKept ? versions : Array(versions.prefix(1)))
      }
    }
  }
}
