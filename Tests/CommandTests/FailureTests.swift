import Gloss
import GlossCommandTesting
import GlossCore
import GlossSeal
import GlossStore
import GlossSync
import GlossWire
import Testing

@testable import gloss

/// Every error that a library throws, and what becomes of it: an exit code that scripts rely on, words, and what to do.
@Suite struct FailureTests {
  private static let key = RecordKey("article", RecordID(1))
  private static let replica = ReplicaID(2)

  static let libraryErrors: [(LibraryError, Status)] = [
    (.noSuchRecord("3f2a"), .noMatch), (.ambiguousPrefix("3f2a", candidates: [key]), .noMatch),
    (.notAPrefix("x"), .usage), (.notAURL("x"), .badInput), (.noText(key.id), .noMatch),
    (.textMissing(key.id), .noMatch), (.emptyQuote, .badInput), (.quoteNotFound("x"), .noMatch),
    (.quoteAmbiguous([]), .noMatch), (.noSuchOccurrence(3, count: 2), .noMatch),
    (.notATag(""), .badInput), (.notADate("x"), .badInput), (.notUTF8(offset: 1), .badInput),
    (.containsNUL(offset: 1), .badInput), (.emptyNote, .badInput),
    (.noConflict(key, field: "title"), .noMatch), (.noRootKey, .fault), (.locked, .refused),
    (.wrongPassphrase, .refused), (.hasPassphrase, .cannotCreate), (.noPassphrase, .noMatch),
    (.wrappedKey(.wrongPassphrase), .refused), (.wrappedKey(.damaged), .fault),
    (.wrappedKey(.newerVersion(9)), .tooOld), (.wrappedKey(.badParameters), .fault),
    (.wrappedKey(.notEnoughMemory), .inputOutput),
  ]

  static let storeErrors: [(StoreError, Status)] = [
    (.notFound(path: "p"), .noInput), (.alreadyExists(path: "p"), .cannotCreate),
    (.notALibrary(path: "p"), .badInput),
    (.newerFormat(path: "p", found: 9, supported: 4), .tooOld), (.busy(path: "p"), .busy),
    (.readOnly(path: "p"), .refused), (.full(path: "p"), .inputOutput),
    (.corrupt(path: "p", detail: "d"), .fault), (.io(path: "p", detail: "d"), .inputOutput),
    (.noSuchRecord(key), .noMatch),
    (.invalid(.tooLarge(field: "title", byteCount: 9)), .badInput),
    (.invalid(.malformedValue(field: "title")), .badInput), (.invalid(.badName), .badInput),
    (.bundleGap(replica: replica, held: 1, first: 3), .fault),
    (.contradicted(replica, agreedSeq: 1), .fault), (.massDelete([key], of: 1), .needsDecision),
  ]

  static let syncErrors: [(SyncError, Status)] = [
    (.notConnected, .noMatch), (.syncInProgress, .busy),
    (.diverged(origin: replica, seq: 1), .fault),
    (.keyring(.notForThisDevice, epoch: 2), .refused), (.keyring(.otherEpoch, epoch: 2), .fault),
    (.keyring(.newerVersion(9), epoch: 2), .tooOld), (.keyring(.malformed, epoch: 2), .fault),
    (.snapshotUnusable(.newer), .tooOld), (.snapshotUnusable(.tampered), .fault),
    (.hub(.notOurs("x")), .notOurs), (.hub(.transport(.unreachable("x"))), .unreachable),
    (.hub(.transport(.interrupted("x"))), .notOurs), (.hub(.transport(.timedOut)), .unreachable),
    (.hub(.transport(.insecure("x"))), .refused),
    (.hub(.transport(.tooLarge(limit: 1))), .notOurs),
    (.hub(.transport(.badAddress("x"))), .usage), (.hub(.transport(.cancelled)), .busy),
    (.store(.full(path: "p")), .inputOutput),
  ]

  static let problems: [(Problem.Kind, Status)] = [
    (.malformed, .notOurs), (.unauthorised, .refused), (.enrolmentRefused, .refused),
    (.registrationClosed, .refused), (.notFound, .notOurs), (.methodNotAllowed, .notOurs),
    (.upgradeRequired, .tooOld), (.libraryExists, .refused), (.cursorUnknown, .notOurs),
    (.compacted, .notOurs), (.noSnapshot, .notOurs), (.snapshotRefused, .notOurs),
    (.bundleGap, .notOurs), (.bundleFork, .notOurs), (.keyringConflict, .busy),
    (.tooLarge, .badInput), (.quotaExceeded, .refused), (.slowDown, .busy),
    (.unavailable, .busy), (.unknown, .notOurs),
  ]

  static let codes: [(PairingCodeError, Status)] = [
    (.notACode, .badInput), (.newerVersion(9), .tooOld), (.cutShort, .badInput),
    (.mistyped, .badInput),
  ]

  private func check(_ error: any Error, _ status: Status) throws {
    let failure = try #require(Failure(error), "\(error)")
    #expect(failure.status == status, "\(error)")
    #expect(!failure.message.isEmpty && failure.message.last != ".", "\(error)")
    let hint = try #require(failure.hint, "no hint for \(error)")
    #expect(!hint.isEmpty && hint.last != ".", "\(error)")
  }

  @Test func `every error of a library has its exit code, words and a hint`() throws {
    for (error, status) in Self.libraryErrors { try check(error, status) }
    for (error, status) in Self.storeErrors {
      try check(error, status)
      try check(LibraryError.store(error), status)
    }
    for (error, status) in Self.syncErrors {
      try check(error, status)
      try check(LibraryError.sync(error), status)
    }
    for (error, status) in Self.codes { try check(error, status) }
    for (kind, status) in Self.problems {
      try check(HubFailure.refused(Problem(kind, status: 400, detail: "d")), status)
    }
  }

  @Test func `what holds up a bundle has its exit code, words and a hint`() throws {
    let reasons: [(SetAside.Reason, Status)] = [
      (.newer, .tooOld), (.fork, .fault), (.malformed, .fault), (.badPadding, .fault),
      (.unknownEpoch, .fault), (.truncated, .fault), (.wrongKey, .fault), (.tampered, .fault),
      (.behind, .fault),
    ]
    for (reason, status) in reasons {
      let failure = Failure(SetAside(origin: Self.replica, first: 1, last: 2, reason: reason))
      #expect(failure.status == status)
      #expect(failure.hint?.isEmpty == false)
    }
  }

  @Test func `help lists every exit code there is, and no other`() throws {
    let help = try Machine().gloss("help").output
    let table = help.split(separator: "EXIT STATUS\n").last ?? ""
    let listed = table.split(separator: "\n\n")[0].matches(of: #/(?m)^  (\d+) /#).compactMap {
      Int32($0.1)
    }
    #expect(listed == Status.allCases.map(\.rawValue))
  }
}
