import GlossCommandTesting
import GlossCore
import Testing

@testable import gloss

/// What commands show at terminals of several widths.
@Suite struct WidthTests {
  private static let title =
    "A title of a hundred letters and more, which goes on and on, so that nobody reads it to its end"

  private func lines(_ arguments: String..., at columns: Int, on machine: Machine) throws
    -> [String]
  {
    let outcome = try Screen(columns: columns).run(arguments, on: machine)
    #expect(outcome.status == 0, "\(outcome)")
    let lines = outcome.plain.split(separator: "\n").map(String.init)
    for line in lines {
      #expect(Text.columns(line) <= columns, "\(arguments) at \(columns): \(line)")
      #expect(line.last != " ", "\(arguments) at \(columns): \(line)")
    }
    return lines
  }

  @Test(arguments: [40, 80, 160])
  func `a record's head is wrapped between words, and whole where it is read by a program`(
    columns: Int
  ) throws {
    let machine = try Machine.ready()
    let address = "https://example.org/" + String(repeating: "x", count: 70)
    let id = try machine.name(
      "add", address, "--title", Self.title, "--tag", "one", "--tag", "two words", "--tag",
      "余白に書かれた注釈は読者の声である")
    let shown = try lines("show", id, at: columns, on: machine)
    let values = shown.map { $0.dropFirst(12) }
    #expect(values.joined(separator: " ").contains(Self.title))
    #expect(values.joined().contains(address))
    #expect(try machine.gloss("show", id).output.contains("\ntitle       \(Self.title)\n"))
  }

  @Test(arguments: [40, 80, 160]) func `conflicts and what is said of them fit`(columns: Int) throws
  {
    let desk = try ConflictedMachine()
    let article = try desk.article(nil, url: "https://example.org/essay")
    try desk.write([.text(Self.title), .text("B")], into: "title", of: article)
    let listed = try lines("conflicts", at: columns, on: desk.machine)
    #expect(listed.joined(separator: " ").contains("gloss resolve c60a settles it"))
    let shown = try lines("conflicts", "show", article, at: columns, on: desk.machine)
    #expect(
      shown.joined(separator: " ").contains("before  nothing: they were written independently"))
  }

  @Test(arguments: [80, 160])
  func `who wrote a field stands below who wrote another one, in conflict or not`(columns: Int)
    throws
  {
    let desk = try ConflictedMachine()
    let note = try desk.note("one", "AAA", "BBB")
    let blamed = try lines("-q", "blame", note, at: columns, on: desk.machine)
    #expect(blamed.count == 4)
    let places = blamed.map { line in
      line.firstRange(of: /desk {2}\d/).map { line[..<$0.lowerBound].count }
    }
    #expect(Set(places).count == 1 && places[0] != nil, "\(blamed)")
    #expect(blamed.map { $0.contains("\"") } == [false, true, true, false])
    #expect(blamed[1].hasSuffix("  shown") && blamed[2].hasSuffix("  open"))
  }

  @Test func `where a terminal is narrow, who wrote a field stands on a line of its own`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("one", "AAA", "BBB")
    let blamed = try lines("-q", "blame", note, at: 40, on: desk.machine)
    let text = Outcome(status: 0, output: blamed.joined(separator: "\n"), messages: "").masked
    #expect(
      text.hasSuffix(
        """
          desk  MINUTE  CHANGE
        body        "BBB"
          desk  MINUTE  CHANGE  shown
                    "AAA"
          desk  MINUTE  CHANGE  open
        saved       MINUTE
          desk  MINUTE  CHANGE
        """), "\(text)")
  }

  @Test func `machines are listed on a line each, or on two where that is too wide`() throws {
    let hub = try HubProcess()
    try withExtendedLifetime(hub) {
      let desk = try Machine.ready()
      #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
      let code = try desk.gloss("pair").output
      let lap = try Machine("lap")
      let name = "the machine upstairs"
      #expect(try lap.gloss("join", "--name", name, input: code).status == 0)
      _ = try lap.name("add", "https://example.org/1")
      for machine in [desk, lap, desk] { #expect(try machine.gloss("sync").status == 0) }
      for columns in [40, 80, 160] {
        let devices = try lines("devices", at: columns, on: desk)
        #expect(devices.count == (columns == 160 ? 2 : columns == 80 ? 4 : 6), "\(devices)")
        #expect(devices.joined(separator: " ").contains("(this machine)"))
        let status = try lines("status", at: columns, on: desk)
        #expect(status.contains { $0.hasPrefix(name) })
      }
      #expect(try desk.gloss("devices").output.split(separator: "\n").count == 2)
    }
  }
}
