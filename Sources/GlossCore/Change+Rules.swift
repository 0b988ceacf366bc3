/// Why a change is kept but not merged.
public enum Violation: Hashable, Sendable {
  /// The number is 0 or over ``Limits/seq``.
  case seqOutOfRange(UInt64)
  /// A name is empty, too long, or holds a NUL.
  case badName
  /// There are no writes, too many, or two to one field.
  case badWrites(count: Int)
  /// A write has too many parents, one of them twice, or itself.
  case badParents(field: Name)
  /// Something that is not a delete covers heads, or a delete covers too many.
  case badCovers(count: Int)
  /// A value is over its limit.
  case tooLarge(field: Name, byteCount: Int)
  /// A text is not UTF-8 or holds a NUL, or another value is not what its type says.
  case malformedValue(field: Name)
  /// A parent is not older than its child.
  case parentNotOlder(Dot)
}

extension Change {
  /// Why the change may not be merged whatever else is known, or `nil`.
  ///
  /// ``RecordState/merge(_:timestampOf:)`` checks what depends on other changes: that parents are older.
  ///
  /// - Complexity: O(*n*) in the size of the change.
  public var violation: Violation? {
    guard (1...Limits.seq).contains(dot.seq) else { return .seqOutOfRange(dot.seq) }
    guard kind.isValid, writes.indices.allSatisfy({ writes[$0].field.isValid }) else {
      return .badName
    }
    guard (1...Limits.writes).contains(writes.count),
      writes.isStrictlyAscending(by: { $0.field < $1.field })
    else { return .badWrites(count: writes.count) }
    var byteCount = 0
    for write in writes {
      guard write.parents.count <= Limits.parents, write.parents.isStrictlyAscending(by: <),
        !write.parents.contains(dot)
      else { return .badParents(field: write.field) }
      guard !write.value.isMalformed else { return .malformedValue(field: write.field) }
      byteCount += write.value.byteCount
      guard write.value.byteCount <= Limits.valueByteCount, byteCount <= Limits.changeByteCount
      else {
        return .tooLarge(field: write.field, byteCount: write.value.byteCount)
      }
    }
    guard covers.isEmpty || isDelete, covers.count <= Limits.covers,
      covers.isStrictlyAscending(by: <)
    else {
      return .badCovers(count: covers.count)
    }
    return nil
  }

  /// Whether the change deletes its record.
  public var isDelete: Bool { write(to: Field.deleted)?.value == .bool(true) }
}

extension Name {
  /// Whether the name may stand in a change.
  var isValid: Bool {
    (1...Limits.nameByteCount).contains(text.utf8.count) && !text.holdsNUL
  }
}

extension Value {
  /// Whether the value is not what its type says. A decoder that meets such bytes under a type that it knows keeps them
  /// as ``unknown(tag:bytes:)``.
  package var isMalformed: Bool {
    switch self {
    case .text(let text): text.holdsNUL
    case .unknown(let tag, _): tag <= Tag.blob
    default: false
    }
  }

  /// The number of bytes of a text, of bytes, or of an unknown value; a small constant for the others.
  package var byteCount: Int {
    switch self {
    case .null: 0
    case .bool: 1
    case .integer, .real: 8
    case .text(let text): text.utf8.count
    case .bytes(let bytes), .unknown(_, let bytes): bytes.count
    case .record: RecordID.byteCount
    case .blob: BlobID.byteCount
    }
  }
}

extension String {
  /// Whether one of the bytes is 0.
  fileprivate var holdsNUL: Bool {
    var text = self
    // The least byte, and not the first zero: this form is compiled to vector instructions.
    return text.withUTF8 { $0.reduce(.max, min) == 0 }
  }
}

extension Array {
  /// Whether each element comes before the one after it.
  fileprivate func isStrictlyAscending(by precedes: (Element, Element) -> Bool) -> Bool {
    count < 2 || indices.dropFirst().allSatisfy { precedes(self[$0 - 1], self[$0]) }
  }
}
