internal import Glibc
internal import Gloss

/// Has a person edit a text in their own editor.
enum Editor {
  /// Opens the editor on `text` and gives what it leaves to `commit`.
  ///
  /// The file is readable by its owner only, and is removed afterwards, except where `commit` fails: then what the person
  /// wrote stays in it and the hint says where.
  static func edit<T>(
    _ text: String, named name: String, commit: (String) throws -> T
  ) throws -> T {
    guard let editor = command else {
      throw Failure(
        .usage, "there is no editor", hint: "set EDITOR, or give the text on the command line")
    }
    let folder = try temporaryFolder()
    let path = folder + "/" + name
    try write(text, to: path)
    func remove() {
      unlink(path)
      rmdir(folder)
    }
    try run(editor, path)
    let edited: String
    do {
      edited = try ImportedText.decode(try File.read(path)[...]).droppingLastLineEnd
    } catch {
      throw kept(error, path)
    }
    guard !edited.allSatisfy(\.isWhitespace) else {
      remove()
      throw Failure(
        .nothingWritten, "the editor left nothing: nothing was changed",
        hint: "save the text in the editor before it ends")
    }
    do {
      let result = try commit(edited)
      remove()
      return result
    } catch {
      throw kept(error, path)
    }
  }

  /// What the person edits with: what they say, or on a terminal what there is.
  private static var command: String? {
    if let wanted = Surroundings.variable("VISUAL") ?? Surroundings.variable("EDITOR") {
      return wanted
    }
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return nil }
    return ["sensible-editor", "nano", "vi"].first(where: Surroundings.hasProgram)
  }

  private static func kept(_ error: any Error, _ path: String) -> any Error {
    Failure(error)?.hinting("what you wrote is kept in \(path)") ?? error
  }

  /// Writes a text to a new file that only its owner can read.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Failure(
        .inputOutput, "\(path) could not be made: \(String(cString: strerror(errno)))",
        hint: "set TMPDIR to a folder that may be written to")
    }
    defer { close(descriptor) }
    try File.write(Array(text.utf8), descriptor: descriptor, path: path)
  }

  /// Makes a folder that only its owner can read.
  static func temporaryFolder() throws -> String {
    let base = Surroundings.variable("TMPDIR") ?? "/tmp"
    var template = Array((base + "/gloss-XXXXXX").utf8CString)
    guard let folder = mkdtemp(&template) else {
      throw Failure(
        .inputOutput, "no temporary folder in \(base): \(String(cString: strerror(errno)))",
        hint: "set TMPDIR to a folder that may be written to")
    }
    return String(cString: folder)
  }

  /// Runs the editor, which may be a command with arguments, as a shell does.
  private static func run(_ editor: String, _ path: String) throws {
    guard try shell(editor + " \"$1\"", arguments: [path]) == 0 else {
      throw Failure(
        .nothingWritten, "the editor ended with a failure: nothing was changed",
        hint: "what you wrote is kept in \(path)")
    }
  }

  /// Runs a command of the person's as a shell does, and returns the status that it ends with.
  ///
  /// - Parameters:
  ///   - arguments: What the command finds as `$1` and so on.
  ///   - variables: What it finds in its environment, beside this program's.
  static func shell(
    _ command: String, arguments: [String] = [], variables: [String: String] = [:]
  ) throws -> Int32 {
    Output.flush()
    for (name, value) in variables { setenv(name, value, 1) }
    defer { for name in variables.keys { unsetenv(name) } }
    let words = ["/bin/sh", "-c", command, "gloss"] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var process: pid_t = 0
    ProgressBar.clear()
    guard posix_spawn(&process, "/bin/sh", nil, nil, &pointers, environ) == 0 else {
      throw Failure(
        .inputOutput, "/bin/sh could not be started", hint: "it has to be there to run an editor")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
