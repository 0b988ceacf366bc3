import Foundation
import GlossCore
import GlossCrypto
import GlossHub
import GlossWire
import Testing

private func digest(_ secret: String) -> [UInt8] { sha256(Array(secret.utf8)) }

@Suite struct `Who may use a library` {
  @Test(arguments: StoreKind.all)
  func `the description is for everybody`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let description = HubDescription(
      software: "test", versions: [1], requestByteLimit: 16_777_216, pageByteLimit: 1_048_576,
      waitLimitSeconds: 60)
    #expect(try await fixture.ask(.describe, token: "") == .description(description))
  }

  @Test(arguments: StoreKind.all)
  func `creating a library again takes the same token`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    #expect(try await fixture.ask(.createLibrary(fixture.library)) == .done)
    let problem = await fixture.problem(.createLibrary(fixture.library), token: "another")
    #expect(problem?.type == .libraryExists)
    #expect(problem?.status == 409)
    #expect(await fixture.problem(.createLibrary(LibraryID(7)), token: "")?.type == .unauthorised)
  }

  @Test(arguments: StoreKind.all)
  func `without a token of this very library nothing is told`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    _ = try await fixture.ask(.createLibrary(LibraryID(2)), token: "second")
    let bundle = fixture.bundle(1, 1, 1)
    let actions: [HubRequest.Action] = [
      .offerEnrolment(fixture.library, secretDigest: digest("s")),
      .push(fixture.library, bundles: [bundle], after: nil),
      .push(fixture.library, bundles: [[1, 2]], after: nil), .pull(fixture.library, after: nil),
      .vector(fixture.library),
    ]
    for action in actions {
      for token in ["", "wrong", "second", HubFixture.token + " "] {
        let problem = await fixture.problem(action, token: token)
        #expect(problem?.type == .unauthorised)
        #expect(problem?.status == 401)
        #expect(problem == (await fixture.problem(.vector(LibraryID(99)), token: token)))
      }
    }
    #expect(try await fixture.wholeLog().bundles.isEmpty)
  }

  @Test(arguments: StoreKind.all)
  func `a secret enrols one device`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let library = fixture.library
    for _ in 0..<2 {
      #expect(try await fixture.ask(.offerEnrolment(library, secretDigest: digest("s"))) == .done)
    }
    let enrol = HubRequest.Action.enrol(library, tokenDigest: digest("second"))
    #expect(await fixture.problem(enrol, token: "wrong")?.type == .enrolmentRefused)
    #expect(await fixture.problem(.vector(library), token: "second")?.type == .unauthorised)
    for _ in 0..<2 { #expect(try await fixture.ask(enrol, token: "s") == .done) }
    #expect(await fixture.problem(.vector(library), token: "second") == nil)
    #expect(await fixture.problem(.vector(library)) == nil)
    let third = HubRequest.Action.enrol(library, tokenDigest: digest("third"))
    let refusal = await fixture.problem(third, token: "s")
    #expect(refusal?.type == .enrolmentRefused)
    #expect(refusal?.status == 403)
    _ = try await fixture.ask(.offerEnrolment(library, secretDigest: digest("s")))
    #expect(await fixture.problem(third, token: "s")?.type == .enrolmentRefused)
  }

  @Test(arguments: StoreKind.all)
  func `a secret of one library enrols nobody in another`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    _ = try await fixture.ask(.createLibrary(LibraryID(2)), token: "second")
    _ = try await fixture.ask(.offerEnrolment(fixture.library, secretDigest: digest("s")))
    let enrol = HubRequest.Action.enrol(LibraryID(2), tokenDigest: digest("x"))
    #expect(await fixture.problem(enrol, token: "s")?.type == .enrolmentRefused)
  }

  @Test(arguments: StoreKind.all)
  func `a secret is good for a day`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let day: Int64 = 24 * 60 * 60 * 1_000
    _ = try await fixture.ask(.offerEnrolment(fixture.library, secretDigest: digest("s")))
    _ = try await fixture.ask(.offerEnrolment(fixture.library, secretDigest: digest("t")))
    fixture.clock.advance(by: day - 1)
    let enrol = HubRequest.Action.enrol(fixture.library, tokenDigest: digest("second"))
    #expect(await fixture.problem(enrol, token: "s") == nil)
    fixture.clock.advance(by: 1)
    let late = HubRequest.Action.enrol(fixture.library, tokenDigest: digest("third"))
    #expect(await fixture.problem(late, token: "t")?.type == .enrolmentRefused)
    #expect(await fixture.problem(enrol, token: "s") == nil, "a repeat stays answered")
  }

  @Test(arguments: StoreKind.all)
  func `one secret used by many at once enrols one`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let library = fixture.library
    _ = try await fixture.ask(.offerEnrolment(library, secretDigest: digest("s")))
    let enrolled = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<16 {
        group.addTask {
          await fixture.problem(.enrol(library, tokenDigest: digest("t\(number)")), token: "s")
            == nil
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(enrolled == 1)
  }
}
