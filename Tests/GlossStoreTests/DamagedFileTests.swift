import Foundation
import GlossCore
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

/// What a disk may do to a file is found, or harms nothing.
@Suite struct DamagedFileTests {
  /// How many flips one run tries: `GLOSS_FLIPS` in the environment, 2,000 without it.
  private static let flipCount =
    ProcessInfo.processInfo.environment["GLOSS_FLIPS"].flatMap(Int.init) ?? 2_000
  /// The first of them: `GLOSS_FLIP` in the environment, to try one again.
  private static let firstFlip =
    ProcessInfo.processInfo.environment["GLOSS_FLIP"].flatMap(Int.init) ?? 0

  @Test func `a flip anywhere in a library is found, or nothing that can be read is another`()
    throws
  {
    let image = try FileImage.ofEverything()
    let place = try Place()
    try place.write(image)
    let whole = try place.open()
    let expected = try whole.observed()
    #expect(try whole.verify().damages == [])
    #expect(try !whole.verify().hasRemainsOfCommit)
    try whole.close()
    var tally: [String: Int] = [:]
    for number in Self.firstFlip..<Self.firstFlip + Self.flipCount {
      let flip = Flip(number: number, of: image)
      place.note("\(number): \(flip)")
      try place.write(flip.applied(to: image))
      let outcome = outcome(at: place, expected: expected, number)
      tally["\(outcome)", default: 0] += 1
      if outcome == .silent { Issue.record("flip \(number), \(flip), changes what is read") }
    }
    let lines = tally.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\($0.value) \($0.key)"
    }
    print("\(Self.flipCount) flips: " + lines.joined(separator: ", "))
  }

  /// What came of a flip.
  private enum Outcome: Hashable, CustomStringConvertible {
    /// Opening, or reading the whole, fails with an error that says why.
    case refused(String)
    /// `verify` finds it; by the first thing that it finds.
    case found(String)
    /// `verify` says that the last commit is not whole.
    case told
    /// Nothing that can be read is another.
    case harmless
    /// Something else is read than before, and nobody says so.
    case silent

    var description: String {
      switch self {
      case .refused(let error): "refused (\(error))"
      case .found(let damage): "found (\(damage))"
      case .told: "told as an unfinished commit"
      case .harmless: "harmless"
      case .silent: "SILENT"
      }
    }
  }

  private func outcome(at place: Place, expected: String, _ number: Int) -> Outcome {
    do {
      let replica = try place.open()
      defer { try? replica.close() }
      let found = try replica.verify()
      // Whatever it is, reading and mending it traps nowhere.
      let observed = Result { try replica.observed() }
      if let damage = found.damages.first {
        if number % 4 == 0 { try? replica.rebuildTables() }
        if number % 4 == 1 { _ = try? replica.repair() }
        return .found(String("\(damage)".prefix { $0 != "(" }))
      }
      if found.hasRemainsOfCommit { return .told }
      return try observed.get() == expected ? .harmless : .silent
    } catch let error as StoreError {
      return .refused(String("\(error)".prefix { $0 != "(" }))
    } catch {
      Issue.record("flip \(number) throws \(error)")
      return .refused("other")
    }
  }

  @Test func `commits behind a damaged frame are missed`() throws {
    let image = try FileImage.ofEverything()
    let place = try Place()
    var lost = image
    lost.log[32 + 24 + 100] ^= 1
    try place.write(lost)
    let replica = try place.open()
    let found = try replica.verify()
    #expect(found.damages.contains(.lostCommits(2)), "of three, one may be the remains of a crash")
    try replica.close()
    // A power failure leaves the last commit without its end.
    var cut = image
    cut.log.removeLast(100)
    try place.write(cut)
    let after = try place.open()
    #expect(try after.verify().damages == [])
    #expect(try after.verify().hasRemainsOfCommit)
  }

  @Test func `a file of version 3 gets what vouches for its tables and thin runs`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("draft")])
    try world["desk"].edit(page(1), ["title": .text("better")])
    try world.sendThin(from: "desk", to: "lap")
    let path = world["lap"].path
    try world["lap"].transact { transaction in
      try transaction.execute(
        "ALTER TABLE _thin DROP COLUMN held_tip; DELETE FROM _meta WHERE key = 'vouched'")
      try transaction.execute("PRAGMA user_version = 3")
    }
    #expect(try world["lap"].verify().damages == [])
    try world["lap"].close()
    let lap = try GlossStoreTests.open(path)
    #expect(try lap.verify().damages == [])
    try lap.transact { transaction in
      // In a thin run, and replaced: nothing else would tell.
      try transaction.execute("UPDATE _change SET timestamp = timestamp + 1 WHERE id & 255 = 1")
    }
    #expect(try lap.verify().damages.contains(.alteredChanges(of: ReplicaID(1), 1...2)))
  }

  @Test func `a table that was damaged is not vouched for by writing to it`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.setRemote(Remote(address: "http://hub", credential: "secret"))
    #expect(try desk.verify().damages == [])
    try desk.transact { try $0.execute("UPDATE _remote SET credential = 'sacret'") }
    #expect(try desk.verify().damages == [.alteredTable("_remote")])
    try desk.setRemote(Remote(address: "http://hub", credential: "sacret", pushedSeq: 1))
    try desk.setSetting("other", to: [1])
    #expect(try desk.verify().damages == [.alteredTable("_remote")])
  }
}

/// A folder in memory for one file after another.
private final class Place {
  let folder: String
  var path: String { folder + "/library" }

  init() throws {
    let root = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
    folder = root + "/gloss-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Leaves a note that outlives a trap.
  func note(_ text: String) {
    _ = FileManager.default.createFile(atPath: folder + "/flip", contents: Data(text.utf8))
  }

  func write(_ image: FileImage) throws {
    unlink(path + "-shm")
    try overwrite(path, image.main)
    try overwrite(path + "-wal", image.log)
    // The file beside it says that it stands where it stood, so that it is no copy.
    let inode = try #require(GlossStore.Place.inode(of: path))
    let said = GlossStore.Place(replica: image.replica, generation: image.generation, inode: inode)
    try overwrite(path + "-lock", Array(said.text.utf8))
  }

  func open() throws -> Replica {
    try GlossStoreTests.open(path)
  }

  private func overwrite(_ path: String, _ bytes: [UInt8]) throws {
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    defer { Glibc.close(descriptor) }
    #expect(ftruncate(descriptor, bytes.count) == 0)
    #expect(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
  }
}

extension Replica {
  /// All that can be read of a library, as text.
  fileprivate func observed() throws -> String {
    var lines = [try shown(), "\(id) \(library)"]
    try read { snapshot in
      let vector = try snapshot.vector()
      lines.append(vector.replicas.sorted().map { "\($0) \(vector[$0])" }.joined(separator: ", "))
      for kind in snapshot.schema.kinds.map(\.name) + ["unknown"] {
        for number in 0..<60 as Range<UInt128> {
          let key = RecordKey(kind, RecordID(number))
          let history = try snapshot.history(of: key)
          if !history.isEmpty { lines.append("\(key) \(history)") }
        }
      }
      let statistics = try snapshot.statistics()
      lines.append("\(statistics.unsentCount) \(statistics.quarantinedCount)")
      lines.append(try snapshot.quarantine().map { "\($0)" }.joined())
    }
    for origin in try read({ try $0.vector() }).replicas.sorted() {
      var first: UInt64 = 1
      while let run = try run(of: origin, from: first, byteLimit: 1 << 20) {
        lines.append("\(origin) \(run)")
        first = run.last + 1
      }
    }
    lines.append(
      "\(String(describing: try remote())) \(try pushedSeqByReplica().sorted { $0.key < $1.key })")
    lines.append(try settings().sorted { $0.key < $1.key }.map { "\($0)" }.joined())
    lines.append("\(String(describing: try storedKeyring().keys))")
    lines.append("\(try storedKeyring().entries.sorted { $0.key < $1.key })")
    lines.append("\(try setAside()) \(try bundlesToRetry())")
    lines.append("\(try wantedBlobs(after: nil, limit: 99).map(\.id))")
    for (id, _) in try unsentBlobs(limit: 99) {
      lines.append("\(id) \(String(describing: try read { try $0.blob(id) }))")
    }
    return lines.joined(separator: "\n")
  }
}
