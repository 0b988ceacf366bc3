internal import ArgumentParser
internal import Gloss

/// `gloss tag`
struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Add and remove tags.",
    usage: """
      gloss tag [<options>] <name> ... [+TAG ...] [-TAG ...]
      gloss tag [<options>] --matching <query> [+TAG ...] [-TAG ...]
      """,
    discussion: """
      +TAG adds a tag; -TAG or --remove TAG removes one (--remove q and h). Several
      records can be named, before the first tag. --matching changes those that gloss
      list shows for the query. It asks before it changes more than three; gloss undo
      takes all of it back.

      EXAMPLE
        gloss tag 3f2a +history -unread
        gloss tag 3f2a 91c4 +essays
        gloss tag --matching 'author:"Le Guin" -tag:fiction' +fiction
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var choice: MatchingOptions
  @Option(
    name: .customLong("remove"),
    help: ArgumentHelp("A tag to remove; may be given several times.", valueName: "tag"),
    completion: .tag)
  var removed: [String] = []
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("The records' names, then +TAG and -TAG.", valueName: "names"),
    completion: .recordOrSignedTag)
  var words: [String] = []

  func run() throws {
    let names = words.prefix { !$0.hasPrefix("+") && !$0.hasPrefix("-") }
    guard !names.isEmpty || choice.matching != nil else {
      throw ValidationError("say which record: gloss tag ID +TAG")
    }
    var adding: [String] = []
    var removing = removed
    for tag in words.dropFirst(names.count) {
      switch tag.first {
      case "+": adding.append(String(tag.dropFirst()))
      case "-" where !tag.hasPrefix("--"): removing.append(String(tag.dropFirst()))
      default:
        throw ValidationError("\(Text.repeated(tag)) is neither +TAG nor -TAG")
      }
    }
    guard !adding.isEmpty || !removing.isEmpty else {
      throw ValidationError("say which: +TAG adds a tag, -TAG removes one")
    }
    let (library, items) = try choice.opened(options, named: Array(names))
    try confirmation.confirm(
      "this tags \(Shown.count(items.count, "record"))", touching: items.count)
    let changes = try ProgressBar.during("tagging") { bar in
      try library.tag(
        items, adding: adding, removing: removing, progress: bar?.advance(to:of:))
    }
    Shown.changes(changes)
  }

  /// Arguments with `-TAG` spelled out as `--remove=TAG`, where the command is `tag`: the parser takes the letters of `-quick` for
  /// flags, of which there are some for every command. One letter is a flag where there is such.
  static func spelledOut(_ arguments: [String]) -> [String] {
    var isTag: Bool?
    var isValue = false
    return arguments.map { word in
      defer { isValue = ["--library", "--color", "--remove", "--matching"].contains(word) }
      if isValue { return word }
      guard word.hasPrefix("-") else {
        isTag = isTag ?? (word == "tag")
        return word
      }
      let isRemoval = word.count > 1 && !word.hasPrefix("--") && word != "-q" && word != "-h"
      return isTag == true && isRemoval ? "--remove=" + word.dropFirst() : word
    }
  }
}
