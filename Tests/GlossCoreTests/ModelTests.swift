import GlossCore
import GlossTesting
import Testing

/// Random histories in random orders, against the rules computed anew.
struct ModelTests {
  @Test(arguments: [0, 30])
  func `any order, repetition and timing gives what the rules say`(hostilePercent: Int) throws {
    var staleCount = 0
    for seed in UInt64(1)...300 {
      var random = SeededGenerator(seed: seed)
      var generator = ChangeGenerator(
        seed: seed, replicaCount: Int.random(in: 1...5, using: &random),
        hostilePercent: hostilePercent)
      let changes = generator.history(Int.random(in: 1...25, using: &random)).map(\.change)
      let model = NaiveModel(changes)
      for _ in 0..<12 {
        let delivery = (changes + changes.filter { _ in random.happens(percent: 30) })
          .shuffled(using: &random)
        let receiver = Receiver(delivery)
        try check(receiver, against: model, "seed \(seed)")
        staleCount += receiver.staleCount
      }
    }
    #expect((staleCount > 0) == (hostilePercent > 0), "the histories reach what they are made for")
  }

  @Test func `every prefix of a delivery gives what the rules say of it`() throws {
    for seed in UInt64(1)...100 {
      var generator = ChangeGenerator(seed: seed, replicaCount: 3, hostilePercent: 25)
      var random = SeededGenerator(seed: seed)
      var receiver = Receiver()
      var model = NaiveModel()
      for change in generator.history(15).map(\.change).shuffled(using: &random) {
        receiver.receive(change)
        model.receive(change)
        try check(receiver, against: model, "seed \(seed) at \(change.dot)")
      }
    }
  }

  @Test func `honest programs make only valid changes, whatever their clocks show`() {
    for seed in UInt64(1)...300 {
      var generator = ChangeGenerator(seed: seed, replicaCount: 4)
      let changes = generator.history(25).map(\.change)
      #expect(NaiveModel(changes).invalid.isEmpty, "seed \(seed)")
    }
  }

  @Test func `a merge that forgets early parents is caught`() {
    let divergences = (UInt64(1)...100).count { seed in
      var generator = ChangeGenerator(seed: seed, replicaCount: 3)
      var random = SeededGenerator(seed: seed)
      let changes = generator.history(12).map(\.change)
      var forgetful = ForgetfulMerge()
      for change in changes.shuffled(using: &random) { forgetful.merge(change) }
      return forgetful.heads != NaiveModel(changes).heads.mapValues(Set.init)
    }
    #expect(divergences > 50)
  }

  private func check(
    _ receiver: Receiver, against model: NaiveModel, _ comment: Comment,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let early = receiver.state.registers.mapValues { Set($0.earlyParents.map(\.dot)) }
    let computed = RecordState.computed(of: Array(model.changes.values))
    try #require(receiver.invalid == model.invalid, comment, sourceLocation: location)
    try #require(receiver.heads == model.heads, comment, sourceLocation: location)
    try #require(early == model.awaited, comment, sourceLocation: location)
    try #require(receiver.state == computed.state, comment, sourceLocation: location)
    try #require(Set(computed.invalid.keys) == model.invalid, comment, sourceLocation: location)
    for kind in [ChangeGenerator.kind, nil] {
      let view = try receiver.view(of: kind)
      try #require(view == model.view(of: kind), comment, sourceLocation: location)
    }
  }
}

/// What a merge looks like that does not remember which parents were named before they came.
private struct ForgetfulMerge {
  var heads: [Name: Set<Dot>] = [:]

  mutating func merge(_ change: Change) {
    for write in change.writes {
      heads[write.field, default: []].insert(change.dot)
      heads[write.field, default: []].subtract(write.parents)
    }
  }
}
