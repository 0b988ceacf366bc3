/// Help as a terminal of 80 columns shows it.
enum Help {
  /// Returns help with its usage, which the argument parser leaves on one line, on as many lines as it takes.
  static func wrapped(_ help: String, columns: Int = 80) -> String {
    help.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard line.hasPrefix("USAGE: "), line.count > columns else { return String(line) }
      return wrappedUsage(line, columns: columns)
    }.joined(separator: "\n")
  }

  private static func wrappedUsage(_ line: Substring, columns: Int) -> String {
    // The command's own words, then its arguments: what stands in brackets is one of them, and so is an option with its value.
    let words = line.split(separator: " ").map(String.init)
    let head = words.prefix { $0.first.map { !"[<-".contains($0) } ?? true }
    var arguments: [String] = []
    for word in words.dropFirst(head.count) {
      let isOpen = arguments.last.map { last in
        last.count { $0 == "[" } > last.count { $0 == "]" }
          || last.hasPrefix("--") && !last.contains(" ") && word.hasPrefix("<")
      }
      if isOpen ?? false {
        arguments[arguments.count - 1] += " " + word
      } else {
        arguments.append(word)
      }
    }
    var lines = [head.joined(separator: " ")]
    let indent = String(repeating: " ", count: lines[0].count)
    for argument in arguments {
      if lines[lines.count - 1].count + 1 + argument.count > columns { lines.append(indent) }
      lines[lines.count - 1] += " " + argument
    }
    return lines.joined(separator: "\n")
  }
}
