internal import ArgumentParser
internal import Gloss

/// In which form a list is printed.
enum ListFormat: Equatable, ExpressibleByArgument {
  case table, json, jsonl, ids
  case template(ItemTemplate)

  init?(argument: String) {
    switch argument {
    case "table": self = .table
    case "json": self = .json
    case "jsonl": self = .jsonl
    case "ids": self = .ids
    default:
      // What is wrong with a template is said when it is used: the parser of arguments has no words for it.
      self = .template(ItemTemplate(text: argument))
    }
  }

  static var allValueStrings: [String] { ["table", "json", "jsonl", "ids"] }

  /// Whether each record is printed by itself, so that what ends it can be chosen.
  var isOnePerRecord: Bool { self != .table && self != .json }
}
