import GlossCore
import GlossCrypto
import GlossWire
import Testing

/// Protocol/vectors/http.json, which another implementation in another language made.
struct HTTPVectorTests {
  private let vectors: HTTPVectors

  init() throws {
    vectors = try HTTPVectors.read()
    try #require(vectors.requests.count >= 15 && vectors.alsoRead.count >= 24)
    try #require(vectors.badRequests.count >= 67)
    try #require(vectors.replies.count >= 20 && vectors.notOurs.count >= 26)
    try #require(vectors.refusals.count >= 34)
  }

  @Test func `requests are written and read as in the vectors`() throws {
    for vector in vectors.requests {
      let request = HubRequest(try vector.action.action, credential: vector.credential)
      #expect(request.http == vector.http, "\(vector.name)")
      #expect(try HubRequest(http: vector.http) == request, "\(vector.name)")
    }
  }

  @Test func `what nobody has to write is read as in the vectors`() throws {
    for vector in vectors.alsoRead {
      let request = HubRequest(try vector.action.action, credential: vector.credential)
      #expect(try HubRequest(http: vector.http) == request, "\(vector.name)")
    }
  }

  @Test func `bad requests are refused as in the vectors`() {
    for vector in vectors.badRequests {
      var outcome: (type: String, status: Int) = ("read", 200)
      do throws(Problem) {
        _ = try HubRequest(http: vector.http)
      } catch {
        outcome = (error.type.rawValue, error.status)
      }
      #expect(
        outcome == ("urn:gloss:problem:\(vector.type)", vector.status), "\(vector.name)")
    }
  }

  @Test func `replies are read and written as in the vectors`() throws {
    for vector in vectors.replies {
      let reply = try vector.value.reply(to: vector.to)
      let action = try HTTPVectors.Action.sample(vector.to)
      #expect(try HubReply(http: vector.http, to: action) == reply, "\(vector.name)")
      #expect(try HubReply(http: reply.http(), to: action) == reply, "\(vector.name)")
    }
  }

  @Test func `messages are byte for byte as in the vectors`() throws {
    for vector in vectors.replies {
      guard let type = vector.http.value(of: "content-type"), type == HTTPBinding.messageType,
        !vector.name.contains("later version"), !vector.name.contains("Preference-Applied")
      else { continue }
      #expect(try vector.value.reply(to: vector.to).http() == vector.http, "\(vector.name)")
    }
  }

  @Test func `refusals are read as in the vectors`() throws {
    for vector in vectors.refusals {
      // What a proxy's status means is in the vectors; the words for it are ours.
      guard case .refused(var problem) = try failure(of: vector) else {
        Issue.record("\(vector.name) is a refusal")
        continue
      }
      if vector.detail == "from a proxy or another server" { problem.detail = vector.detail ?? "" }
      #expect(.refused(problem) == (try vector.failure), "\(vector.name)")
    }
  }

  @Test func `what is no hub's reply is told apart as in the vectors`() throws {
    for vector in vectors.notOurs {
      guard case .notOurs = try failure(of: vector) else {
        Issue.record("\(vector.name) is no hub's reply")
        continue
      }
    }
  }

  @Test func `the running hash is as in the vectors`() throws {
    var hash = [UInt8](repeating: 0, count: 16)
    for (bundle, expected) in zip(vectors.runningHash.bundles, vectors.runningHash.hashes) {
      hash = Array(sha256(hash, sha256(bundle.bytes)).prefix(16))
      #expect(hash == expected.bytes)
    }
  }

  private func failure(of vector: HTTPVectors.Refusal) throws -> HubFailure? {
    let action = try HTTPVectors.Action.sample(vector.to)
    do throws(HubFailure) {
      _ = try HubReply(http: vector.http, to: action)
      return nil
    } catch {
      return error
    }
  }
}
