/// What a piece of text is, which decides its colour. Where there are no colours, the text says the same without.
enum Style: Hashable, Sendable {
  /// A record's name, as a person types it.
  case name
  /// What heads a part.
  case heading
  /// What is read after the rest: days, places, hints.
  case faint
  case tag
  case added
  case removed
  /// What has to be decided.
  case attention
  /// A word that was looked for.
  case hit
  /// A place that a reader marked, in the colour of this name.
  case marked(colour: String?)
  /// A note in the margin.
  case note

  /// The parameters of "select graphic rendition" (ECMA-48, 8.3.117). Only the sixteen colours of the terminal's own theme.
  fileprivate var parameters: String {
    switch self {
    case .name: "33"
    case .heading: "1"
    case .faint: "2"
    case .tag: "36"
    case .added: "32"
    case .removed: "31"
    case .attention: "1;31"
    case .hit: "1;32"
    case .marked(let colour): Self.marker(colour)
    case .note: "3;36"
    }
  }

  /// Black on the marker's colour; yellow where the colour has another name than a terminal knows.
  private static func marker(_ colour: String?) -> String {
    switch colour?.lowercased() {
    case "red": "30;41"
    case "green": "30;42"
    case "blue": "30;44"
    case "purple", "magenta", "pink": "30;45"
    case "cyan", "turquoise": "30;46"
    default: "30;43"
    }
  }

  /// Returns text that is safe to print, in this style where `terminal` takes colours.
  func on(_ safe: String, _ terminal: Terminal = .output) -> String {
    on(safe, terminal.takesColour)
  }

  /// Returns text that is safe to print, in this style where that is wanted.
  func on(_ safe: String, _ isWanted: Bool) -> String {
    isWanted && !safe.isEmpty ? "\u{1B}[\(parameters)m\(safe)\u{1B}[0m" : safe
  }
}
