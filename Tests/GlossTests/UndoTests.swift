import Gloss
import GlossCore
import GlossStore
import GlossTesting
import Testing

/// What taking back the last command does, and what it leaves alone.
@Suite struct UndoTests {
  /// A library on which each `doing` is an operation a second after the one before.
  private final class Desk {
    let shelf: Shelf
    let library: Library

    init(_ shelf: Shelf, _ library: Library) {
      self.shelf = shelf
      self.library = library
    }

    convenience init() throws {
      let shelf = try Shelf()
      self.init(shelf, try shelf.library("desk"))
    }

    @discardableResult
    func doing<T>(_ words: String, _ body: (Library) throws -> T) throws -> T {
      shelf.clock.advance()
      library.beginOperation(words)
      defer { library.endOperation() }
      return try body(library)
    }

    func edit(_ id: RecordID, _ change: (inout Article) -> Void) throws {
      try doing("edit") { library in
        var article = try #require(try library.article(id))
        change(&article)
        try library.save(article)
      }
    }

    /// Takes back the last operation, as one of its own, and returns what came of it.
    @discardableResult
    func undo(_ number: Int64? = nil) throws -> [UndoStep.Outcome] {
      let last = try #require(try library.operations(limit: 1).first).number
      return try doing("undo") { try $0.undo(number ?? last).map(\.outcome) }
    }

    func title(_ id: RecordID) throws -> String? { try library.article(id)?.title }

    func isDeleted(_ id: RecordID) throws -> Bool? { try library.article(id)?.isDeleted }
  }

  private func twoDesks() async throws -> (Desk, Desk, RecordID) {
    let desk = try Desk()
    try await desk.library.connect(to: "http://hub", over: desk.shelf.transport)
    let article = try desk.doing("add") { try $0.addArticle("One", tags: ["a"]) }
    try await desk.shelf.sync(desk.library)
    let lap = Desk(desk.shelf, try await desk.shelf.copy(of: desk.library, as: "lap"))
    try await desk.shelf.sync(lap.library, desk.library)
    return (desk, lap, article.id)
  }

  // MARK: - What comes back

  @Test func `an edit is taken back, and taking that back makes it again`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    try desk.edit(id) { ($0.title, $0.state, $0.author) = ("Two", .read, "A. Reader") }
    #expect(
      try desk.undo() == [.restored(.null), .restored(.integer(0)), .restored(.text("One"))])
    var article = try #require(try desk.library.article(id))
    #expect(article.title == "One")
    #expect(article.state == .unread)
    #expect(article.author == nil)
    try desk.undo()
    article = try #require(try desk.library.article(id))
    #expect(article.title == "Two")
    #expect(article.state == .read)
    #expect(article.author == "A. Reader")
    #expect(try desk.library.operations().map(\.undone) == [3, 2, nil, nil])
  }

  @Test func `several edits of one command come back to what was before the first`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    try desk.doing("twice") { library in
      for title in ["Two", "Three"] {
        var article = try #require(try library.article(id))
        article.title = title
        try library.save(article)
      }
    }
    #expect(try desk.library.operations(limit: 1).map(\.changeCount) == [2])
    #expect(try desk.undo() == [.restored(.text("One"))])
    #expect(try desk.title(id) == "One")
  }

  @Test func `tags come back as a set`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One", tags: ["a", "b"]).id }
    try desk.doing("tag") { library in
      let item = Item.article(try #require(try library.article(id)))
      try library.tag(item, adding: ["c"], removing: ["a"])
    }
    try desk.undo()
    #expect(try desk.library.article(id)?.tags == ["a", "b"])
    try desk.undo()
    #expect(try desk.library.article(id)?.tags == ["b", "c"])
  }

  @Test func `what was added is deleted with all of it, and comes back`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    let made = try desk.doing("highlight") { try $0.highlight("margin", in: id, note: "n") }
    #expect(try desk.undo() == [.deleted, .deleted])
    #expect(try desk.library.highlights(of: id).isEmpty)
    #expect(try desk.library.notes(of: id).isEmpty)
    #expect(try desk.isDeleted(id) == false)
    #expect(try desk.undo() == [.undeleted, .undeleted])
    #expect(try desk.library.highlights(of: id).map(\.id) == [made.highlight])
    #expect(try desk.library.notes(of: id).map(\.id) == [made.note])
  }

  @Test func `a delete is taken back with all that went with it, and an undelete too`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    try desk.doing("highlight") { try $0.highlight("margin", in: id, note: "n") }
    try desk.doing("delete") { try $0.delete(.article(try #require(try $0.article(id)))) }
    #expect(try desk.undo() == [.undeleted, .undeleted, .undeleted])
    #expect(try desk.library.highlights(of: id).count == 1)
    try desk.undo()
    #expect(try desk.isDeleted(id) == true)
    #expect(try desk.library.highlights(of: id).isEmpty)
    try desk.doing("undelete") { try $0.undelete(.article(try #require(try $0.article(id)))) }
    #expect(try desk.library.notes(of: id).count == 1)
    #expect(try desk.undo() == [.deleted, .deleted, .deleted])
    #expect(try desk.isDeleted(id) == true)
    #expect(try desk.library.notes(of: id).isEmpty)
  }

  @Test func `commands can be taken back one after another, each though the next was`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    try desk.edit(id) { $0.title = "Two" }
    try desk.edit(id) { $0.title = "Three" }
    #expect(try desk.undo(3) == [.restored(.text("Two"))])
    #expect(try desk.undo(2) == [.restored(.text("One"))])
    #expect(try desk.undo(1) == [.deleted])
    #expect(try desk.isDeleted(id) == true)
  }

  // MARK: - What is left

  @Test func `what was edited since is left and told`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    try desk.edit(id) { ($0.title, $0.author) = ("Two", "A") }
    try desk.edit(id) { $0.title = "Three" }
    let outcomes = try desk.undo(2)
    #expect(outcomes.first == .restored(.null))
    guard case .left(.writtenSince(let dots))? = outcomes.last else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(dots == [Dot(desk.library.replica.id, 4)])
    #expect(try desk.title(id) == "Three")
    #expect(try desk.library.article(id)?.author == nil)
  }

  @Test func `an article that got a note since is left`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    let note = try desk.doing("note") {
      try $0.addNote("n", to: .article(try #require(try $0.article(id))))
    }
    let key = RecordKey("note", note)
    #expect(try desk.undo(1) == [.left(.inUse([key]))])
    #expect(try desk.isDeleted(id) == false)
    try desk.undo(2)
    #expect(try desk.undo(1) == [.deleted])
  }

  @Test func `an undelete that something was added to since is left whole`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    let old = try desk.doing("highlight") { try $0.highlight("margin", in: id).highlight }
    try desk.doing("delete") { try $0.delete(.article(try #require(try $0.article(id)))) }
    try desk.doing("undelete") { try $0.undelete(.article(try #require(try $0.article(id)))) }
    let new = try desk.doing("highlight") { try $0.highlight("writes", in: id).highlight }
    let article = RecordKey("article", id)
    #expect(
      try desk.undo(4) == [
        .left(.inUse([RecordKey("highlight", new)])), .left(.parentLeft(article)),
      ])
    #expect(Set(try desk.library.highlights(of: id).map(\.id)) == [old, new])
  }

  @Test func `taking back twice finds nothing left to do`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One", tags: ["a"]).id }
    try desk.edit(id) { $0.title = "Two" }
    try desk.undo(2)
    let before = try desk.library.statistics().changeCount
    #expect(try desk.undo(2) == [.unchanged])
    #expect(try desk.library.statistics().changeCount == before)
    #expect(try desk.library.operations().count == 3)
    #expect(throws: LibraryError.noSuchOperation(9)) { try desk.library.undo(9) }
  }

  @Test func `what a program notes for itself is no operation`() throws {
    let desk = try Desk()
    try desk.doing("name") { try $0.nameDevice("table") }
    #expect(try desk.library.operations().isEmpty)
  }

  @Test func `a thousand operations are kept`() throws {
    let desk = try Desk()
    let id = try desk.doing("add") { try $0.addArticle("One").id }
    for number in 1...1_003 { try desk.edit(id) { $0.title = "\(number)" } }
    let numbers = try desk.library.operations().map(\.number)
    #expect(numbers.count == 1_000)
    #expect(numbers.first == 1_004)
    #expect(numbers.last == 5)
    #expect(throws: LibraryError.noSuchOperation(4)) { try desk.library.undo(4) }
  }

  // MARK: - Two machines

  @Test func `an undo syncs like any edit`() async throws {
    let (desk, lap, id) = try await twoDesks()
    try desk.edit(id) { $0.title = "Two" }
    try await desk.shelf.sync(desk.library, lap.library)
    #expect(try lap.title(id) == "Two")
    try desk.undo()
    try await desk.shelf.sync(desk.library, lap.library)
    #expect(try lap.title(id) == "One")
    #expect(try lap.library.conflicts().isEmpty)
    #expect(try lap.library.operations().isEmpty)
  }

  @Test func `what another machine wrote since is left`() async throws {
    let (desk, lap, id) = try await twoDesks()
    try desk.edit(id) { ($0.title, $0.state) = ("Two", .read) }
    try await desk.shelf.sync(desk.library, lap.library)
    try lap.edit(id) { ($0.title, $0.state) = ("Lap", .reading) }
    try await desk.shelf.sync(lap.library, desk.library)
    let outcomes = try desk.undo()
    #expect(outcomes.count == 2)
    #expect(outcomes.allSatisfy { if case .left(.writtenSince) = $0 { true } else { false } })
    #expect(try desk.title(id) == "Lap")
  }

  @Test func `of two concurrent titles the other machine's stays, alone`() async throws {
    let (desk, lap, id) = try await twoDesks()
    try lap.edit(id) { $0.title = "Lap" }
    try desk.edit(id) { $0.title = "Desk" }
    try await desk.shelf.sync(desk.library, lap.library)
    #expect(try desk.library.conflicts().count == 1)
    #expect(try desk.undo() == [.restored(.text("Lap"))])
    try await desk.shelf.sync(desk.library, lap.library)
    for library in [desk.library, lap.library] {
      #expect(try library.conflicts().isEmpty)
      #expect(try library.article(id)?.title == "Lap")
    }
  }

  @Test func `a conflict that was settled is open again`() async throws {
    let (desk, lap, id) = try await twoDesks()
    try lap.edit(id) { $0.title = "Lap" }
    try desk.edit(id) { $0.title = "Desk" }
    try await desk.shelf.sync(desk.library, lap.library)
    let before = try #require(try desk.library.conflicts().first)
    try desk.doing("resolve") { try $0.resolve(before, to: .text("Both")) }
    try await desk.shelf.sync(desk.library, lap.library)
    #expect(try lap.library.conflicts().isEmpty)
    #expect(try desk.undo() == [.reopened([.text("Lap"), .text("Desk")])])
    try await desk.shelf.sync(desk.library, lap.library)
    for library in [desk.library, lap.library] {
      let conflict = try #require(try library.conflicts().first)
      #expect(conflict.versions.map(\.value) == before.versions.map(\.value))
      #expect(conflict.versions.map(\.value) == [.text("Desk"), .text("Lap")])
    }
    #expect(try desk.undo() == [.restored(.text("Both"))])
    #expect(try desk.library.conflicts().isEmpty)
  }

  @Test func `an edit beside an open conflict leaves the conflict open`() async throws {
    let (desk, lap, id) = try await twoDesks()
    try lap.edit(id) { $0.title = "Lap" }
    try desk.edit(id) { $0.title = "Desk" }
    try await desk.shelf.sync(desk.library, lap.library)
    try desk.edit(id) { $0.title = "Desk, better" }
    #expect(try desk.undo() == [.restored(.text("Desk"))])
    let conflict = try #require(try desk.library.conflicts().first)
    #expect(conflict.versions.map(\.value) == [.text("Desk"), .text("Lap")])
  }

  @Test func `an article that another machine edited or deleted since is not deleted`() async throws
  {
    let (desk, lap, id) = try await twoDesks()
    try lap.edit(id) { $0.author = "Lap" }
    try await desk.shelf.sync(lap.library, desk.library)
    #expect(
      try desk.undo(1) == [.left(.writtenSince([Dot(lap.library.replica.id, 2)]))])
    #expect(try desk.isDeleted(id) == false)
    try lap.doing("delete") { try $0.delete(.article(try #require(try $0.article(id)))) }
    try await desk.shelf.sync(lap.library, desk.library)
    #expect(try desk.undo(1) == [.unchanged])
  }

  @Test func `what two machines deleted stays deleted when one takes it back`() async throws {
    let (desk, lap, id) = try await twoDesks()
    for machine in [desk, lap] {
      try machine.doing("delete") { try $0.delete(.article(try #require(try $0.article(id)))) }
    }
    try await desk.shelf.sync(desk.library, lap.library)
    let outcomes = try desk.undo()
    guard case .left(.writtenSince(let dots))? = outcomes.first else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(dots.map(\.replica) == [lap.library.replica.id])
    #expect(try desk.isDeleted(id) == true)
  }

  @Test func `a change of another machine can be taken back by its name`() async throws {
    let (desk, lap, id) = try await twoDesks()
    try lap.edit(id) { $0.title = "Lap" }
    try await desk.shelf.sync(lap.library, desk.library)
    let dot = try #require(try desk.library.history(of: RecordKey("article", id)).last).dot
    desk.library.beginOperation("undo lap")
    #expect(try desk.library.undo(dot).map(\.outcome) == [.restored(.text("One"))])
    #expect(try desk.title(id) == "One")
  }
}
