import Gloss
import GlossCore
import Testing

@testable import GlossFormats
@testable import GlossStore

@Suite struct DamagedExportTests {
  private let folder: Folder
  private let desk: Library
  private let whole: [UInt8]

  init() throws {
    folder = try Folder()
    desk = try folder.library("desk")
    try desk.addSample("A")
    whole = try desk.export().file
  }

  private func error(_ file: [UInt8], _ name: String = "copy") -> ExchangeError? {
    do {
      _ = try folder.imported(file, name)
      return nil
    } catch {
      return error as? ExchangeError
    }
  }

  @Test func `a header that says more changes than there can be is not one`() throws {
    let text = String(decoding: whole, as: UTF8.self)
    let changes = try #require(text.firstMatch(of: #/"changes":(\d+)/#)).1
    func refusal(ofSaying count: UInt64) throws -> ExchangeError {
      let altered = text.replacing(
        "\"changes\":\(changes)", with: "\"changes\":\(count)", maxReplacements: 1)
      return try #require(error(Array(altered.utf8), "\(count)"))
    }
    guard case .altered = try refusal(ofSaying: UInt64(Limits.seq)) else {
      Issue.record("the greatest number can be read, and is not what was written")
      return
    }
    for count in [UInt64(Limits.seq) + 1, .max] {
      guard case .badLine(1, _) = try refusal(ofSaying: count) else {
        Issue.record("\(count) was read")
        continue
      }
    }
  }

  @Test func `a file that is cut anywhere is noticed, and adds nothing wrong`() throws {
    let changes = Set(try desk.allChanges())
    for count in stride(from: 0, to: whole.count - 1, by: 7) {
      let name = "cut-\(count)"
      let refusal = try #require(error(Array(whole[..<count]), name), "\(count)")
      switch refusal {
      case .cutShort, .notAnExport: break
      default: Issue.record("\(count): \(refusal)")
      }
      guard let copy = try? folder.open(name) else { continue }
      #expect(Set(try copy.allChanges()).isSubset(of: changes))
      try importFile(whole) { _ in copy }
      #expect(try copy.export().file == whole, "the whole file goes on where the cut one ended")
    }
  }

  @Test func `no byte can be altered`() throws {
    let changes = try desk.allChanges()
    var altered = whole
    // All but the end's own line, of which only the counts are not checked.
    let end = whole.count - (lines(whole).last?.utf8.count ?? 0) - 1
    let library = try folder.copy(of: desk.replica.library, "altered")
    for index in stride(from: 0, to: end, by: 3) {
      altered[index] ^= 1
      defer { altered[index] ^= 1 }
      do {
        try importFile(altered) { _ in library }
        // In the first line there is room for what no reader looks at.
        #expect(index < (lines(whole).first?.utf8.count ?? 0), "\(index)")
      } catch {
        #expect(error is ExchangeError, "\(index): \(error)")
      }
      #expect(try Set(library.allChanges()).isSubset(of: changes), "\(index)")
    }
  }

  @Test func `errors name the line`() throws {
    let all = lines(whole)
    var changed = all
    let title = try #require(all.firstIndex { $0.contains("\"title\"") })
    changed[title] = all[title].replacing("\"value\":\"A\"", with: "\"value\":\"B\"")
    #expect(error(file(changed), "1") == .altered(lines: 2...all.count - 1))
    changed[title] = "no JSON"
    #expect(error(file(changed), "2") == .badLine(title + 1, reason: "it is not JSON"))
    changed[title] = all[title].replacing("\"seq\"", with: "\"number\"")
    #expect(error(file(changed), "3") == .badLine(title + 1, reason: "it has no seq"))
    changed[title] = #"{"type":"later"}"#
    #expect(error(file(changed), "4") == .badLine(title + 1, reason: "its type is not known"))
    #expect(error(file(Array(all.dropLast())), "5") == .cutShort(line: all.count - 1))
    #expect(error(Array("An article.\n".utf8), "6") == .notAnExport)
    #expect(error([], "7") == .notAnExport)
    #expect(
      error(file([all[0].replacing("\"version\":1", with: "\"version\":2")]), "8")
        == .newerVersion(2))
    #expect(
      error(file(all + ["more"]), "9")
        == .badLine(all.count + 1, reason: "another export begins here, or nothing"))
  }

  @Test func `a value of a type that would not fit the log is refused`() throws {
    let all = lines(whole)
    let title = try #require(all.firstIndex { $0.contains("\"title\"") })
    for (tag, value) in [(0, ""), (1, "AA=="), (2, "AQ=="), (3, ""), (5, ""), (6, ""), (256, "")] {
      var changed = all
      changed[title] = all[title].replacing(
        #""type":"text","value":"A""#, with: #""type":"unknown","tag":\#(tag),"value":"\#(value)""#)
      #expect(
        error(file(changed), "tag-\(tag)")
          == .badLine(title + 1, reason: "the write to title: the value is not of type unknown"))
    }
  }

  @Test func `a file of another library is taken in only where that is meant`() throws {
    let other = try folder.library("other")
    #expect(throws: ExchangeError.otherLibrary(desk.replica.library)) {
      try importFile(whole) { _ in other }
    }
    let count = try other.statistics().changeCount
    let report = try importFile(whole, others: .accept) { _ in other }
    #expect(report.newChangeCount == 4)
    #expect(try other.statistics().changeCount == count + 4)
  }

  @Test func `a library that lacks its own changes is an old copy, and goes on as another machine`()
    throws
  {
    let (lap, _) = try folder.imported(whole, "lap")
    try lap.addSample("before")
    let early = try lap.export().file
    let own = lap.replica.id
    try lap.addSample("after")
    let late = try lap.export().file
    // The same replica, with less than it once had.
    let (old, _) = try folder.imported(early, "old")
    try old.replica.transact { try $0.setOwnID(own) }
    #expect(old.replica.id == own)
    let report = try importFile(late) { _ in old }
    #expect(report.newChangeCount == 3)
    #expect(old.replica.id != own)
    #expect(try old.verify().damages.isEmpty)
  }
}
