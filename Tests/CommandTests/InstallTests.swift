import Foundation
import GlossCommandTesting
import Testing

/// `make install`: the programs, their manual pages, completions and units, made from the programs that were just built.
@Suite struct InstallTests {
  private static let project = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// Installs what is built below a folder of the machine.
  private func installed(on machine: Machine) throws -> String {
    let built = URL(filePath: try Machine.executable("gloss")).deletingLastPathComponent().path
    let root = machine.folder + "/root"
    let made = try machine.run(
      "/usr/bin/make",
      [
        "-s", "-C", Self.project, "install", "packages=", "BUILT=" + built, "DESTDIR=" + root,
        "PREFIX=/usr",
      ])
    #expect(made.status == 0, "\(made)")
    return root + "/usr"
  }

  private func paths(below folder: String) -> Set<String> {
    Set(FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
  }

  @Test func `everything is where the system looks for it, and nothing is anywhere else`() throws {
    let machine = try Machine()
    let prefix = try installed(on: machine)
    let found = paths(below: prefix)
    #expect(
      found.isSuperset(of: [
        "bin/gloss", "bin/gloss-hub", "share/man/man1/gloss.1", "share/man/man1/gloss-sync.1",
        "share/man/man1/gloss-hub.1", "share/man/man1/gloss-hub-serve.1",
        "share/man/man1/gloss-hub-connect.1", "share/bash-completion/completions/gloss",
        "share/zsh/site-functions/_gloss", "share/fish/vendor_completions.d/gloss.fish",
        "lib/systemd/user/gloss-sync.service", "lib/systemd/system/gloss-hub.service",
      ]))
    #expect(paths(below: machine.folder + "/root").allSatisfy { $0.hasPrefix("usr") })
    let commands = try CommandDescription.of("gloss", on: machine).all
    for command in commands where command.words != ["gloss", "hub"] {
      let name = command.words.joined(separator: "-")
      #expect(found.contains("share/man/man1/\(name).1"), "\(name)")
    }
    let version = try machine.run(prefix + "/bin/gloss", ["--help"])
    #expect(version.status == 0)
    for unit in ["user/gloss-sync.service", "system/gloss-hub.service"] {
      let text = try String(contentsOfFile: prefix + "/lib/systemd/" + unit, encoding: .utf8)
      #expect(text.contains("\nExecStart=/usr/bin/gloss"))
    }
  }

  @Test(.enabled(if: Programs.has("mandoc")))
  func `mandoc finds nothing wrong with the manual pages`() throws {
    let machine = try Machine()
    let folder = try installed(on: machine) + "/share/man/man1"
    let pages = paths(below: folder).sorted().map { folder + "/" + $0 }
    #expect(pages.count > 30)
    let found = try machine.run("/usr/bin/mandoc", ["-T", "lint", "-W", "warning"] + pages)
    #expect(found.status == 0)
    #expect(found.output == "")
  }

  /// What stood in two columns beside each other was once run together: `lang:en   colour:green the language`.
  @Test(.enabled(if: Programs.has("mandoc")))
  func `what is a table in help is one in a manual page`() throws {
    let machine = try Machine()
    let folder = try installed(on: machine) + "/share/man/man1"
    /// The lines of a text, each as what stands in its columns.
    func rows(_ text: some StringProtocol) -> [[String]] {
      text.split(separator: "\n").map { line in
        String(line).split(separator: #/ {2,}/#).map(String.init)
      }
    }
    var count = 0
    for command in try CommandDescription.of("gloss", on: machine).all {
      let tables = rows(command.discussion ?? "").filter { $0.count > 1 }
      guard !tables.isEmpty else { continue }
      let path = folder + "/" + command.words.joined(separator: "-") + ".1"
      let page = try machine.run("/usr/bin/mandoc", ["-T", "ascii", "-O", "width=160", path])
      let shown = rows(page.output.replacing(#/.\u{8}/#, with: ""))
      for row in tables {
        count += 1
        let isShown = shown.contains { line in
          guard line.count == row.count, let last = line.last, let end = row.last else {
            return false
          }
          return line.dropLast() == row.dropLast() && last.hasPrefix(end)
        }
        #expect(isShown, "\(command.words): \(row)")
      }
    }
    #expect(count > 20)
  }

  @Test(.enabled(if: Programs.has("groff")))
  func `groff shows the manual pages without a complaint`() throws {
    let machine = try Machine()
    let folder = try installed(on: machine) + "/share/man/man1"
    for page in paths(below: folder).sorted() {
      let shown = try machine.run(
        "/usr/bin/groff", ["-mandoc", "-Tutf8", "-ww", "-P-c", folder + "/" + page])
      #expect(shown.status == 0)
      #expect(shown.messages == "", "\(page)")
    }
    let page = try machine.run(
      "/usr/bin/groff", ["-mandoc", "-Tascii", "-P-cbou", folder + "/gloss.1"])
    #expect(page.output.contains("\nEXIT STATUS\n"))
    #expect(page.output.contains("\n           gloss init\n"))
  }
}

/// Programs of the system that not every machine has.
enum Programs {
  static func has(_ name: String) -> Bool { path(name) != nil }

  static func path(_ name: String) -> String? {
    ["/usr/bin/", "/bin/"].map { $0 + name }.first(where: FileManager.default.isExecutableFile)
  }
}
