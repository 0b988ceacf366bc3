import Foundation
import GlossCommandTesting
import Testing

/// What every command says of itself, whichever there are.
@Suite struct HelpTests {
  private let machine: Machine
  private let commands: [CommandDescription]

  init() throws {
    machine = try Machine()
    commands = try CommandDescription.of("gloss", on: machine).all
  }

  @Test func `every command explains itself with an example, and every option with a sentence`()
    throws
  {
    #expect(commands.count > 30)
    for command in commands {
      let words = command.words.joined(separator: " ")
      #expect(command.abstract?.last == ".", "\(words)")
      #expect(command.discussion?.contains("EXAMPLE\n  \(words)") == true, "\(words)")
      for argument in command.arguments ?? [] {
        #expect(argument.abstract?.isEmpty == false, "\(words) \(argument.title)")
      }
    }
  }

  @Test func `the hub's commands do so, too`() throws {
    for command in try CommandDescription.of("gloss-hub", on: machine).all {
      let words = command.words.joined(separator: " ")
      #expect(command.discussion?.contains("EXAMPLE\n  \(words)") == true, "\(words)")
      let help = try machine.run(
        Machine.executable("gloss-hub"), command.words.dropFirst() + ["--help"])
      #expect(help.status == 0)
      for line in help.output.split(separator: "\n") {
        #expect(line.count <= 80, "\(words): \(line)")
      }
    }
  }

  @Test func `help of every command fits 80 columns, and is data`() throws {
    for command in commands {
      let words = command.words.dropFirst()
      let help = try machine.run(Machine.executable("gloss"), words + ["--help"])
      #expect(help.status == 0)
      #expect(help.messages == "")
      for line in help.output.split(separator: "\n") {
        #expect(line.count <= 80, "\(command.words): \(line)")
      }
      let other = try machine.run(Machine.executable("gloss"), ["help"] + words)
      #expect(other.output == help.output, "\(command.words)")
    }
  }

  @Test func `in 80 columns every example is one line, and no line of a paragraph is left over`()
    throws
  {
    for program in ["gloss", "gloss-hub"] {
      for command in try CommandDescription.of(program, on: machine).all {
        let help = try machine.run(
          Machine.executable(program), command.words.dropFirst() + ["--help"])
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
          .map(String.init).prefix { !$0.hasPrefix("USAGE: ") }
        let examples = (command.discussion ?? "").split(separator: "\n").map(String.init)
          .drop { $0 != "EXAMPLE" }.dropFirst().prefix { $0.hasPrefix("  ") }
        #expect(!examples.isEmpty)
        for example in examples { #expect(lines.contains(example), "\(command.words)") }
        for (line, next) in zip(lines, lines.dropFirst()) {
          let isHeading = line.allSatisfy { $0.isUppercase || $0 == " " }
          guard !isHeading, !line.hasPrefix(" "), !next.isEmpty else { continue }
          #expect(line.split(separator: " ").count > 2, "\(command.words): \(line)")
        }
      }
    }
  }

  @Test func `a usage that is long goes on below the command's arguments`() throws {
    #expect(
      try machine.gloss("sync", "--help").output.contains(#/\nUSAGE: gloss sync \[.*\n {18}\[/#))
  }

  @Test func `whatever names a record is completed, and so are tags, devices and queries`() throws {
    // What a person makes up cannot be completed.
    let newNames = ["devices rename <name>", "query save <name>"]
    for command in commands {
      for argument in command.arguments ?? [] {
        let title = (command.words.dropFirst() + [argument.title]).joined(separator: " ")
        let isName = [
          "<name>", "<names>", "<article>", "<about>", "<device>", "<id>", "<ids>", "<record>",
          "<query>", "--tag", "--matching",
        ].contains(argument.title)
        guard isName, !newNames.contains(title) else { continue }
        #expect(argument.isCompletedByProgram, "\(title)")
      }
    }
  }

  @Test func `every command takes --quiet, --color, --no-pager and --library`() throws {
    for command in commands where command.subcommands?.isEmpty ?? true {
      let options = Set((command.arguments ?? []).map(\.title))
      #expect(
        options.isSuperset(of: ["--quiet", "--color", "--no-pager", "--library"]),
        "\(command.words)")
    }
  }
}
