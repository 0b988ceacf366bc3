import Foundation
import Glibc
import GlossCommandTesting
import Testing

/// What the commands say and leave when something is wrong: a message, a hint, an exit code, and the library as it was.
@Suite struct BadInputTests {
  private func machine() throws -> (Machine, article: String) {
    let machine = try Machine.ready()
    let path = try machine.file("a.txt", "one two one\ntwo")
    return (machine, try machine.name("add", path))
  }

  /// Runs a command that has to fail and checks all of that.
  private func expect(
    _ machine: Machine, _ arguments: [String], status: Int32, says: String, hint: String? = nil,
    input: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = machine.libraryBytes
    let outcome = try machine.run(
      Machine.executable("gloss"), arguments, input: input,
      environment: ["GLOSS_LIBRARY": machine.libraryPath])
    #expect(outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(outcome.messages.hasPrefix("gloss: "), sourceLocation: sourceLocation)
    #expect(outcome.messages.contains(says), "\(outcome)", sourceLocation: sourceLocation)
    if let hint {
      #expect(
        outcome.messages.contains("\nhint: \(hint)"), "\(outcome)", sourceLocation: sourceLocation)
    }
    #expect(machine.libraryBytes == before, sourceLocation: sourceLocation)
  }

  @Test func `a command line that is wrong`() throws {
    let (machine, article) = try machine()
    for arguments in [
      ["frob"], ["show"], ["list", "--kind", "x"], ["list", "--limit=-1"], ["tag", article],
      ["tag", article, "x"], ["resolve", article], ["edit", article, "--body", "x"],
      ["edit", article, "--state", "x"], ["show", article, "--at", "soon"],
    ] {
      try expect(machine, arguments, status: 64, says: "gloss: ", hint: "")
    }
  }

  @Test func `text that begins with a hyphen is told from an option, with what helps`() throws {
    let (machine, article) = try machine()
    try expect(
      machine, ["note", article, "- item"], status: 64, says: "Unknown option '- item'",
      hint: "gloss help COMMAND lists the options; text that begins with a hyphen stands behind --")
    try expect(
      machine, ["edit", article, "--title", "-x"], status: 64, says: "Missing value for '--title",
      hint: "a value that begins with a hyphen stands behind an equals sign: --title='- item'")
    try expect(machine, ["query", "save", "-foo", "is:unread"], status: 64, says: "Missing")
    #expect(try machine.gloss("note", article, "--", "- item").status == 0)
    #expect(try machine.gloss("edit", article, "--title=- x").status == 0)
  }

  @Test func `a message repeats no more of an argument than fits a line`() throws {
    let (machine, article) = try machine()
    for long in [String(repeating: "x", count: 3_000), String(repeating: "and ", count: 900)] {
      for arguments in [
        [long], ["show", long], ["add", long], ["list", "--kind=" + long], ["list", "--" + long],
        ["list", "--limit", long], ["note", article, "n", long], ["tag", article, long],
        ["highlight", article, long], ["edit", article, "--url", long], ["diff", article, long],
        ["edit", article, "--date", long], ["tag", article, "+" + long], ["show", "--at", long],
        ["conflicts", "show", article, "--field", long], ["backup", long], ["log", "--by", long],
        ["list", "--library", long], ["query", "save", long, "x"], ["undo", long],
      ] {
        let outcome = try machine.run(
          Machine.executable("gloss"), arguments,
          environment: ["GLOSS_LIBRARY": machine.libraryPath])
        #expect(outcome.status != 0)
        for line in outcome.messages.split(separator: "\n") {
          #expect(line.count < 260, "\(arguments.map { $0.prefix(20) }): \(line.count)")
        }
      }
      #expect(try machine.gloss("show", long).messages.contains("\(long.prefix(50))"))
    }
  }

  @Test func `a library that is missing`() throws {
    let machine = try Machine()
    try expect(
      machine, ["list"], status: 66, says: "there is no library at", hint: "gloss init makes one")
    #expect(!FileManager.default.fileExists(atPath: machine.libraryPath))
  }

  @Test func `a file that is no library`() throws {
    let machine = try Machine()
    _ = try machine.file("library.gloss", String(repeating: "not a library\n", count: 200))
    try expect(
      machine, ["list"], status: 65, says: "is not a gloss library", hint: "check --library")
    try expect(machine, ["add", "-"], status: 65, says: "is not a gloss library", input: "x")
  }

  @Test func `a library written by a newer version`() throws {
    let (machine, _) = try machine()
    var bytes = try #require(machine.libraryBytes[0])
    // SQLite's user_version is at byte 60, big-endian.
    bytes.replaceSubrange(60..<64, with: [0, 0, 3, 0xE7])
    try bytes.write(to: URL(filePath: machine.libraryPath))
    try expect(
      machine, ["list"], status: 78, says: "written by a newer gloss (format 999",
      hint: "update gloss")
    try expect(machine, ["add", "-"], status: 78, says: "newer gloss", input: "x")
  }

  @Test func `a library that another process is writing to`() throws {
    let (machine, article) = try machine()
    let lock = open(machine.libraryPath + "-lock", O_RDWR)
    defer { close(lock) }
    try #require(flock(lock, LOCK_EX) == 0)
    #expect(try machine.gloss("list").status == 0)
    try expect(
      machine, ["edit", article, "--title", "x"], status: 75, says: "in use by another program",
      hint: "try again")
  }

  @Test(.enabled(if: geteuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0))
  func `a library that may not be written to`() throws {
    let (machine, article) = try machine()
    chmod(machine.libraryPath, 0o444)
    chmod(machine.libraryPath + "-lock", 0o444)
    chmod(machine.folder, 0o555)
    defer { chmod(machine.folder, 0o755) }
    let before = machine.libraryBytes
    let gloss = try Machine.executable("gloss")
    let arguments = ["--library", machine.libraryPath, "edit", article, "--title", "x"]
    // The superuser may write anywhere, so it runs the command as somebody else.
    let process = Process()
    let isRoot = geteuid() == 0
    process.executableURL = URL(filePath: isRoot ? "/usr/bin/setpriv" : gloss)
    process.arguments =
      (isRoot ? ["--reuid=65534", "--regid=65534", "--clear-groups", gloss] : []) + arguments
    let messages = Pipe()
    process.standardError = messages
    try process.run()
    let text = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 77)
    #expect(text.contains("may not be written to\nhint: check the permissions"))
    #expect(machine.libraryBytes == before)
  }

  @Test func `a quote that is not in the text, and one that is there twice`() throws {
    let (machine, article) = try machine()
    try expect(
      machine, ["highlight", article, "three"], status: 1, says: "the text does not have “three”",
      hint: "gloss show ARTICLE --text")
    try expect(
      machine, ["highlight", article, "one"], status: 1,
      says: """
        the text has the quote 2 times
          1  line 1: [one] two one
          2  line 1: one two [one]
        """, hint: "quote more")
    try expect(machine, ["highlight", article, " "], status: 65, says: "the quote is empty")
    try expect(
      machine, ["highlight", article, "one", "--occurrence", "3"], status: 1,
      says: "no occurrence 3")
    #expect(try machine.gloss("highlight", article, "one", "--occurrence", "2").status == 0)
    let known = try machine.name("add", "https://example.org/")
    try expect(
      machine, ["highlight", known, "x"], status: 1, says: "has no text", hint: "save the page")
  }

  @Test func `a name that no record has, or several`() throws {
    let (machine, article) = try machine()
    try expect(machine, ["show", "zzzz"], status: 64, says: "zzzz is not the name of a record")
    try expect(machine, ["show", "123"], status: 64, says: "123 is not the name of a record")
    let other = (article.first == "0" ? "1" : "0") + article.dropFirst()
    try expect(machine, ["show", other], status: 1, says: "no record's name begins with \(other)")
    try expect(
      machine, ["delete", article, other], status: 1, says: "no record's name begins with")
    try expect(
      machine, ["highlight", try machine.name("note", article, "n"), "one"], status: 1,
      says: "is a note, not an article")
  }

  @Test func `an ambiguous name lists the candidates with their titles`() throws {
    let machine = try Machine.ready()
    // The SHA-256 of these two addresses begins with the same 16 bits.
    let (first, second, prefix) = try collision(machine)
    #expect(try machine.name("add", first, "--title", "First").count == 4)
    _ = try machine.name("add", second, "--title", "Second")
    let outcome = try machine.gloss("show", prefix)
    #expect(outcome.status == 1)
    #expect(outcome.messages.hasPrefix("gloss: \(prefix) names more than one record\n  \(prefix)"))
    #expect(outcome.messages.contains("article    First\n"))
    #expect(outcome.messages.contains("article    Second\n"))
    #expect(outcome.messages.hasSuffix("hint: give more digits\n"))
    for line in try machine.gloss("list").output.split(separator: "\n") {
      let name = String(line.prefix { $0 != " " })
      #expect(name.count > 4)
      #expect(try machine.gloss("show", name).status == 0)
    }
  }

  @Test func `text that is not UTF-8, or has a NUL, or is too long`() throws {
    let (machine, article) = try machine()
    let latin = try machine.file("latin.txt", [0x63, 0x61, 0x66, 0xE9])
    try expect(machine, ["add", latin], status: 65, says: "not UTF-8: byte 3", hint: "convert it")
    let binary = try machine.file("binary.txt", [0x61, 0])
    try expect(machine, ["add", binary], status: 65, says: "has a NUL at byte 1")
    let large = try machine.file("large.txt", String(repeating: "a", count: 8 * 1_024 * 1_024 + 1))
    try expect(
      machine, ["add", large], status: 65, says: "over the limit of 8388608 bytes", hint: "split")
    let long = String(repeating: "a", count: 256 * 1_024 + 1)
    try expect(
      machine, ["note", article, "-"], status: 65,
      says: "body has 262145 bytes, over the limit of 262144",
      hint: "shorten it", input: long)
    try expect(machine, ["note", article, " "], status: 65, says: "the note is empty")
    try expect(
      machine, ["tag", article, "+ x"], status: 65, says: "cannot be a tag", hint: "a tag has")
    try expect(
      machine, ["edit", article, "--date", "2026-02-30"], status: 65, says: "is not a date")
    try expect(machine, ["add", machine.folder + "/none.txt"], status: 66, says: "No such file")
    try expect(machine, ["add", latin, "--url", "example.org"], status: 65, says: "gloss: ")
  }

  @Test func `a code that is none, is cut short, or has a mistake`() throws {
    let machine = try Machine("lap")
    try expect(
      machine, ["join"], status: 65, says: "not a pairing code", hint: "gloss pair", input: "hello")
    try expect(
      machine, ["join"], status: 65, says: "the end of the code is missing", input: "gloss1-aesl")
    #expect(!FileManager.default.fileExists(atPath: machine.libraryPath))
  }

  /// Two addresses whose articles' names begin with the same four digits.
  private func collision(_ machine: Machine) throws -> (String, String, String) {
    let addresses = (0..<2_000).map { "https://example.org/\($0)" }
    let script = "for i in $(seq 0 1999); do printf 'https://example.org/%s' $i | sha256sum; done"
    let lines = try machine.run("/bin/sh", ["-c", script]).output.split(separator: "\n")
    var seen: [Substring: Int] = [:]
    for (number, line) in lines.enumerated() {
      let prefix = line.prefix(4)
      if let other = seen[prefix] { return (addresses[other], addresses[number], String(prefix)) }
      seen[prefix] = number
    }
    throw CancellationError()
  }
}
