internal import ArgumentParser
internal import Glibc

/// The program: reads the arguments, runs the command, and turns what was thrown into words and an exit code.
@main
enum Main {
  static func main() async {
    // A reader that has seen enough, such as `head`, is no failure of ours.
    signal(SIGPIPE, SIG_DFL)
    do {
      var command = try CommandReader.command(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Main.exit(with: error)
    }
    Output.finish()
  }

  /// The arguments as the parser takes them. The words of a line that a shell wants completed are nobody's arguments yet.
  private static var arguments: [String] {
    let given = Array(CommandLine.arguments.dropFirst())
    guard given.first != "---completion" else { return given }
    return QueryArguments.prepared(TagCommand.spelledOut(given))
  }

  /// What helps with what the parser does not understand.
  private static func hint(about message: String) -> String {
    if message.hasPrefix("Missing value for '--") {
      "a value that begins with a hyphen stands behind an equals sign: "
        + message.split(separator: "'")[1].prefix { $0 != " " } + "='- item'"
    } else if message.hasPrefix("Unknown option") {
      "gloss help COMMAND lists the options; text that begins with a hyphen stands behind --"
    } else {
      "gloss help lists the commands, gloss help COMMAND explains one"
    }
  }

  private static func exit(with error: any Error) -> Never {
    if let failure = Failure(error) {
      // What was printed before it is read first.
      Output.finish()
      failure.report()
      Glibc.exit(failure.status.rawValue)
    }
    let message = withShortArguments(GlossCommand.message(for: error))
    guard GlossCommand.exitCode(for: error) == .success else {
      // A shell that asks for what to offer is in the middle of a line that somebody types.
      if CommandLine.arguments.dropFirst().first == "---completion" { Glibc.exit(0) }
      Failure(.usage, message, hint: hint(about: message)).report()
      Glibc.exit(Status.usage.rawValue)
    }
    // Help is content that was asked for, and so is a script for a shell.
    let text = Help.wrapped(GlossCommand.fullMessage(for: error)) + "\n"
    Output.write(CompletionScript.completed(text))
    Output.finish()
    Glibc.exit(0)
  }

  /// Returns a message of the parser, which repeats arguments and values of options whole.
  private static func withShortArguments(_ message: String) -> String {
    CommandLine.arguments.reduce(message) { message, argument in
      let value = argument.firstIndex(of: "=").map { argument[$0...].dropFirst() } ?? ""
      return [argument[...], value].reduce(message) { message, text in
        let short = Text.repeated(String(text))
        return short.hasSuffix("…") ? message.replacing(text, with: short) : message
      }
    }
  }
}
