import GlossCore
import GlossWire
import Testing

@testable import GlossStore

/// What is made again after a fork, as `Protocol/reference/forks.py`, another implementation in another language, makes it.
@Suite struct ForkVectorTests {
  private let folder: Folder
  private let library = LibraryID(7)
  /// The random identifier that a holder takes that made some of it.
  private let next = ReplicaID(99)

  init() throws { folder = try Folder() }

  @Test func `what is made again is as in the vectors`() throws {
    let vectors = try ForkVectors.read()
    try #require(vectors.cases.count >= 15)
    for vector in vectors.cases {
      let held = try holder(of: vector)
      let renewal = try held.renew(
        as: next, after: vector.agreedSeq.number, of: vector.contradicted.replica)
      #expect((renewal != nil) == vector.isRenewed, "\(vector.name)")
      #expect(held.id == (vector.isRenewed ? next : try vector.holder.replica), "\(vector.name)")
      let lost = try held.read { try $0.transaction.renamings() }
      #expect(
        Set(lost.map(\.described)) == Set(vector.lost.map(\.described)), "\(vector.name)")
      try check(held, vector)
      #expect(try held.verify().damages == [], "\(vector.name)")
    }
  }

  /// The runs that are held afterwards are the vectors', and somebody who has nothing takes them in from the start.
  @Test func `what the vectors expect is taken in, and comes to their tips`() throws {
    for vector in try ForkVectors.read().cases {
      let held = try holder(of: vector)
      try held.renew(as: next, after: vector.agreedSeq.number, of: vector.contradicted.replica)
      let reader = try Replica.create(
        at: folder.file("reader of \(vector.name)"), library: library, id: ReplicaID(98),
        schema: schema)
      for expected in vector.expected {
        let origin = try expected.origin.replica
        while let run = try held.run(
          of: origin, from: try reader.read { try $0.vector() }[origin] + 1, byteLimit: 1 << 20)
        {
          _ = try reader.merge([run.opened(library)], upTo: nil) { $0 }
        }
      }
      try check(reader, vector)
      #expect(try reader.setAside() == [], "\(vector.name)")
    }
  }

  /// A new file of the vector's holder, with the runs that it holds.
  private func holder(of vector: ForkVectors.Case) throws -> Replica {
    let holder = try Replica.create(
      at: folder.file(vector.name), library: library, id: ReplicaID(97), schema: schema)
    for run in vector.held {
      let origin = try run.origin.replica
      let changes = try run.changes.map { try $0.change }
      let previousTip = try holder.tip(of: origin, at: run.first.number - 1)
      var tip = try #require(previousTip)
      for change in changes { tip = ForkVectors.tip(after: tip, change) }
      let statedTip = try run.statedTip?.hexBytes
      let bundle = ChangeRun(
        origin: origin, content: BundleContent(changes: changes, statedTip: statedTip),
        previousTip: try #require(previousTip), tip: statedTip ?? tip, first: try run.first.number,
        last: try run.first.number + UInt64(changes.count) - 1)
      _ = try holder.merge([bundle.opened(library)], upTo: nil) { $0 }
    }
    // What it made itself came like others' changes, and it made none as the one that it was.
    try holder.renew(as: vector.holder.replica, after: 0, of: holder.id)
    return holder
  }

  private func check(_ replica: Replica, _ vector: ForkVectors.Case) throws {
    let vectorHeld = try replica.read { try $0.vector() }
    #expect(vectorHeld.replicas.count == vector.expected.count, "\(vector.name)")
    for expected in vector.expected {
      let origin = try expected.origin.replica
      let changes = try replica.read { try $0.transaction.changes(of: origin, from: 1) }
      #expect(
        changes.map { hexadecimal(ForkVectors.canonical($0)) } == expected.canonical,
        "\(vector.name): \(expected.origin)")
      #expect(
        try replica.tip(of: origin, at: UInt64(changes.count)).map(hexadecimal) == expected.tip,
        "\(vector.name): \(expected.origin)")
    }
  }
}

extension Renaming {
  /// The renaming as a text.
  fileprivate var described: String { "\(origin):\(first) is \(branch)" }
}

extension ForkVectors.Lost {
  /// The renaming as a text.
  fileprivate var described: String { "\(origin):\(first) is \(branch)" }
}
