import Foundation
import GlossCommandTesting
import Testing

/// Texts that were left on the hub.
@Suite struct LazyTextTests {
  private static let text = "Every reader writes in the margin, and few have written there."

  /// A machine with an article whose text is on the hub alone, the article's name, and the one that it came from.
  private func lazyMachine(_ hub: HubProcess) throws -> (lap: Machine, id: String, desk: Machine) {
    let desk = try Machine.ready()
    let id = try desk.name("add", try desk.file("a.md", Self.text), "--title", "Margins")
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    #expect(try desk.gloss("sync").status == 0)
    let lap = try Machine("lap")
    #expect(
      try lap.gloss("join", "--name", "lap", input: try desk.gloss("pair").output).status == 0)
    let outcome = try lap.gloss("sync", "--lazy-text")
    #expect(outcome.status == 0 && outcome.output.hasPrefix("received 3 changes"), "\(outcome)")
    #expect(
      outcome.messages
        == "1 text stays on the hub: gloss show ID --text fetches one, gloss sync all\n")
    return (lap, id, desk)
  }

  @Test func `a text stays on the hub until somebody shows it`() throws {
    let hub = try HubProcess()
    let (lap, id, _) = try lazyMachine(hub)
    #expect(try lap.gloss("status").output.contains("missing     1 text, not on this machine"))
    #expect(
      try lap.gloss("show", id).output.contains(
        "text        not on this machine (gloss show \(id) --text)\n"))
    let shown = try lap.gloss("show", id, "--text")
    #expect(shown.status == 0 && shown.output.hasSuffix("\n\n\(Self.text)\n"), "\(shown)")
    #expect(try !lap.gloss("show", id).output.contains("not on this machine"))
    #expect(try !lap.gloss("status").output.contains("missing"))
    let json = try lap.gloss("sync", "--json").output
    #expect(json.contains(#""requests":1,"#) && json.contains(#""textsMissing":0"#), "\(json)")
  }

  @Test func `a sync without the flag fetches what was left`() throws {
    let hub = try HubProcess()
    let (lap, id, _) = try lazyMachine(hub)
    let json = try lap.gloss("sync", "--json").output
    #expect(json.contains(#""textsReceived":1,"textsSent":0,"textsMissing":0"#), "\(json)")
    hub.terminate()
    _ = hub.exitStatus()
    #expect(try lap.gloss("show", id, "--text").output.hasSuffix("\(Self.text)\n"))
  }

  @Test func `quoting fetches the text that it quotes from`() throws {
    let hub = try HubProcess()
    let (lap, id, _) = try lazyMachine(hub)
    #expect(try lap.gloss("highlight", id, "few have written").status == 0)
  }

  /// A machine on which an article's text has two values, of which another machine's and the one before both are on the hub alone.
  private func conflictedMachine(_ hub: HubProcess) throws -> (lap: Machine, id: String) {
    let url = "https://example.org/essay"
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    let text = words.joined(separator: " ")
    func add(_ text: String, on machine: Machine) throws -> String {
      try machine.name("add", try machine.file("a.md", "# Numbers\n\n\(text)\n"), "--url", url)
    }
    let desk = try Machine.ready()
    let id = try add(text, on: desk)
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    #expect(try desk.gloss("sync").status == 0)
    let lap = try Machine("lap")
    #expect(
      try lap.gloss("join", "--name", "lap", input: try desk.gloss("pair").output).status == 0)
    #expect(try lap.gloss("sync", "--lazy-text").status == 0)
    _ = try add(text.replacing("two", with: "TWO"), on: desk)
    #expect(try desk.gloss("sync").status == 0)
    _ = try add(text.replacing("nine", with: "NINE"), on: lap)
    #expect(try lap.gloss("sync", "--lazy-text").status == 0)
    #expect(try lap.gloss("conflicts").output.contains("text"))
    return (lap, id)
  }

  @Test func `resolving fetches the sides of a conflict and what they were made from`() throws {
    let hub = try HubProcess()
    let (lap, id) = try conflictedMachine(hub)
    #expect(try lap.gloss("status").output.contains("missing     2 texts"))
    let merged = "# Numbers\n\none TWO three four five six seven eight NINE ten\n"
    let tried = try lap.gloss("resolve", id, "--merge", "--dry-run")
    #expect(tried.status == 0 && tried.output == merged, "\(tried)")
    #expect(try lap.gloss("conflicts").output.contains("text"))
    #expect(try lap.gloss("resolve", id, "--merge").status == 0)
    #expect(try lap.gloss("show", id, "--text").output.hasSuffix(merged))
    #expect(try lap.gloss("conflicts").output == "")
  }

  @Test func `a conflict of texts that cannot be fetched can be settled by choosing`() throws {
    let hub = try HubProcess()
    let (lap, id) = try conflictedMachine(hub)
    hub.terminate()
    _ = hub.exitStatus()
    let before = lap.libraryBytes
    for words in [["--merge"], ["--keep", "both"], ["--merge", "--dry-run"], ["--edit"]] {
      let outcome = try lap.run(
        Machine.executable("gloss"), ["resolve", id] + words,
        environment: ["GLOSS_LIBRARY": lap.libraryPath])
      #expect(outcome.status == 69, "\(words): \(outcome)")
      #expect(
        outcome.messages.hasPrefix(
          "gloss: 2 texts are not on this machine, and the hub was not reached: "), "\(outcome)")
      #expect(lap.libraryBytes == before)
    }
    let asked = try Screen().gloss("resolve", id, on: lap, typing: [.init(to: "keep ", "1\n")])
    #expect(asked.status == 0, "\(asked)")
    #expect(asked.plain.contains("2 texts are not on this machine, and the hub was not reached"))
    #expect(try lap.gloss("conflicts").output == "")
    #expect(try lap.gloss("show", id, "--text").output.contains("NINE"))
  }

  @Test func `where the hub is not reached, that is said, and all else is shown`() throws {
    let hub = try HubProcess()
    let (lap, id, _) = try lazyMachine(hub)
    hub.terminate()
    _ = hub.exitStatus()
    for arguments in [["show", id, "--text"], ["highlight", id, "few"]] {
      let outcome = try lap.run(
        Machine.executable("gloss"), arguments, environment: ["GLOSS_LIBRARY": lap.libraryPath])
      #expect(outcome.status == 69, "\(outcome)")
      #expect(
        outcome.messages.hasPrefix(
          "gloss: the article's text is not on this machine, and the hub was not reached: "))
      #expect(outcome.messages.contains("\nhint: gloss sync fetches all texts"))
      #expect(outcome.output == "")
    }
    #expect(try lap.gloss("show", id).output.contains("title       Margins\n"))
  }

  @Test func `a text that the hub does not have is said to be missing`() throws {
    let hub = try HubProcess()
    let (lap, id, desk) = try lazyMachine(hub)
    // The hub is lost, and who fills it again does not have the text.
    try hub.restart { try FileManager.default.removeItem(atPath: $0) }
    #expect(try lap.gloss("hub", "connect", "--again", hub.address).status == 0)
    let outcome = try lap.gloss("sync")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      outcome.messages
        == "1 text is not on the hub yet: gloss sync on the machine that has it sends it\n")
    let shown = try lap.gloss("show", id, "--text")
    #expect(shown.status == 1 && shown.messages.contains("not on the hub yet"), "\(shown)")
    #expect(try desk.gloss("join", input: try lap.gloss("pair").output).status == 0)
    #expect(try desk.gloss("sync").status == 0)
    #expect(try lap.gloss("show", id, "--text").output.hasSuffix("\(Self.text)\n"))
  }
}
