internal import ArgumentParser
internal import Gloss
internal import GlossCore

/// `gloss add`
struct AddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add an article and print its name.",
    discussion: """
      SOURCE is a file, - for standard input, or a web address. Text and Markdown
      are kept as they are; of HTML the readable text is kept. Of an address alone
      only what the options say is kept: nothing is fetched. An article whose
      address is there already is added to.

      EXAMPLE
        gloss add essay.html --url https://example.org/essay --tag essays
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "A file, - or an address.", completion: .file()) var source: String
  @Option(help: "Where the text is from.") var url: String?
  @Option(help: "The title; where not given, the one in the text, or the file's name.") var title:
    String?
  @Option(help: "Who wrote it.") var author: String?
  @Option(help: "The site or publication.") var site: String?
  @Option(help: "The day of publication: 2026-11-24, 2026-11 or 2026.") var date: String?
  @Option(help: "The language, such as en.") var language: String?
  @Option(
    name: .customLong("tag"), help: "A tag; may be given several times.", completion: .tag)
  var tags: [String] = []

  func run() throws {
    var draft = ArticleDraft()
    draft.title = title
    draft.author = author
    draft.site = site
    draft.published = date
    draft.language = language
    draft.tags = tags
    let start = source.prefix(8).lowercased()
    if start.hasPrefix("http://") || start.hasPrefix("https://") {
      guard url == nil else {
        throw ValidationError("give the address once: as SOURCE or as --url")
      }
      draft.url = source
    } else {
      draft.url = url
      let imported = try ImportedText(
        try File.read(source), format: ImportedText.format(ofFileNamed: source))
      draft.text = imported.text
      draft.title = title ?? imported.title ?? (source == "-" ? nil : File.stem(source))
    }
    let library = try options.open()
    let added = try library.add(draft)
    guard let article = try library.article(added.id) else { return }
    try Shown.identity([("id", .article(article))], asJSON: output.isJSON, in: library)
    let headline = Text.line(Item.article(article).headline, width: 56)
    Output.note("\(added.isNew ? "added" : "was there; added to") \(headline)")
  }
}
