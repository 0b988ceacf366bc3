internal import Gloss
internal import GlossCore
internal import GlossStore

extension Library {
  /// Returns the field of a record that `--field` names, which something wrote.
  ///
  /// What a newer version wrote counts, though this one does not know the field.
  func writtenField(_ text: String, of item: Item, called name: String) throws -> Name {
    let field = Name(text)
    guard try history(of: item.key, field: field).isEmpty else { return field }
    let kind = Schema.reading[item.kind.name]
    let known = (kind?.fields.map(\.name) ?? []) + [Field.deleted]
    let isMember = kind?.families.contains { $0.member(of: field) != nil } ?? false
    guard isMember || known.contains(field) else {
      let families = kind?.families.map { "\($0.name.text)/NAME" } ?? []
      throw Failure(
        .usage, "\(item.kind.withArticle) has no field \(Text.line(text, width: 40))",
        hint: "one of \((known.map(\.text) + families).sorted().joined(separator: ", "))")
    }
    throw Failure(
      .noMatch, "nothing ever wrote to \(Text.line(text, width: 40)) of it",
      hint: "gloss history \(Text.line(name)) shows what was written")
  }
}
