import Foundation
import GlossCommandTesting
import Testing

/// `gloss backup`, `gloss restore` and Examples/backup, with the real command.
@Suite struct BackupTests {
  private func machine() throws -> Machine {
    let machine = try Machine.ready()
    let path = try machine.file("essay.txt", "Every reader writes in the margin.\n")
    let id = try machine.name("add", path, "--title", "On marginalia")
    _ = try machine.name("highlight", id, "in the margin", "--note", "Really?")
    return machine
  }

  @Test func `a backup opens with the recovery code where nothing else is left`() throws {
    let desk = try machine()
    let backup = desk.folder + "/library.backup"
    let made = try desk.gloss("backup", backup)
    #expect(made.status == 0, "\(made)")
    #expect(
      made.messages.contains(#/^backed up 4 changes, 4 records, 1 text, all in order; \d+ KiB\n/#))
    #expect(made.messages.contains("gloss backup --recovery-code: keep that code elsewhere"))
    let code = try desk.gloss("backup", "--recovery-code")
    #expect(code.output.hasPrefix("glosskey1-"))
    let lap = try Machine("lap")
    let nothing = try lap.gloss("restore", backup)
    #expect(nothing.status == 77)
    #expect(
      nothing.messages.contains(
        "hint: --key-file FILE names a file with what gloss backup --recovery-code"))
    let wrong = try Machine.ready("other").gloss("backup", "--recovery-code").output
    let refused = try lap.gloss("restore", "--key-file", "-", backup, input: wrong)
    #expect(refused.status == 77 && refused.messages.contains("the code is of another library"))
    #expect(!FileManager.default.fileExists(atPath: lap.libraryPath))
    for path in [backup, try lap.file("todo", "buy milk\n")] {
      let none = try lap.gloss("restore", "--key-file", path, backup)
      #expect(none.status == 65)
      #expect(
        none.messages == """
          gloss: there is no recovery code in \(path)
          hint: gloss backup --recovery-code prints it on a machine that has the library; it begins with glosskey

          """)
    }
    let restored = try lap.gloss("restore", "--key-file", "-", backup, input: code.output)
    #expect(restored.status == 0, "\(restored)")
    #expect(restored.messages.contains("restored the backup of "))
    #expect(restored.messages.contains("this machine is desk 2 now\n"))
    #expect(try lap.gloss("list").masked == desk.gloss("list").masked)
    #expect(try lap.gloss("verify").status == 0)
  }

  @Test func `a machine with the library opens its backups without a question, anywhere`() throws {
    let desk = try machine()
    let backup = desk.folder + "/library.backup"
    #expect(try desk.gloss("backup", backup).status == 0)
    let look = try desk.gloss("restore", "--library", desk.folder + "/look.gloss", backup)
    #expect(look.status == 0, "\(look)")
    for force in [[], ["--force"]] {
      let refused = try desk.run(
        Machine.executable("gloss"), ["backup", desk.libraryPath] + force,
        environment: ["GLOSS_LIBRARY": desk.libraryPath])
      #expect(refused.status == 73 && refused.messages.contains("is the library itself"))
      #expect(!refused.messages.contains("--force"))
    }
    #expect(try desk.gloss("export", "--force", desk.libraryPath).status == 73)
    #expect(try desk.gloss("verify").status == 0)
  }

  @Test func `a passphrase opens what was backed up under it`() throws {
    let desk = try machine()
    #expect(try desk.gloss("passphrase", "set", input: "horse\n").status == 0)
    let backup = desk.folder + "/library.backup"
    let locked = try desk.gloss("backup", backup)
    #expect(locked.status == 77 && !FileManager.default.fileExists(atPath: backup))
    let environment = ["GLOSS_PASSPHRASE_FILE": try desk.file("passphrase", "horse\n")]
    #expect(try desk.gloss("backup", backup, environment: environment).status == 0)
    let lap = try Machine("lap")
    let wrong = ["GLOSS_PASSPHRASE_FILE": try desk.file("wrong", "cow\n")]
    #expect(try lap.gloss("restore", backup, environment: wrong).status == 77)
    #expect(try lap.gloss("restore", backup).status == 77)
    #expect(try lap.gloss("restore", backup, environment: environment).status == 0)
    #expect(try lap.gloss("list").masked == desk.gloss("list").masked)
  }

  @Test func `the library that is there opens its backups, and stays beside what replaces it`()
    throws
  {
    let desk = try machine()
    let backup = desk.folder + "/library.backup"
    #expect(try desk.gloss("backup", backup).status == 0)
    _ = try desk.name("add", "https://example.org/later", "--title", "Later")
    let refused = try desk.gloss("restore", backup)
    #expect(
      refused.status == 73 && refused.messages.contains("--replace keeps the one that is there"))
    let replaced = try desk.gloss("restore", "--replace", backup)
    #expect(replaced.status == 0, "\(replaced)")
    #expect(replaced.messages.contains("what was there is \(desk.libraryPath).before-restore\n"))
    #expect(try !desk.gloss("list").output.contains("Later"))
    let aside = try desk.gloss("--library", desk.libraryPath + ".before-restore", "list")
    #expect(aside.output.contains("Later") && aside.messages == "")
  }

  @Test func `what is restored syncs, and nothing of what came after the backup is lost`() throws {
    let hub = try HubProcess()
    let desk = try machine()
    desk.companion = hub
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    #expect(try desk.gloss("sync").status == 0)
    let backup = desk.folder + "/library.backup"
    _ = try desk.name("add", "https://example.org/unsent", "--title", "Unsent then")
    #expect(try desk.gloss("backup", backup).status == 0)
    _ = try desk.name("add", "https://example.org/later", "--title", "Later")
    #expect(try desk.gloss("sync").status == 0)
    #expect(try desk.gloss("restore", "--replace", backup).status == 0)
    _ = try desk.name("add", "https://example.org/after", "--title", "After the restore")
    let synced = try desk.gloss("sync")
    #expect(synced.status == 0, "\(synced)")
    let list = try desk.gloss("list").output
    for title in ["On marginalia", "Unsent then", "Later", "After the restore"] {
      #expect(list.contains(title), "\(title)")
    }
    #expect(try desk.gloss("verify", "--hub").status == 0)
    #expect(try desk.gloss("conflicts").output == "")
  }

  @Test func `a damaged backup restores nothing`() throws {
    let desk = try machine()
    let path = desk.folder + "/library.backup"
    #expect(try desk.gloss("backup", path).status == 0)
    let whole = try Data(contentsOf: URL(filePath: path))
    let before = desk.libraryBytes
    for (number, damaged) in [
      whole.prefix(whole.count - 1), whole.prefix(100), Data("no backup".utf8),
      whole.prefix(200) + Data([whole[200] ^ 1]) + whole.suffix(from: 201),
    ].enumerated() {
      let file = try desk.file("damaged-\(number)", damaged)
      let refused = try desk.gloss("restore", "--replace", file)
      #expect(refused.status == 65, "\(number): \(refused)")
      #expect(desk.libraryBytes == before)
    }
  }

  @Test func `one that is not sealed says so, and goes through a pipe too`() throws {
    let desk = try machine()
    let plain = desk.folder + "/plain.backup"
    let made = try desk.gloss("backup", "--plain", plain)
    #expect(made.messages.contains("KiB, not sealed\nhint: it has the library's key, too"))
    let lap = try Machine("lap")
    #expect(try lap.gloss("restore", plain).status == 0)
    #expect(try lap.gloss("list").masked == desk.gloss("list").masked)
    let other = try Machine("other")
    let shell = try desk.run(
      "/bin/sh",
      [
        "-c",
        "\"$1\" backup - 2>/dev/null >piped && \"$1\" --library \"$2\" restore --key-file code - <piped",
        "sh",
        Machine.executable("gloss"), other.libraryPath,
      ],
      environment: [
        "GLOSS_LIBRARY": desk.libraryPath
      ])
    #expect(shell.status == 66, "there is no such code: \(shell)")
    _ = try desk.file("code", try desk.gloss("backup", "--recovery-code").output)
    let piped = try desk.run(
      "/bin/sh",
      [
        "-c", "\"$1\" --library \"$2\" restore --key-file code - <piped", "sh",
        Machine.executable("gloss"), other.libraryPath,
      ])
    #expect(piped.status == 0, "\(piped)")
    #expect(try other.gloss("list").masked == desk.gloss("list").masked)
  }

  // MARK: Examples/backup

  private var examples: String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/backup").standardizedFileURL.path
  }

  private func path() throws -> String {
    let executable = try Machine.executable("gloss")
    return URL(filePath: executable).deletingLastPathComponent().path + ":/usr/bin:/bin"
  }

  @Test func `the script keeps the last ones, and touches nothing else`() throws {
    let desk = try machine()
    let folder = desk.folder + "/backups"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let foreign = ["library-20200101T000000Z.backup.txt", "library-mine.backup", "notes"]
    let old = (1...4).map { "library-2020010\($0)T000000Z.backup" }
    for name in foreign + old { try Data().write(to: URL(filePath: folder + "/" + name)) }
    let environment = ["PATH": try path(), "GLOSS_LIBRARY": desk.libraryPath]
    let outcome = try desk.run(examples + "/gloss-backup", [folder, "3"], environment: environment)
    #expect(outcome.status == 0, "\(outcome)")
    let made = try #require(outcome.output.split(separator: "/").last?.dropLast())
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(left) == Set(foreign + old.suffix(2) + [String(made)]))
    let failing = environment.merging(["GLOSS_LIBRARY": desk.folder + "/nowhere"]) { $1 }
    let failed = try desk.run(examples + "/gloss-backup", [folder, "1"], environment: failing)
    #expect(failed.status == 66)
    #expect(Set(try FileManager.default.contentsOfDirectory(atPath: folder)) == Set(left))
    #expect(
      try desk.run(examples + "/gloss-backup", [folder, "0"], environment: environment).status == 64
    )
  }

  @Test func `the units are units`() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze") else { return }
    let desk = try Machine()
    let verified = try desk.run(
      "/usr/bin/systemd-analyze",
      ["verify", "--man=no", examples + "/gloss-backup.timer"])
    #expect(!verified.messages.contains("Unknown"), "\(verified)")
  }

  @Test func `the digest prints what is new, once`() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/jq") else { return }
    let desk = try machine()
    let cursor = desk.folder + "/cursor"
    let environment = ["PATH": try path(), "GLOSS_LIBRARY": desk.libraryPath]
    let first = try desk.run(examples + "/gloss-digest", [cursor], environment: environment)
    #expect(first.status == 0, "\(first)")
    #expect(first.output == "\n## On marginalia\n\n> in the margin\n\nReally?\n")
    #expect(
      try desk.run(examples + "/gloss-digest", [cursor], environment: environment).output == "")
    let id = try desk.name("list")
    _ = try desk.gloss("note", id, "Two\nlines")
    let second = try desk.run(examples + "/gloss-digest", [cursor], environment: environment)
    #expect(second.output == "\n## On marginalia\n\nTwo\nlines\n")
  }
}
