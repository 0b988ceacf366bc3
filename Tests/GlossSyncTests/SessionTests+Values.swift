import GlossCore
import GlossSync
import GlossWire
import Testing

/// Large values and snapshots in a conversation.
extension SessionTests {
  private static func largeSession(
    held: UInt64 = 4, pushed: UInt64 = 2, cursor: Cursor? = place,
    unsent: Bool = true, fetches: Bool = true
  ) -> SyncSession {
    SyncSession(
      vector: Vector([own: held]), pushedSeqByOrigin: [own: pushed],
      cursor: cursor, hasUnsentBlobs: unsent, fetchesBlobs: fetches)
  }

  private static let send = SyncSession.Step.sendBlobs(byteLimit: SyncSession.bundleByteLimit)

  @Test func `large values go up before changes and come after them`() {
    var session = Self.largeSession()
    #expect(session.next() == Self.send)
    session.didSendBlobs(hasMore: true)
    #expect(session.next() == Self.send)
    session.didSendBlobs(hasMore: false)
    #expect(session.next() == Self.push(from: 3))
    session.didPush(Self.own, through: 4)
    session.didApply(upTo: Self.cursor(5), hasMore: true)
    #expect(session.next() == .pull(after: Self.cursor(5)))
    session.didApply(upTo: Self.cursor(6), hasMore: false)
    #expect(session.next() == .fetchBlobs)
    session.didFetchBlobs(hasMore: true)
    #expect(session.next() == .fetchBlobs)
    session.didFetchBlobs(hasMore: false)
    #expect(session.next() == .done)
  }

  @Test func `what was added in the meantime goes up before its change`() {
    var session = Self.largeSession(unsent: false, fetches: false)
    #expect(session.next() == Self.push(from: 3))
    session.didFindUnsentBlobs()
    #expect(session.next() == Self.send)
    session.didSendBlobs(hasMore: false)
    #expect(session.next() == Self.push(from: 3))
  }

  @Test func `a hub that lost something gets the large values first, and the place is kept last`() {
    var session = Self.largeSession(held: 1, pushed: 1, unsent: false)
    let goesOn = session.didRefuse(Self.refusal(.cursorUnknown), holdsOurs: false)
    #expect(goesOn)
    #expect(session.next() == .compareVectors)
    let held = HubVector.Held(lastSeq: 1, tip: Array(repeating: 3, count: 32))
    session.didCompare(HubVector(origins: [Self.own: held], end: Self.cursor(1)), hasBlobs: true)
    #expect(session.next() == Self.send)
    #expect(!session.mayKeepCursor)
    session.didSendBlobs(hasMore: false)
    #expect(session.next() == .pull(after: nil))
    #expect(session.mayKeepCursor)
  }

  @Test func `an upload that is too large is halved, to an end`() {
    var session = Self.largeSession()
    var limit = SyncSession.bundleByteLimit
    while limit > SyncSession.leastBundleByteLimit {
      let goesOn = session.didRefuse(Self.refusal(.tooLarge), holdsOurs: false)
      #expect(goesOn)
      limit /= 2
      #expect(session.next() == .sendBlobs(byteLimit: limit))
    }
    let goesOn = session.didRefuse(Self.refusal(.tooLarge), holdsOurs: false)
    #expect(!goesOn)
  }

  @Test func `a library that may not grow gets what there is, and sends nothing more`() {
    var session = Self.largeSession()
    let goesOn = session.didRefuse(Self.refusal(.quotaExceeded), holdsOurs: false)
    #expect(goesOn)
    #expect(session.next() == .pull(after: Self.place))
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    #expect(session.next() == .fetchBlobs)
  }

  @Test func `a refusal of a fetch ends the conversation`() {
    var session = Self.largeSession(held: 0, pushed: 0, unsent: false)
    session.didApply(upTo: Self.cursor(5), hasMore: false)
    for type in [Problem.Kind.tooLarge, .quotaExceeded, .notFound, .malformed] {
      let goesOn = session.didRefuse(Self.refusal(type), holdsOurs: false)
      #expect(!goesOn)
    }
  }

  @Test func `a new replica whose first page is not the last goes on with a snapshot`() {
    var session = Self.session(held: 0, pushed: 0, cursor: nil)
    #expect(session.next() == .pull(after: nil))
    session.didApply(upTo: Self.cursor(3), hasMore: true)
    #expect(session.next() == .takeSnapshot)
    #expect(session.gains(from: Self.cursor(4)) && !session.gains(from: Self.cursor(3)))
    session.didTakeSnapshot(upTo: Self.cursor(9))
    #expect(session.next() == .pull(after: Self.cursor(9)))
    session.didApply(upTo: Self.cursor(10), hasMore: true)
    #expect(session.next() == .pull(after: Self.cursor(10)), "once")
  }

  @Test func `a first sync goes on with the log where there is no snapshot`() {
    var session = Self.session(held: 0, pushed: 0, cursor: nil)
    session.didApply(upTo: Self.cursor(3), hasMore: true)
    session.didFindNoSnapshot()
    #expect(session.next() == .pull(after: Self.cursor(3)))
  }

  @Test func `a first sync that was interrupted in a snapshot goes on with it`() {
    let session = SyncSession(
      vector: Vector([Self.other: 5]), pushedSeqByOrigin: [Self.own: 0], cursor: Self.place,
      isMidSnapshot: true)
    #expect(session.next() == .takeSnapshot)
  }

  @Test func `who was away too long compares, takes the snapshot, pulls and pushes`() {
    var session = Self.session(held: 4, pushed: 2, others: 7)
    let goesOn = session.didRefuse(Self.refusal(.compacted), holdsOurs: false)
    #expect(goesOn && session.next() == .compareVectors)
    #expect(!session.mayKeepCursor)
    let tip = [UInt8](repeating: 3, count: 32)
    session.didCompare(
      HubVector(
        origins: [
          Self.own: HubVector.Held(lastSeq: 2, tip: tip),
          Self.other: HubVector.Held(lastSeq: 9, tip: tip),
        ], end: Self.cursor(30)))
    #expect(session.next() == .takeSnapshot)
    #expect(!session.mayKeepCursor, "the hub lacks own changes")
    session.didTakeSnapshot(upTo: Self.cursor(20))
    #expect(session.next() == .pull(after: Self.cursor(20)))
    session.didApply(upTo: Self.cursor(30), hasMore: false)
    #expect(session.next() == Self.push(from: 3, after: Self.cursor(30)))
    session.didPush(Self.own, through: 4)
    session.didApply(upTo: Self.cursor(31), hasMore: false)
    #expect(session.mayKeepCursor)
    #expect(session.next() == .done)
  }

  @Test func `what was dropped and is in no snapshot ends the conversation`() {
    var session = Self.session(held: 4, pushed: 4)
    _ = session.didRefuse(Self.refusal(.compacted), holdsOurs: false)
    session.didCompare(HubVector(origins: [:], end: Self.cursor(30)))
    session.didFindNoSnapshot()
    let goesOn = session.didRefuse(Self.refusal(.compacted), holdsOurs: false)
    #expect(!goesOn)
  }
}
