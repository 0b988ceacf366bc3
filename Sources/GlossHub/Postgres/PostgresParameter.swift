#if PostgreSQL
  /// A parameter of a statement, in PostgreSQL's binary form.
  struct PostgresParameter: Sendable {
    /// The type's number in PostgreSQL's catalogue, which never changes for types that come with it.
    let type: UInt32
    let bytes: [UInt8]?

    static func int(_ value: Int64?) -> Self {
      Self(type: 20, bytes: value.map(bigEndian))
    }

    static func bytes(_ value: [UInt8]) -> Self { Self(type: 17, bytes: value) }

    static func uuid(_ value: [UInt8]) -> Self { Self(type: 2_950, bytes: value) }

    static func ints(_ values: [Int64?]) -> Self {
      Self(type: 1_016, bytes: array(values.map { $0.map(bigEndian) }, of: 20))
    }

    static func byteStrings(_ values: [[UInt8]]) -> Self {
      Self(type: 1_001, bytes: array(values, of: 17))
    }

    static func uuids(_ values: [[UInt8]]) -> Self {
      Self(type: 2_951, bytes: array(values, of: 2_950))
    }

    static func texts(_ values: [String]) -> Self {
      Self(type: 1_009, bytes: array(values.map { Array($0.utf8) }, of: 25))
    }

    /// An array: dimensions, whether there are nulls, the elements' type, their number, the first index, and each element with
    /// its length in front.
    private static func array(_ elements: [[UInt8]?], of type: UInt32) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(20 + elements.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
      bytes += bigEndian(Int32(elements.isEmpty ? 0 : 1))
      bytes += bigEndian(Int32(elements.contains { $0 == nil } ? 1 : 0))
      bytes += bigEndian(type)
      guard !elements.isEmpty else { return bytes }
      bytes += bigEndian(Int32(elements.count))
      bytes += bigEndian(Int32(1))
      for element in elements {
        bytes += bigEndian(Int32(element?.count ?? -1))
        bytes += element ?? []
      }
      return bytes
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
  }
#endif
