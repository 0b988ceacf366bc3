/// The script for a shell that the argument parser makes, and what that leaves out.
enum CompletionScript {
  /// Returns a script with what is missing; other text as it is.
  static func completed(_ text: String) -> String {
    if text.hasPrefix("#!/bin/bash\n") { return text + BashCompletion.ending }
    guard text.hasPrefix("#compdef ") else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { withEqualsSign(String($0)) }.joined(separator: "\n")
  }

  /// Returns a line of the script for zsh, in which an option's value may follow an equals sign, too: `'--tag[Help.]:tag:'`
  /// becomes `'--tag=[Help.]:tag:'`.
  private static func withEqualsSign(_ line: String) -> String {
    let specification = line.drop { $0 == " " || $0 == "'" || $0 == "*" }
    // A bracket within the help is escaped.
    guard specification.hasPrefix("--"), let bracket = line.firstIndex(of: "["),
      line.replacing("\\]", with: "").contains("]:")
    else { return line }
    return line[..<bracket] + "=" + line[bracket...]
  }
}
