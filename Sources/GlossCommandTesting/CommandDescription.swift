internal import Foundation

/// A command as `--experimental-dump-help` describes it: what the tests that go over all commands go over.
package struct CommandDescription: Decodable, Sendable {
  package var commandName: String
  package var abstract: String?
  package var discussion: String?
  package var arguments: [Argument]?
  package var subcommands: [CommandDescription]?
  package var superCommands: [String]?

  package struct Argument: Decodable, Sendable {
    package var kind: String
    package var abstract: String?
    package var names: [Name]?
    package var valueName: String?
    package var isOptional: Bool
    package var completionKind: [String: JSONValue]?

    /// What it is called in help: `--library`, `<name>`.
    package var title: String {
      guard let name = names?.last else { return "<\(valueName ?? "")>" }
      return (name.kind == "short" ? "-" : "--") + name.name
    }

    /// Whether the program is asked for what a shell offers.
    package var isCompletedByProgram: Bool { completionKind?.keys.contains("custom") ?? false }
  }

  package struct Name: Decodable, Sendable {
    package var kind: String
    package var name: String
  }

  /// Anything that JSON can say, of which nothing is looked at.
  package struct JSONValue: Decodable, Sendable {
    package init(from decoder: any Decoder) throws {}
  }

  /// The words that call it, its program first.
  package var words: [String] { (superCommands ?? []) + [commandName] }

  /// It and all that are below it, but for the `help` that the argument parser adds.
  package var all: [CommandDescription] {
    [self] + (subcommands ?? []).filter { $0.commandName != "help" }.flatMap(\.all)
  }

  /// Those that do something by themselves and are not only names for others.
  package var leaves: [CommandDescription] { all.filter { $0.subcommands?.isEmpty ?? true } }

  /// Asks a program.
  package static func of(_ program: String, on machine: Machine) throws -> CommandDescription {
    let dump = try machine.run(Machine.executable(program), ["--experimental-dump-help"])
    struct Tool: Decodable { var command: CommandDescription }
    return try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8)).command
  }
}
