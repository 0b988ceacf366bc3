import Gloss
import GlossCore
import Testing

@testable import GlossFormats
@testable import GlossStore

@Suite struct CursorTests {
  @Test func `exports since the last one come to the same as one export`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    try desk.addSample("A")
    let (first, report) = try desk.export()
    #expect(try desk.export(since: report.cursor).report.changeCount == 0)
    try desk.addSample("B")
    let other = try folder.library("other")
    let guests = try other.allChanges()
    try desk.merge(guests)
    let (second, later) = try desk.export(since: report.cursor)
    #expect(later.changeCount == UInt64(3 + guests.count))
    #expect(later.textCount == 1, "a text comes with each export that has a change which names it")
    let (copy, taken) = try folder.imported(first + second, "copy")
    #expect(taken.newChangeCount == Int(report.changeCount + later.changeCount))
    #expect(try copy.export().file == desk.export().file)
    #expect(
      try copy.export().report.cursor == later.cursor,
      "a cursor is of the library, not of a machine")
  }

  @Test func `an increment alone says what it lacks`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    try desk.addSample("A")
    let cursor = try desk.export().report.cursor
    try desk.addSample("B")
    let second = try desk.export(since: cursor).file
    #expect(
      throws: ExchangeError.gap(line: 2, replica: desk.replica.id, held: 0, first: 5)
    ) { try folder.imported(second, "copy") }
  }

  @Test func `a cursor is a short text, and a mistake in it is noticed`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    try desk.addSample("A")
    let cursor = try desk.export().report.cursor
    #expect(cursor.text.utf8.count < 40 && cursor.text.hasPrefix("c1"))
    #expect(ExportCursor(cursor.text) == cursor)
    var wrong = Array(cursor.text)
    for index in wrong.indices {
      let before = wrong[index]
      wrong[index] = before == "A" ? "B" : "A"
      #expect(ExportCursor(String(wrong)) == nil, "\(index)")
      wrong[index] = before
    }
    for text in ["", "c1", "c2\(cursor.text.dropFirst(2))", cursor.text + "A", cursor.text + "="] {
      #expect(ExportCursor(text) == nil)
    }
  }

  @Test func `a cursor of another library is refused`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    let other = try folder.library("other")
    let cursor = try other.export().report.cursor
    #expect(throws: ExchangeError.cursorOfOtherLibrary) { try desk.export(since: cursor) }
  }

  @Test func `a library that was put back to an earlier state goes on where its reader is`() throws
  {
    let folder = try Folder()
    let desk = try folder.library("desk")
    try desk.addSample("A")
    let early = try desk.export()
    try desk.addSample("B")
    let late = try desk.export().report.cursor
    let (restored, _) = try folder.imported(early.file, "restored")
    let nothing = try restored.export(since: late)
    #expect(nothing.report.changeCount == 0 && nothing.report.cursor == late)
    try restored.addSample("C")
    #expect(try restored.export(since: late).report.changeCount == 3)
  }
}
