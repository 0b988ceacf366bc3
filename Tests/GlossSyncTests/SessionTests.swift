import GlossCore
import GlossSync
import GlossWire
import Testing

/// The conversation as a value: what it says to do next, step by step.
@Suite struct SessionTests {
  static let own = ReplicaID(1)
  static let other = ReplicaID(2)
  static let place = cursor(3)

  static func cursor(_ index: UInt64) -> Cursor {
    Cursor(
      log: Array(repeating: 1, count: 16), index: index, hash: Array(repeating: 2, count: 16))!
  }

  static func session(
    held: UInt64, pushed: UInt64, others: UInt64 = 0, cursor: Cursor? = place
  ) -> SyncSession {
    SyncSession(
      vector: Vector([own: held, other: others]), pushedSeqByOrigin: [own: pushed],
      cursor: cursor)
  }

  static func push(
    _ origin: ReplicaID = own, from first: UInt64, byteLimit: Int = SyncSession.bundleByteLimit,
    after cursor: Cursor? = place
  ) -> SyncSession.Step {
    .push(origin: origin, from: first, byteLimit: byteLimit, after: cursor)
  }

  static func refusal(
    _ type: Problem.Kind, of origin: ReplicaID = own, held: UInt64? = nil
  ) -> Problem {
    Problem(
      type, status: 409, detail: "",
      held: held.map {
        Problem.Held(origin: origin.bytes, lastSeq: $0, tip: Array(repeating: 3, count: 32))
      })
  }

  @Test func `a conversation with nothing to send is one pull`() {
    var session = Self.session(held: 4, pushed: 4)
    #expect(session.next() == .pull(after: Self.place))
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == .done)
  }

  @Test func `a conversation with something to send is one push and nothing more`() {
    var session = Self.session(held: 4, pushed: 2)
    #expect(session.next() == Self.push(from: 3))
    session.didPush(Self.own, through: 4)
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == .done)
  }

  /// A file that was copied may have unsent changes of the replica that it was, which its later ones name. They went in the
  /// order of the identifiers, so that others could meet a change before what it replaces.
  @Test(arguments: [ReplicaID(0), ReplicaID(9)])
  func `what a file made as a former replica goes before what it has made since`(
    former: ReplicaID
  ) {
    var session = SyncSession(
      vector: Vector([Self.own: 1, former: 3]), pushedSeqByOrigin: [Self.own: 0, former: 2],
      authors: [former, Self.own], cursor: Self.place)
    #expect(session.next() == Self.push(former, from: 3))
    session.didPush(former, through: 3)
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == Self.push(from: 1, after: Self.cursor(5)))
  }

  /// It was sent all the same, naming changes that on the hub are somebody else's of the same numbers.
  @Test(arguments: [false, true])
  func `what a file has made since waits until the log tells that the hub has what it names`(
    isRefused: Bool
  ) {
    let former = ReplicaID(9)
    var session = SyncSession(
      vector: Vector([Self.own: 1, former: 3]), pushedSeqByOrigin: [Self.own: 0, former: 2],
      authors: [former, Self.own], cursor: Self.place)
    if isRefused {
      let problem = Self.refusal(.bundleFork, of: former, held: 3)
      let goesOn = session.didRefuse(problem, holdsOurs: false)
      #expect(goesOn)
    } else {
      // A hub that cannot tell takes it for a repeat.
      session.didPush(former, through: 3)
      session.didSkipPage()
    }
    #expect(session.next() == .pull(after: Self.place))
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    // Where the log has nothing that explains the refusal, the hub is asked once more.
    #expect(
      session.next() == (isRefused ? .compareVectors : Self.push(from: 1, after: Self.cursor(5))))
  }

  @Test func `only the replica's own changes are pushed as long as the log is known`() {
    #expect(Self.session(held: 0, pushed: 0, others: 9).next() == .pull(after: Self.place))
  }

  @Test func `pulls follow while there is more, each from where the last one ended`() {
    var session = Self.session(held: 1, pushed: 0)
    #expect(session.next() == Self.push(from: 1))
    session.didPush(Self.own, through: 1)
    for index in UInt64(1)...3 {
      session.didApply(upTo: Self.cursor(index), hasMore: true)
      #expect(session.next() == .pull(after: Self.cursor(index)))
    }
    session.didApply(upTo: Self.cursor(4), hasMore: false)
    #expect(session.next() == .done)
  }

  @Test func `several bundles are pushed before anything is pulled`() {
    var session = Self.session(held: 9, pushed: 0)
    session.didPush(Self.own, through: 4)
    session.didApply(upTo: Self.cursor(4), hasMore: true)
    #expect(session.next() == Self.push(from: 5, after: Self.cursor(4)))
    session.didPush(Self.own, through: 9)
    session.didApply(upTo: Self.cursor(5), hasMore: true)
    #expect(session.next() == .pull(after: Self.cursor(5)))
  }

  @Test(arguments: [Problem.Kind.bundleGap, .bundleFork], [UInt64(0), 3])
  func `a refused push goes on from a place in our own run`(type: Problem.Kind, held: UInt64) {
    var session = Self.session(held: 9, pushed: 5)
    let goesOn = session.didRefuse(Self.refusal(type, held: held), holdsOurs: true)
    #expect(goesOn)
    #expect(session.next() == Self.push(from: held + 1))
  }

  @Test(arguments: [Problem.Kind.bundleGap, .bundleFork])
  func `what the hub holds of ours and is something else is pulled before anything is pushed`(
    type: Problem.Kind
  ) {
    var session = Self.session(held: 9, pushed: 5)
    let goesOn = session.didRefuse(Self.refusal(type, held: 6), holdsOurs: false)
    #expect(goesOn)
    #expect(session.next() == .pull(after: Self.place))
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == .compareVectors, "the log explains nothing: it is looked at again")
    session.didCompare(
      HubVector(
        origins: [Self.own: .init(lastSeq: 6, tip: Array(repeating: 3, count: 32))],
        end: Self.cursor(5)))
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == Self.push(from: 7, after: Self.cursor(5)))
    let goesOnAgain = session.didRefuse(Self.refusal(type, held: 6), holdsOurs: false)
    #expect(goesOnAgain)
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == .done)
  }

  @Test func `nothing is pushed beside what is contradicted before the log was read`() {
    let former = ReplicaID(9)
    var session = SyncSession(
      vector: Vector([Self.own: 1, former: 3, Self.other: 2]),
      pushedSeqByOrigin: [Self.own: 0, former: 2, Self.other: 0], authors: [former, Self.own],
      cursor: Self.place)
    #expect(session.next() == Self.push(Self.other, from: 1))
    let goesOn = session.didRefuse(
      Self.refusal(.bundleFork, of: Self.other, held: 2), holdsOurs: false)
    #expect(goesOn && session.next() == .pull(after: Self.place))
    session.didApply(upTo: Self.cursor(4), hasMore: true)
    #expect(session.next() == .pull(after: Self.cursor(4)))
  }

  @Test func `no large value is sent under a newer key before the hub has shown that it has it`() {
    var session = SyncSession(
      vector: Vector([Self.own: 1]), pushedSeqByOrigin: [Self.own: 0], cursor: Self.place,
      hasUnsentBlobs: true, looksFirst: true)
    #expect(session.next() == .pull(after: Self.place))
    session.didApply(upTo: Self.cursor(4), hasMore: false)
    #expect(session.next() == .sendBlobs(byteLimit: SyncSession.bundleByteLimit))
  }

  @Test func `what was made as another replica is pushed with what is made as this one`() {
    var session = SyncSession(
      vector: Vector([Self.own: 2, Self.other: 7]),
      pushedSeqByOrigin: [Self.own: 0, Self.other: 5], cursor: Self.place)
    #expect(session.next() == Self.push(from: 1))
    session.didPush(Self.own, through: 2)
    #expect(session.next() == Self.push(Self.other, from: 6))
  }

  @Test(arguments: [Problem.Kind.bundleGap, .bundleFork])
  func `a refusal that does not say what is held ends the conversation`(type: Problem.Kind) {
    var session = Self.session(held: 9, pushed: 5)
    let goesOn = session.didRefuse(Self.refusal(type), holdsOurs: true)
    #expect(!goesOn)
  }

  @Test func `a refusal about a replica of which nothing was sent ends the conversation`() {
    var session = Self.session(held: 9, pushed: 5, others: 4)
    let problem = Self.refusal(.bundleGap, of: Self.other, held: 1)
    let goesOn = session.didRefuse(problem, holdsOurs: true)
    #expect(!goesOn)
  }

  @Test func `after an unknown cursor the log is read anew, and all that the hub lacks is pushed`()
  {
    var session = Self.session(held: 9, pushed: 9, others: 4)
    let goesOn = session.didRefuse(Self.refusal(.cursorUnknown), holdsOurs: false)
    #expect(goesOn)
    #expect(session.next() == .compareVectors)
    session.didCompare(
      HubVector(
        origins: [Self.own: .init(lastSeq: 7, tip: Array(repeating: 3, count: 32))],
        end: Self.cursor(1)))
    #expect(session.next() == .pull(after: nil), "the log may contradict what would be pushed")
    #expect(!session.mayKeepCursor)
    session.didApply(upTo: Self.cursor(1), hasMore: false)
    #expect(session.next() == Self.push(from: 8, after: Self.cursor(1)))
    session.didPush(Self.own, through: 9)
    session.didApply(upTo: Self.cursor(2), hasMore: false)
    #expect(session.next() == Self.push(Self.other, from: 1, after: Self.cursor(2)))
    #expect(!session.mayKeepCursor)
    session.didPush(Self.other, through: 4)
    #expect(session.mayKeepCursor)
    session.didApply(upTo: Self.cursor(3), hasMore: false)
    #expect(session.next() == .done)
  }

  @Test func `a hub that lost nothing is only read anew`() {
    var session = Self.session(held: 2, pushed: 2)
    let goesOn = session.didRefuse(Self.refusal(.cursorUnknown), holdsOurs: false)
    #expect(goesOn)
    session.didCompare(
      HubVector(
        origins: [Self.own: .init(lastSeq: 5, tip: Array(repeating: 3, count: 32))],
        end: Self.cursor(1)))
    #expect(session.mayKeepCursor)
    #expect(session.next() == .pull(after: nil))
  }

  @Test func `others' changes without a place in a log are compared with the hub first`() {
    #expect(Self.session(held: 1, pushed: 0, others: 4, cursor: nil).next() == .compareVectors)
    #expect(Self.session(held: 0, pushed: 0, others: 4, cursor: nil).next() == .compareVectors)
  }

  @Test func `a hub cannot say that no cursor is unknown`() {
    var session = Self.session(held: 2, pushed: 2, cursor: nil)
    let goesOn = session.didRefuse(Self.refusal(.cursorUnknown), holdsOurs: false)
    #expect(!goesOn)
  }

  @Test func `a body that is too large is halved down to a least size`() {
    var goesOn: Bool
    var session = Self.session(held: 2, pushed: 0)
    var limit = SyncSession.bundleByteLimit
    while limit > SyncSession.leastBundleByteLimit {
      goesOn = session.didRefuse(Self.refusal(.tooLarge), holdsOurs: false)
      #expect(goesOn)
      limit /= 2
      #expect(session.next() == Self.push(from: 1, byteLimit: limit))
    }
    goesOn = session.didRefuse(Self.refusal(.tooLarge), holdsOurs: false)
    #expect(!goesOn)
  }

  @Test func `where the library may not grow, what others have sent is fetched all the same`() {
    var session = Self.session(held: 4, pushed: 2)
    let goesOn = session.didRefuse(Self.refusal(.quotaExceeded), holdsOurs: false)
    #expect(goesOn)
    #expect(session.next() == .pull(after: Self.place))
    #expect(session.mayKeepCursor)
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == .done)
  }

  @Test func `a rebuilding that the quota ends is taken up again by the next conversation`() {
    var session = Self.session(held: 4, pushed: 4, others: 4)
    _ = session.didRefuse(Self.refusal(.cursorUnknown), holdsOurs: false)
    session.didCompare(HubVector(origins: [:], end: Self.cursor(0)))
    _ = session.didRefuse(Self.refusal(.quotaExceeded), holdsOurs: false)
    #expect(!session.mayKeepCursor)
  }

  @Test func `a pull that is too large ends the conversation`() {
    var session = Self.session(held: 2, pushed: 2)
    let goesOn = session.didRefuse(Self.refusal(.tooLarge), holdsOurs: false)
    #expect(!goesOn)
  }

  @Test(
    arguments: Problem.Kind.allCases.filter {
      ![.bundleGap, .bundleFork, .cursorUnknown, .compacted, .tooLarge, .quotaExceeded]
        .contains($0)
    })
  func `any other refusal ends the conversation`(type: Problem.Kind) {
    var session = Self.session(held: 2, pushed: 0)
    let goesOn = session.didRefuse(Self.refusal(type, held: 0), holdsOurs: true)
    #expect(!goesOn)
  }

  @Test func `a hub that refuses for ever is given up, and one that accepts between is not`() {
    var session = Self.session(held: 9, pushed: 5)
    let problem = Self.refusal(.bundleGap, held: 3)
    var answered = 0
    while session.didRefuse(problem, holdsOurs: true) { answered += 1 }
    #expect(answered == 16)
    session.didPush(Self.own, through: 4)
    let goesOn = session.didRefuse(problem, holdsOurs: true)
    #expect(goesOn)
  }

  @Test func `what a push was answered with and was not whole is pulled`() {
    var session = Self.session(held: 4, pushed: 2)
    session.didPush(Self.own, through: 4)
    session.didSkipPage()
    #expect(session.next() == .pull(after: Self.place))
  }
}
