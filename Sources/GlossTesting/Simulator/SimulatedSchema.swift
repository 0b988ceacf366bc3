package import GlossCore

/// The kinds of simulated libraries.
package enum SimulatedSchema {
  private static let note = Kind(
    "note", fields: [Field("page", .reference("page"), .keep), Field("body", .text, .keep)])

  /// Pages, and notes on them.
  package static let present = Schema([page(with: []), note])

  /// What a later version knows: pages have a colour, and there are shelves.
  package static let newer = Schema([
    page(with: [Field("colour", .text, .keep)]), note,
    Kind("shelf", fields: [Field("name", .text, .keep)]),
  ])

  private static func page(with fields: [Field]) -> Kind {
    Kind(
      "page",
      fields: [
        Field("title", .text, .keep), Field("body", .blob, .keep),
        Field("progress", .integer, .latest),
      ] + fields,
      families: [Family("tag", .latest)])
  }
}
