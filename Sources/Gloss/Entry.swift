public import GlossCore
public import GlossStore

/// A record that a person reads, changes and gives back, with what the change is based on.
///
/// Change the properties of a value that the library handed out and give it to ``Library/save(_:)``: only what was
/// changed is written, and it replaces what this value showed, not what has come in between.
public protocol Entry: Sendable {
  /// The kind of all records of the type.
  static var kind: ReadingKind { get }

  /// Names the record.
  var id: RecordID { get }

  /// When the record was added, in milliseconds since the Unix epoch; 0 where that is not known.
  var saved: Int64 { get }

  /// When it was changed last, in whatever field, in milliseconds since the Unix epoch; `nil` for a record as it once was.
  var edited: UInt64? { get }

  /// The tags, ordered by their bytes.
  var tags: [String] { get }

  /// Whether the record is deleted.
  var isDeleted: Bool { get }

  /// What somebody saw who read this value.
  var basis: Basis { get }

  /// What the properties say, field by field.
  var fields: [Name: Value] { get }

  /// What they said when the value was read.
  var seen: [Name: Value] { get }
}

extension Entry {
  /// Names the record among the records of all kinds.
  public var key: RecordKey { RecordKey(Self.kind.name, id) }

  /// The fields that were changed since the value was read.
  var edits: [Name: Value] {
    let seen = seen
    return fields.filter { seen[$0.key] != $0.value }
  }
}
