internal import ArgumentParser
internal import GlossCore

/// The command and its subcommands.
struct GlossCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gloss",
    abstract: "Articles, highlights and notes, on all your machines, with or without a network.",
    discussion: """
      A record is named by the first digits of its identifier, at least four, as
      lists show them.

      The library is the file of --library, or of GLOSS_LIBRARY, or
      $XDG_DATA_HOME/gloss/library.gloss. Where XDG_DATA_HOME is not set it is
      ~/.local/share.

      Data goes to standard output and everything else to standard error. Reading
      commands take --json: one JSON object on one line, with "version": 1.

      EXAMPLE
        gloss init
        gloss add essay.md --tag reading
        gloss highlight 3f2a "in the margin" --note "the name of this program"
        gloss list

      EXIT STATUS
        0   done
        1   no such record or quote, or more than one
        2   nothing was changed: the editor left nothing, the answer was no, or all
            that was to be undone was written since
        3   somebody has to decide: it stopped before it would have changed more than
            three records or deleted much of the library, a merge overlaps, or
            doctor found something
        64  the command line is wrong
        65  the input is wrong: not UTF-8, too large, not a library, not a code
        66  no such file or library
        69  the hub was not reached
        70  a fault: the library is damaged, or the hub's record contradicts it
        73  the library could not be created: it exists, or its folder does not
        74  reading or writing failed: the disk may be full
        75  busy: try again
        76  the reply was not of this protocol, or came cut short
        77  not allowed: the file is read-only, or the passphrase is wrong or
            missing, or the hub refuses the token or code
        78  a newer version of gloss is needed
      """,
    version: "gloss \(Software.version)",
    subcommands: [
      InitCommand.self, HubCommand.self, PairCommand.self, JoinCommand.self, AddCommand.self,
      HighlightCommand.self, NoteCommand.self, ListCommand.self, SearchCommand.self,
      QueryCommand.self, ShowCommand.self,
      EditCommand.self, TagCommand.self, DeleteCommand.self, UndeleteCommand.self,
      SyncCommand.self, DevicesCommand.self, StatusCommand.self, ConflictsCommand.self,
      ResolveCommand.self, HistoryCommand.self, LogCommand.self, DiffCommand.self,
      RevertCommand.self, BlameCommand.self, UndoCommand.self, OperationsCommand.self,
      ReviewCommand.self, PassphraseCommand.self,
      VerifyCommand.self, RepairCommand.self, DoctorCommand.self, CompactCommand.self,
      ExportCommand.self, ImportCommand.self, BackupCommand.self, RestoreCommand.self,
    ])

  @OptionGroup var library: LibraryOptions
}

/// Where the library is: taken before or after the subcommand's name, as is how to print.
struct LibraryOptions: ParsableArguments {
  @OptionGroup var terminal: TerminalOptions
  @Option(
    name: .customLong("library"), help: ArgumentHelp("The library's file.", valueName: "path"),
    completion: .file())
  var path: String?
}

/// How a reading command prints.
struct OutputOptions: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Print one JSON object.")
  var isJSON = false
}
