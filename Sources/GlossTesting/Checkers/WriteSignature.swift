package import GlossCore
package import GlossStore

/// What a write says, whoever it counts as the change of.
///
/// A file that turns out to be a copy makes its changes again under another identifier, with the same values and times, so the
/// identity of a change does not last for ever and this does.
package struct WriteSignature: Hashable, Sendable {
  package var key: RecordKey
  package var timestamp: Timestamp
  package var field: Name
  package var value: Value

  package init(_ change: Change, _ write: Write) {
    key = RecordKey(change.kind, change.record)
    timestamp = change.timestamp
    field = write.field
    value = write.value
  }
}

extension WriteSignature: CustomStringConvertible {
  package var description: String { "\(key) \(field)=\(value) at \(timestamp)" }
}
