internal import ArgumentParser
internal import Gloss

/// Which conflicts of a library are meant, besides what a query says.
struct ConflictFilter: ParsableArguments {
  @Option(help: "Only those of this kind: article, highlight or note.") var kind: ReadingKind?
  @Option(help: "Only those of records with this tag.", completion: .tag) var tag: String?

  /// What has to be true of the records.
  var filters: [Filter] { [kind.map(Filter.kind), tag.map(Filter.tag)].compactMap(\.self) }
}
