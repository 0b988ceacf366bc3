import GlossCore
import GlossTesting
import Testing

/// Deletes: rule 7.
struct DeleteRulesTests {
  @Test
  func `rule 7: a delete covers every head that it saw and hides the record`()
    throws
  {
    var (desk, lap) = sharedNote()
    desk.edit("progress", .integer(1))
    desk.delete()
    #expect(desk.made.last?.covers == [dot(1, 1), dot(1, 2)])
    #expect(try desk.view.isHidden)
    lap.receive(desk.made)
    #expect(try lap.view.isHidden)
    #expect(try lap.view.conflicts.isEmpty)
  }

  @Test func `rule 7: an edit that a delete did not see keeps the record visible`()
    throws
  {
    var (desk, lap) = sharedNote()
    desk.delete()
    lap.edit("title", .text("better"))
    desk.receive(lap.made)
    lap.receive(desk.made)
    #expect(try desk.view == lap.view)
    #expect(try !desk.view.isHidden)
    #expect(try desk.view.conflicts == [Conflict(field: Field.deleted, reason: .editedAndDeleted)])
  }

  @Test func `rule 7: progress or a tag changed elsewhere brings nothing back`() throws {
    var (desk, lap) = sharedNote()
    desk.delete()
    lap.edit("progress", .integer(9))
    lap.edit("tag/a", .bool(true))
    lap.receive(desk.made)
    #expect(try lap.view.isHidden)
    #expect(try lap.view.conflicts.isEmpty)
  }

  @Test func `rule 7: a delete covers what its author saw, not what came since`() throws {
    var (desk, lap) = sharedNote()
    let seen = desk.basis
    lap.edit("title", .text("unseen"))
    desk.receive(lap.made)
    desk.delete(basedOn: seen)
    #expect(try !desk.view.isHidden)
  }

  @Test func `rule 7: two deletes cover together what each of them saw`() throws {
    var (desk, lap) = sharedNote()
    desk.edit("title", .text("desk"))
    lap.edit("body", .text("lap"))
    desk.delete()
    lap.delete()
    desk.receive(lap.made)
    #expect(desk.heads(Field.deleted).count == 2)
    #expect(try desk.view.isHidden)
    #expect(try desk.view.conflicts.isEmpty)
  }

  @Test func `rule 7: deleted keeps, so an undelete and a delete at once are a conflict`() throws {
    var (desk, lap) = sharedNote()
    desk.delete()
    lap.receive(desk.made)
    lap.edit(Field.deleted, .bool(false))
    desk.edit(Field.deleted, .bool(false))
    desk.delete()
    desk.receive(lap.made)
    #expect(try desk.view.conflicts == [Conflict(field: Field.deleted, reason: .values)])
  }

  @Test func `rule 7: an undelete brings the record back`() throws {
    var (desk, _) = sharedNote()
    desk.delete()
    desk.edit(Field.deleted, .bool(false))
    #expect(try !desk.view.isHidden)
    #expect(try desk.view.conflicts.isEmpty)
    #expect(try desk.view.values["title"] == .text("draft"))
  }

  @Test func `rule 7: of an unknown kind an edit stays, and nothing is at odds`()
    throws
  {
    var (desk, lap) = sharedNote()
    lap.edit("progress", .integer(2))
    desk.delete()
    desk.receive(lap.made)
    let view = try desk.receiver.view(of: nil)
    #expect(!view.isHidden)
    #expect(view.conflicts.isEmpty)
  }

  /// A note that both have.
  private func sharedNote() -> (desk: Author, lap: Author) {
    var desk = Author(1)
    var lap = Author(2)
    desk.edit("title", .text("draft"))
    lap.receive(desk.made)
    return (desk, lap)
  }
}
