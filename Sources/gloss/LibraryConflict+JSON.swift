internal import Gloss
internal import GlossCore
internal import GlossStore

extension LibraryConflict {
  /// The conflict for programs.
  func json(_ naming: Naming) -> JSON {
    .object([
      ("record", Shown.json(item)), ("field", .text(conflict.field.text)),
      ("reason", .text(reasonName)), ("parent", JSON(parent.map { "\($0.key.id)" })),
      ("ancestors", .array(ancestors.map { Self.json($0, naming) })),
      ("versions", .array(versions.map { Self.json($0, naming) })),
      ("edits", .array(edits.map { Self.json($0.version, naming, field: $0.field) })),
      ("deletes", .array(deletes.map { Self.json($0, naming) })),
    ])
  }

  /// What is at odds, in a word that does not change.
  var reasonName: String {
    switch conflict.reason {
    case .values: "values"
    case .editedAndDeleted: "edited-and-deleted"
    case .parentDeleted: "parent-deleted"
    }
  }

  private static func json(_ version: Version, _ naming: Naming, field: Name? = nil) -> JSON {
    .object(
      (field.map { [("field", .text($0.text))] } ?? []) + [
        ("value", Shown.json(version.value)), ("held", .bool(!version.value.isLeftOut)),
        ("device", .text("\(version.source.replica)")),
        ("name", JSON(naming.rawDevice(version.source.replica))),
        ("time", .text(CivilTime.exact(version.timestamp.milliseconds))),
      ])
  }
}
