internal import ArgumentParser
internal import Gloss

/// `gloss tag`
struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Add and remove tags.",
    discussion: """
      +NAME adds a tag; -NAME or --remove NAME removes one.

      EXAMPLE
        gloss tag 3f2a +history -unread
      """)

  @OptionGroup var options: LibraryOptions
  @Option(name: .customLong("remove"), help: "A tag to remove; may be given several times.")
  var removed: [String] = []
  @Argument(help: "The record's name.") var name: String
  @Argument(parsing: .allUnrecognized, help: "+NAME or -NAME.") var tags: [String] = []

  func run() throws {
    var adding: [String] = []
    var removing = removed
    for tag in tags {
      switch tag.first {
      case "+": adding.append(String(tag.dropFirst()))
      case "-" where !tag.hasPrefix("--"): removing.append(String(tag.dropFirst()))
      default:
        throw ValidationError("\(tag) is neither +NAME nor -NAME")
      }
    }
    guard !adding.isEmpty || !removing.isEmpty else {
      throw ValidationError("say which: +NAME adds a tag, -NAME removes one")
    }
    let library = try options.open()
    let item = try library.named(name)
    let changed = try library.tag(item, adding: adding, removing: removing)
    Output.note(changed ? "changed" : "nothing to change")
  }
}
