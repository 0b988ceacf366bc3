import GlossCore
import GlossTesting
import Testing

/// Timestamps and what an edit names as parents: rules 2 to 6.
struct EditRulesTests {
  @Test func `rule 2: an edit is at physical time, or just above what it overwrites`() {
    var desk = Author(1, now: 1_000)
    desk.edit("title", .text("a"))
    #expect(desk.made[0].timestamp == Timestamp(milliseconds: 1_000))
    desk.edit("title", .text("b"))
    #expect(desk.made[1].timestamp == Timestamp(milliseconds: 1_000, counter: 1))
    desk.now = 5
    desk.edit("title", .text("c"))
    #expect(desk.made[2].timestamp == Timestamp(milliseconds: 1_000, counter: 2))
    desk.edit("body", .text("elsewhere"))
    #expect(desk.made[3].timestamp == Timestamp(milliseconds: 5), "other registers are not tainted")
  }

  @Test func `rule 2: a clock years ahead loses to whoever saw its value`()
    throws
  {
    var desk = Author(1, now: 1_000_000)
    var lap = Author(2, now: 1_000)
    desk.edit("title", .text("from the future"))
    lap.receive(desk.made)
    lap.edit("title", .text("now"))
    #expect(try lap.view.values["title"] == .text("now"))
    desk.now = 1_000
    desk.edit("body", .text("cured"))
    #expect(desk.made[1].timestamp == Timestamp(milliseconds: 1_000))
  }

  @Test func `rule 2: a register at the end of time still takes edits`() throws {
    var desk = Author(1, now: .max)
    var lap = Author(2)
    lap.receive([change(dot(3, 1), at: .max, "title", .text("last"))])
    lap.edit("title", .text("after"))
    desk.receive([change(dot(3, 1), at: .max, "title", .text("last"))] + lap.made)
    #expect(try desk.view.values["title"] == .text("after"))
    desk.edit("title", .text("and after"))
    lap.receive(desk.made)
    #expect(try lap.view == desk.view)
    #expect(try lap.view.values["title"] == .text("and after"))
    #expect(try lap.view.conflicts.isEmpty)
  }

  @Test func `rule 3: an edit names what its author saw, never what is current at commit`() throws {
    var desk = Author(1)
    var lap = Author(2)
    desk.edit("title", .text("a"))
    lap.receive(desk.made)
    let seen = desk.basis
    lap.edit("title", .text("from the lap"))
    desk.receive(lap.made)
    desk.edit("title", .text("from the desk"), basedOn: seen)
    #expect(desk.made[1].write(to: "title")?.parents == [dot(1, 1)])
    #expect(try desk.view.conflicts == [Conflict(field: "title", reason: .values)])
  }

  @Test func `rule 3: an edit names every head of the bytes that its author saw`() throws {
    var desk = Author(1)
    var lap = Author(2)
    desk.edit("title", .text("same"))
    lap.edit("title", .text("same"))
    desk.receive(lap.made)
    #expect(try desk.view.conflicts.isEmpty, "equal values are no conflict")
    desk.edit("title", .text("new"))
    #expect(desk.made[1].write(to: "title")?.parents == [dot(1, 1), dot(2, 1)])
    #expect(desk.heads("title") == [dot(1, 2)])
  }

  @Test func `rule 3: writing the value already shown writes nothing`() {
    var desk = Author(1)
    var lap = Author(2)
    desk.edit("title", .text("a"))
    let seen = desk.basis
    let isWritten = desk.edit("title", .text("a"))
    #expect(!isWritten)
    lap.receive(desk.made)
    lap.edit("title", .text("b"))
    desk.receive(lap.made)
    let isWrittenLater = desk.edit("title", .text("a"), basedOn: seen)
    #expect(!isWrittenLater, "nor where another is current by now")
    #expect(desk.made.count == 1)
  }

  @Test func `rule 4: editing the displayed value leaves the other heads open`() throws {
    var desk = conflicted()
    desk.edit("title", .text("third"))
    #expect(desk.heads("title").count == 2)
    #expect(try desk.view.values["title"] == .text("third"))
    #expect(try desk.view.conflicts == [Conflict(field: "title", reason: .values)])
  }

  @Test func `rule 4: only a resolution closes heads, exactly those that were shown`()
    throws
  {
    var desk = conflicted()
    let seen = desk.basis
    desk.receive([change(dot(3, 1), at: 7, "title", .text("unseen"))])
    desk.resolve("title", .text("settled"), basedOn: seen)
    #expect(desk.made.last?.write(to: "title")?.parents == [dot(1, 1), dot(2, 1)])
    #expect(Set(desk.heads("title")) == [dot(1, 2), dot(3, 1)])
    desk.resolve("title", .text("settled"))
    #expect(desk.heads("title") == [dot(1, 3)])
    #expect(try desk.view.conflicts.isEmpty)
    let isWritten = desk.resolve("title", .text("settled"))
    #expect(!isWritten, "there is nothing left to settle")
  }

  @Test func `rule 5: the latest is shown, and an edit names all heads seen`()
    throws
  {
    var desk = Author(1)
    var lap = Author(2)
    desk.edit("progress", .integer(1))
    lap.edit("progress", .integer(2))
    desk.receive(lap.made)
    #expect(try desk.view.values["progress"] == .integer(2))
    #expect(try desk.view.conflicts.isEmpty)
    let seen = desk.basis
    desk.receive([change(dot(3, 1), at: 7, "progress", .integer(9))])
    desk.edit("progress", .integer(3), basedOn: seen)
    #expect(Set(desk.heads("progress")) == [dot(1, 2), dot(3, 1)])
  }

  @Test func `rule 5: past 32 heads an edit also names the oldest losers`() {
    var desk = Author(1)
    desk.receive((1...50).map { change(dot(9, $0), at: $0, "title", .text("\($0)")) })
    #expect(desk.heads("title").count == 50)
    desk.edit("title", .text("new"))
    #expect(desk.heads("title").count == 32)
    #expect(desk.heads("title").last == dot(9, 19), "the oldest are folded in")
    desk.edit("title", .text("blind"), basedOn: .nothing)
    #expect(desk.heads("title").count == 32)
  }

  @Test func `rule 5: one edit names no more than 64 parents, however many heads there are`() {
    var desk = Author(1)
    desk.receive((1...200).map { change(dot(9, $0), at: $0, "progress", .integer(Int64($0))) })
    desk.edit("progress", .integer(0))
    #expect(desk.made[0].violation == nil)
    #expect(desk.heads("progress").count == 137)
  }

  @Test func `rule 6: a tag is a register of its own, so tags merge as a set`() throws {
    let tags = Family("tag", .latest)
    var desk = Author(1)
    var lap = Author(2)
    desk.edit(tags.field("swift"), .bool(true))
    lap.receive(desk.made)
    lap.edit(tags.field("sync"), .bool(true))
    desk.edit(tags.field("swift"), .bool(false))
    desk.receive(lap.made)
    lap.receive(desk.made)
    #expect(try desk.view.values == ["tag/swift": .bool(false), "tag/sync": .bool(true)])
    #expect(try desk.view == lap.view)
    #expect(tags.member(of: "tag/a/b") == "a/b")
    #expect(tags.member(of: "tag/") == nil)
    #expect(tags.member(of: "tags/a") == nil)
  }

  /// A desk that holds two different titles.
  private func conflicted() -> Author {
    var desk = Author(1)
    var lap = Author(2)
    desk.edit("title", .text("one"))
    lap.edit("title", .text("two"))
    desk.receive(lap.made)
    return desk
  }
}
