/// The kinds of record that a program knows.
///
/// Records and fields that a schema does not name are kept and passed on all the same, and appear once a later version
/// of the program names them.
public struct Schema: Sendable {
  /// The kinds, in the order in which they were given.
  public let kinds: [Kind]

  /// Creates a schema.
  ///
  /// - Precondition: No two kinds have the same name, and references name kinds of the schema.
  public init(_ kinds: [Kind]) {
    let names = Set(kinds.map(\.name))
    precondition(names.count == kinds.count, "a schema names each kind once")
    for case .reference(let kind) in kinds.flatMap(\.fields).map(\.type) {
      precondition(names.contains(kind), "a reference is to a kind of the schema")
    }
    self.kinds = kinds
  }

  /// Returns the kind of this name, if the program knows it.
  public subscript(name: Name) -> Kind? {
    kinds.first { $0.name == name }
  }
}

/// A kind of record: its name and its fields.
public struct Kind: Sendable {
  /// A lowercase word, which also names the kind's table.
  public let name: Name

  /// The fields of which each record has one.
  public let fields: [Field]

  /// The fields of which each record has any number.
  public let families: [Family]

  /// Creates a kind.
  ///
  /// - Precondition: Names are lowercase words of ASCII letters, digits and `_`; each is given once; none is `id`,
  ///   `uuid` or ``Field/deleted``.
  public init(_ name: Name, fields: [Field], families: [Family] = []) {
    let names = fields.map(\.name) + families.map(\.name)
    precondition(Set(names).count == names.count, "a kind names each field once")
    precondition(
      ([name] + names).allSatisfy(\.isWord), "kinds and fields are named by lowercase words")
    precondition(
      Set(names).isDisjoint(with: ["id", "uuid", Field.deleted]), "id, uuid and deleted are taken")
    self.name = name
    self.fields = fields
    self.families = families
  }

  /// Returns how concurrent writes to `field` are treated.
  ///
  /// A field that the kind does not have, one of a newer version, is treated as `latest`: nothing of it is shown, so
  /// there is no conflict to show.
  public func policy(of field: Name) -> Policy {
    if field == Field.deleted { return .keep }
    if let known = fields.first(where: { $0.name == field }) { return known.policy }
    return families.first { $0.member(of: field) != nil }?.policy ?? .latest
  }
}

/// A named slot of a record.
public struct Field: Sendable {
  /// A lowercase word, which also names the field's column.
  public let name: Name

  /// What is stored in it.
  public let type: FieldType

  /// How concurrent writes are treated.
  public let policy: Policy

  /// Whether the store keeps an index over it. References always have one.
  public let isIndexed: Bool

  public init(_ name: Name, _ type: FieldType, _ policy: Policy, isIndexed: Bool = false) {
    self.name = name
    self.type = type
    self.policy = policy
    self.isIndexed = isIndexed
  }

  /// The field by which every record is deleted: `true` while it is.
  public static let deleted: Name = "deleted"
}

/// Any number of fields `NAME/MEMBER` of a record, each a register of its own, so that together they merge as a set.
public struct Family: Sendable {
  /// What the fields' names begin with, without the slash.
  public let name: Name

  /// How concurrent writes to one of the fields are treated.
  public let policy: Policy

  public init(_ name: Name, _ policy: Policy) {
    self.name = name
    self.policy = policy
  }

  /// Returns the field of this member.
  public func field(_ member: String) -> Name {
    Name(name.text + "/" + member)
  }

  /// Returns the member whose field this is, or `nil` where the field is not of this family.
  public func member(of field: Name) -> String? {
    let prefix = name.text.utf8.count + 1
    guard field.text.utf8.count > prefix, field.text.utf8.starts(with: (name.text + "/").utf8)
    else {
      return nil
    }
    return String(field.text.utf8.dropFirst(prefix))
  }
}

/// The type of the values of a field; any field may also be cleared.
public enum FieldType: Hashable, Sendable {
  case bool
  case integer
  case real
  case text
  case bytes
  /// A large value that is stored once, beside the changes that name it.
  case blob
  /// A record of the kind. Deleting that record deletes the ones that refer to it.
  case reference(Name)
}

/// How concurrent writes to a field are treated.
public enum Policy: Hashable, Sendable {
  /// Each stays until a person has resolved the conflict.
  case keep
  /// The latest is shown, and no conflict.
  case latest
}

extension Name {
  /// Whether the name is a lowercase word of ASCII letters, digits and `_` that starts with a letter.
  package var isWord: Bool {
    let bytes = text.utf8
    guard let first = bytes.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
      return false
    }
    return bytes.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
  }
}
