package import GlossCore
package import GlossStore

/// All that a replica held and showed at one moment.
package struct ObservedReplica: Sendable {
  /// A record as the replica showed it.
  package struct Shown: Hashable, Sendable {
    package var heads: [Name: [Dot]]
    package var values: [Name: Value]
    package var membersByFamily: [Name: [String]]
    package var isHidden: Bool

    package init(
      heads: [Name: [Dot]], values: [Name: Value], membersByFamily: [Name: [String]],
      isHidden: Bool
    ) {
      self.heads = heads
      self.values = values
      self.membersByFamily = membersByFamily
      self.isHidden = isHidden
    }
  }

  /// The machine's name.
  package var name: String
  /// The step after which it was looked at.
  package var step: Int
  /// The kinds that its program knows.
  package var schema: Schema
  package var changes: [Change]
  package var records: [RecordKey: Shown]
  package var conflicts: [OpenConflict]
  package var quarantined: Set<Dot>
  /// The large values that its changes name and that it has.
  package var blobs: Set<BlobID>
  /// Everything that is shown, as text.
  package var export: String

  package init(
    name: String, step: Int, schema: Schema, changes: [Change], records: [RecordKey: Shown],
    conflicts: [OpenConflict], quarantined: Set<Dot>, blobs: Set<BlobID>, export: String
  ) {
    self.name = name
    self.step = step
    self.schema = schema
    self.changes = changes
    self.records = records
    self.conflicts = conflicts
    self.quarantined = quarantined
    self.blobs = blobs
    self.export = export
  }

  /// The merge as the rules state it, of each record that a change was made to.
  package var models: [RecordKey: NaiveModel] {
    Dictionary(grouping: changes) { RecordKey($0.kind, $0.record) }.mapValues { NaiveModel($0) }
  }
}
