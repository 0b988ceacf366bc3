internal import ArgumentParser

/// Finds out which command the arguments of the program ask for.
enum CommandReader {
  /// Returns the command, with its options read.
  ///
  /// Where the arguments begin with a command's name they are read as that one's alone, which saves a tenth of all that a short
  /// command does. All else is read from the top, help and what is wrong included, so that messages are the parser's own.
  /// Commands that are asked most say themselves that they are part of another one (`_superCommandName`): the parser then does not
  /// try two commands first that would print completions.
  static func command(_ arguments: [String]) throws -> any ParsableCommand {
    var type: any ParsableCommand.Type = GlossCommand.self
    var rest = arguments[...]
    while let name = rest.first,
      let next = type.configuration.subcommands.first(where: {
        $0.configuration.commandName == name
      })
    {
      type = next
      rest.removeFirst()
    }
    let meant = type.configuration.defaultSubcommand ?? type
    // Who asks for help gets another command than the one that is meant.
    if rest.count < arguments.count, let command = try? type.parseAsRoot(Array(rest)),
      Swift.type(of: command) == meant
    {
      return command
    }
    return try GlossCommand.parseAsRoot(arguments)
  }
}
