internal import GlossCore
internal import GlossStore

/// What the values of the domain are made from: a record as it is, or as it was.
struct RecordFields {
  let key: RecordKey
  private let source: Source
  let tags: [String]
  let isDeleted: Bool
  let edited: UInt64?
  let basis: Basis

  private enum Source {
    case now(Record)
    case then([Name: Value])
  }

  init(_ record: Record) {
    key = record.key
    source = .now(record)
    tags = record.members(of: ReadingField.tags.name)
    isDeleted = record.isHidden
    edited = record.edited?.milliseconds
    basis = record.basis
  }

  /// The record as of some time; nothing can be based on that.
  init(_ key: RecordKey, _ view: RecordView) {
    self.key = key
    source = .then(view.values)
    tags = view.values
      .compactMap { $0.value == .bool(true) ? ReadingField.tags.member(of: $0.key) : nil }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    isDeleted = view.isHidden
    edited = nil
    basis = .nothing
  }

  private func value(_ field: Name) -> Value? {
    switch source {
    case .now(let record): record[field]
    case .then(let values): values[field]
    }
  }

  func text(_ field: Name) -> String? {
    if case .text(let text)? = value(field) { text } else { nil }
  }

  func integer(_ field: Name) -> Int64? {
    if case .integer(let integer)? = value(field) { integer } else { nil }
  }

  func real(_ field: Name) -> Double? {
    if case .real(let real)? = value(field) { real } else { nil }
  }

  func bool(_ field: Name) -> Bool? {
    if case .bool(let bool)? = value(field) { bool } else { nil }
  }

  func record(_ field: Name) -> RecordID? {
    if case .record(let record)? = value(field) { record } else { nil }
  }

  func blob(_ field: Name) -> BlobID? {
    if case .blob(let blob)? = value(field) { blob } else { nil }
  }

  func bytes(_ field: Name) -> [UInt8]? {
    if case .bytes(let bytes)? = value(field) { bytes } else { nil }
  }
}

extension Value {
  init(_ text: String?) { self = text.map(Value.text) ?? .null }
  init(_ integer: Int64?) { self = integer.map(Value.integer) ?? .null }
  init(_ record: RecordID?) { self = record.map(Value.record) ?? .null }
}
