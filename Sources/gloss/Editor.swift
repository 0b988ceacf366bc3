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
    guard let editor = Surroundings.variable("VISUAL") ?? Surroundings.variable("EDITOR") else {
      throw Failure(
        .usage, "there is no editor", hint: "set EDITOR, or give the text on the command line")
    }
    let folder = try temporaryFolder()
    let path = folder + "/" + name
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(.inputOutput, "\(path) could not be made") }
    try File.write(Array(text.utf8), descriptor: descriptor, path: path)
    close(descriptor)
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
      throw Failure(.nothingWritten, "the editor left nothing: nothing was changed")
    }
    do {
      let result = try commit(edited)
      remove()
      return result
    } catch {
      throw kept(error, path)
    }
  }

  private static func kept(_ error: any Error, _ path: String) -> any Error {
    Failure(error)?.hinting("what you wrote is kept in \(path)") ?? error
  }

  private static func temporaryFolder() throws -> String {
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
    let arguments = ["/bin/sh", "-c", editor + " \"$1\"", "gloss", path]
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var process: pid_t = 0
    guard posix_spawn(&process, "/bin/sh", nil, nil, &pointers, environ) == 0 else {
      throw Failure(.inputOutput, "the editor could not be started")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else {
      throw Failure(
        .nothingWritten, "the editor ended with a failure: nothing was changed",
        hint: "what you wrote is kept in \(path)")
    }
  }
}
