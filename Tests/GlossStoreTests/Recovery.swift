import Foundation
import GlossCore
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

/// What has to hold after a story ended somewhere, when the file is opened again.
struct Recovery {
  let story: Story
  /// What may be found: the states before and after the step that was under way; `nil` where there may be no library yet.
  let expected: [String?]
  /// Whether the file may have become another replica, which it does where it is told so and does not get to say where it is.
  var mayBeRenewed = false
  let label: String

  /// Mounts what is left and checks it; then once more for each state in which the file beside the library may be.
  ///
  /// - Returns: How many ends there were.
  func check(_ wreck: Wreck, _ loss: PowerLoss) throws -> Int {
    let lock = Replica.lockPath(of: story.path)
    let now = FileManager.default.contents(atPath: lock)
    var places: [Data?] = [now]
    switch wreck.beside {
    case .unchanged: break
    case .missing: places += [nil, Data()]
    case .bytes(let before):
      // It is written in place within one sector; torn all the same.
      places += [Data(before), (now ?? Data()).prefix(60) + Data(before).dropFirst(60)]
    }
    for place in places {
      try story.disk.mount(wreck, loss)
      if let place {
        try place.write(to: URL(filePath: lock))
      } else {
        try? FileManager.default.removeItem(atPath: lock)
      }
      try check("\(label), \(loss)\(place == now ? "" : ", earlier place")")
    }
    if let now { try now.write(to: URL(filePath: lock)) }
    return places.count
  }

  private func check(_ label: String) throws {
    let label = Comment(rawValue: label)
    let replica: Replica
    do {
      replica = try open(story.path)
    } catch let error as StoreError {
      let isNone = error == .notFound(path: story.path) || error == .notALibrary(path: story.path)
      #expect(isNone && expected.contains(nil), "\(label): \(error)")
      // What is left is in nobody's way.
      let made = try Replica.create(
        at: story.path, library: LibraryID(1), id: ReplicaID(2), schema: schema)
      #expect(try made.verify().damages == [], label)
      try made.close()
      return
    }
    defer { try? replica.close() }
    #expect(replica.renewal == nil || mayBeRenewed, "\(label): it is no copy")
    #expect(try replica.verify().damages == [], label)
    let state = try replica.state()
    if replica.renewal == nil {
      #expect(expected.contains(state), "\(label): \(state)")
    }
    try replica.add(page(9), ["title": .text("afterwards")])
    try meetOthers(replica, label)
  }

  /// Syncs with a replica that holds what the hub has, and nothing else of this one.
  private func meetOthers(_ replica: Replica, _ label: Comment) throws {
    let folder = try Folder()
    let other = try Replica.create(
      at: folder.file("other"), library: replica.library, id: ReplicaID(60), schema: schema)
    defer { try? other.close() }
    for bundles in [story.hub, Story.peer] {
      // Changes of other content under numbers that the hub has would be refused here.
      for held in [other, replica] { _ = try held.merge(bundles, upTo: nil) { $0 } }
    }
    let vector = try replica.read { try $0.vector() }
    for origin in vector.replicas {
      while let run = try replica.run(
        of: origin, from: try other.read { try $0.vector() }[origin] + 1, byteLimit: 1 << 20)
      {
        _ = try other.merge([run.opened(replica.library)], upTo: nil) { $0 }
      }
    }
    #expect(try other.read { try $0.vector() } == vector, label)
    #expect(try other.setAside().isEmpty && replica.setAside().isEmpty, label)
    #expect(try other.shown() == replica.shown(), label)
    #expect(try other.record(page(9)) != nil, label)
  }
}
