import Foundation
import GlossCore
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

/// The story of ``Story``, ended at every operation on the disk, in every way in which a disk or a process ends.
@Suite struct CrashPointTests {
  /// What is so after each step where nothing fails, and how many operations of each kind there are.
  private struct Baseline {
    var states: [String] = []
    var changeCount: UInt64 = 0
    var growthCount: UInt64 = 0
    var operationCount: UInt64 = 0

    /// What may be found where the step of this number was under way.
    func around(_ step: Int) -> [String?] {
      let before: [String?] = [nil] + states
      return Array(before[step..<min(step + 2, before.count)])
    }
  }

  private static let baseline = Result { () throws -> Baseline in
    var baseline = Baseline()
    for operations in [FaultyDisk.Operations.changes, .growth, .all] {
      var story = try Story()
      story.disk.count(operations)
      // Reading counts too, where all operations do.
      let failed = try story.tell { story in
        if operations == .changes { baseline.states.append(try story.replica!.state()) }
      }
      try #require(failed == nil, "\(String(describing: failed))")
      switch operations {
      case .changes: baseline.changeCount = story.disk.operationCount
      case .growth: baseline.growthCount = story.disk.operationCount
      default: baseline.operationCount = story.disk.operationCount
      }
      story.end()
    }
    return baseline
  }

  @Test(arguments: 0..<4)
  func `a kill or a loss of power at any operation loses nothing that was acknowledged`(
    part: UInt64
  ) throws {
    let baseline = try Self.baseline.get()
    var pointCount = 0
    for point in 1...baseline.changeCount + 1 where point % 4 == part {
      var story = try Story()
      story.disk.plan(.kill, at: point)
      let failed = try story.tell()
      #expect((failed == nil) == (point > baseline.changeCount))
      story.end()
      let wreck = story.disk.wreck()
      let step = failed?.step ?? Story.steps.count
      let recent = [step, step - 1].map {
        Story.steps.indices.contains($0) ? Story.steps[$0].name : ""
      }
      let recovery = Recovery(
        story: story, expected: baseline.around(step),
        mayBeRenewed: recent[0] == Story.renewal
          || recent[1] == Story.renewal && wreck.beside != .unchanged,
        label: "killed at \(point), \(recent[0])")
      for loss in [
        PowerLoss.keepsAll, .keepsNone, .keepsSome(seed: point * 2),
        .keepsSome(seed: point * 2 + 1),
      ] {
        pointCount += try recovery.check(wreck, loss)
      }
    }
    print("crash points of a replica, part \(part + 1) of 4: \(pointCount)")
  }

  @Test(arguments: [FaultyDisk.Fault.full, .io], [false, true])
  func `an error of the disk undoes what was under way, and says what it was`(
    fault: FaultyDisk.Fault, isForGood: Bool
  ) throws {
    let baseline = try Self.baseline.get()
    let operations: FaultyDisk.Operations = fault == .full ? .growth : .all
    let count = fault == .full ? baseline.growthCount : baseline.operationCount
    // Every one takes minutes. Which ones these are depends on nothing but the story.
    let stride = max(1, count / 110)
    var pointCount = 0
    for point in Swift.stride(from: isForGood ? 1 : stride / 2 + 1, through: count, by: Int(stride))
    {
      var story = try Story()
      story.disk.plan(fault, at: point, of: operations, forGood: isForGood)
      let failed = try story.tell()
      let step = failed?.step ?? Story.steps.count - 1
      let label = "\(fault) at \(point), \(Story.steps[step].name)"
      if let failed {
        let error = try #require(failed.error as? StoreError, "\(label): \(failed.error)")
        switch (fault, error) {
        case (.full, .full), (.io, .io): break
        // What SQLite cannot create for lack of space it cannot open.
        case (.full, .io):
          let opens = step == 0 || Story.steps[step].name == "close and open"
          #expect(!isForGood || opens, "\(label): \(error)")
        default: Issue.record("\(label): \(error)")
        }
      }
      #expect(story.disk.hasFailed, "\(label)")
      let recovery = try goOn(&story, expected: baseline.around(step), label)
      let wreck = story.disk.wreck()
      for loss in [PowerLoss.keepsAll, .keepsNone, .keepsSome(seed: point)] {
        pointCount += try recovery.check(wreck, loss)
      }
    }
    print("errors of the disk, \(fault) \(isForGood ? "for good" : "once"): \(pointCount)")
  }

  /// Goes on with the same connection once the disk works again, and ends.
  private func goOn(
    _ story: inout Story, expected: [String?], _ label: String
  ) throws -> Recovery {
    story.disk.count()
    if story.replica == nil {
      if expected.contains(nil) { try story.create() } else { try story.open() }
    }
    let replica = try #require(story.replica)
    let state = try replica.state()
    #expect(expected.contains(state), "\(label): \(state)")
    try replica.add(page(8), ["title": .text("after the error")])
    let acknowledged = try replica.state()
    story.end()
    return Recovery(
      story: story, expected: [acknowledged], mayBeRenewed: false, label: label)
  }

  @Test func `a disk that lies about syncs loses what was acknowledged, and that is noticed`()
    throws
  {
    let baseline = try Self.baseline.get()
    var story = try Story()
    let failed = try story.tell { story in
      if try story.replica!.record(page(1)) != nil { story.disk.ignoreSyncs() }
    }
    #expect(failed == nil)
    story.end()
    let wreck = story.disk.wreck()
    #expect(wreck.unsyncedCount > 0)
    let recovery = Recovery(
      story: story, expected: [baseline.states.last], label: "the end, on a disk that lies")
    withKnownIssue("nothing that the disk says is so") {
      _ = try recovery.check(wreck, .keepsNone)
    }
  }

  @Test func `a file that a killed process deletes is the same one afterwards`() throws {
    var story = try Story()
    try story.create()
    story.disk.plan(.kill, at: 1)
    story.end()
    let wreck = story.disk.wreck()
    let inode = try #require(Place.inode(of: story.path))
    try FileManager.default.removeItem(atPath: story.path)
    // Something else would have the number by now.
    try Data().write(to: URL(filePath: story.folder.file("another")))
    try story.disk.mount(wreck, .keepsAll)
    #expect(Place.inode(of: story.path) == inode)
    try story.open()
    #expect(story.replica?.renewal == nil)
    story.end()
  }
}
