import Foundation
import GlossCore
import GlossWire
import Testing

/// The shape of Protocol/vectors/http.json, which `Protocol/reference/http_cases.py` makes.
struct HTTPVectors: Decodable {
  var requests, alsoRead: [Request]
  var badRequests: [BadRequest]
  var replies: [Reply]
  var refusals, notOurs: [Refusal]
  var runningHash: RunningHash

  struct Request: Decodable {
    var name, method, target, credential: String
    var headers: [[String]]
    var body: HexadecimalBytes
    var action: Action

    var http: HTTPRequest { request(method, target, headers, body) }
  }

  struct Action: Decodable {
    var `do`: String
    var library, digest: HexadecimalBytes
    var bundles: [HexadecimalBytes]
    var after, at: String?
    var wait: Int
    var snapshot, piece: HexadecimalBytes
    var index: UInt32
    var complete: Value?
    var epoch: UInt32
    var content: HexadecimalBytes
    var parts: [Part]
    var wants: [String]
  }

  struct Part: Decodable {
    var name, digest, bytes: HexadecimalBytes
    var size, offset: String

    var value: BlobPart {
      get throws {
        BlobPart(
          name: name.bytes, digest: digest.bytes, size: Int(try number(size)),
          offset: Int(try number(offset)), bytes: bytes.bytes)
      }
    }
  }

  struct Holding: Decodable {
    var name: HexadecimalBytes
    var held: String
    var isComplete: Bool
  }

  struct BadRequest: Decodable {
    var name, method, target, type: String
    var headers: [[String]]
    var body: HexadecimalBytes
    var repeated, status: Int

    var http: HTTPRequest {
      var http = request(method, target, headers, body)
      http.body = Array(repeatElement(http.body, count: repeated).joined())
      return http
    }
  }

  struct Reply: Decodable {
    var name, to: String
    var status: Int
    var headers: [[String]]
    var body: HexadecimalBytes
    var value: Value

    var http: HTTPReply { reply(status, headers, body) }
  }

  /// What a reply says: only the members of its message are there.
  struct Value: Decodable {
    var bundles: [HexadecimalBytes]?
    var cursor, end, software, requestByteLimit, pageByteLimit: String?
    var hasMore, hasWaited, wantsSnapshot: Bool?
    var epoch, newest: UInt32?
    var entries: [HexadecimalBytes]?
    var origins: [Held]?
    var versions: [UInt32]?
    var waitLimitSeconds: UInt32?
    var devices: [Device]?
    var parts: [Part]?
    var holdings: [Holding]?
    var snapshot, piece: HexadecimalBytes?
    var pieceCount: UInt32?

    func description() throws -> SnapshotDescription {
      SnapshotDescription(
        id: try #require(snapshot.flatMap { SnapshotID(bytes: $0.bytes) }),
        cursor: try #require(cursor.flatMap { Cursor(text: $0) }),
        pieceCount: try #require(pieceCount))
    }
  }

  struct Held: Decodable {
    var origin, tip: HexadecimalBytes
    var lastSeq: String
  }

  struct Device: Decodable {
    var digest, card: HexadecimalBytes
    var created, lastSeen, cursorIndex, appliedIndex: String
  }

  struct Refusal: Decodable {
    var name, to, type: String
    var status: Int
    var headers: [[String]]
    var body: HexadecimalBytes
    var detail: String?
    var held: Held?
    var limit: String?
    var retryAfter: Int?

    var http: HTTPReply { reply(status, headers, body) }
  }

  struct RunningHash: Decodable {
    var bundles, hashes: [HexadecimalBytes]
  }

  static func read() throws -> Self {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/http.json").standardized
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }
}

extension HTTPVectors.Action {
  var action: HubRequest.Action {
    get throws {
      let library = self.do == "describe" ? LibraryID(0) : LibraryID(bytes: library.bytes)
      let id = { try #require(SnapshotID(bytes: snapshot.bytes)) }
      switch self.do {
      case "latest": return .latestSnapshot(try #require(library))
      case "piece": return .piece(try #require(library), try id(), index: index)
      case "put-piece":
        return .putPiece(try #require(library), try id(), index: index, piece: piece.bytes)
      case "complete":
        let description = try #require(complete).description()
        #expect(try description.id == id())
        return .completeSnapshot(try #require(library), description)
      case "vector": return .vector(try #require(library), at: try at.map { try number($0) })
      default: break
      }
      return try Self.action(
        self.do, try #require(library), digest: digest.bytes, bundles: bundles.map(\.bytes),
        after: try after.map { try #require(Cursor(text: $0)) }, wait: wait, epoch: epoch,
        content: content.bytes, parts: try parts.map { try $0.value },
        wants: try wants.map { try #require(BlobWant(text: $0)) })
    }
  }

  /// An action of this name: what a reply is read for.
  static func sample(_ name: String) throws -> HubRequest.Action {
    try action(name, LibraryID(1), digest: [UInt8](repeating: 0, count: 32), bundles: [])
  }

  private static func action(
    _ name: String, _ library: LibraryID, digest: [UInt8], bundles: [[UInt8]],
    after cursor: Cursor? = nil, wait: Int = 0, epoch: UInt32 = 0, content: [UInt8] = [],
    parts: [BlobPart] = [], wants: [BlobWant] = []
  ) throws -> HubRequest.Action {
    let place = Cursor(
      log: Array(repeating: 1, count: 16), index: 1, hash: Array(repeating: 2, count: 16))
    switch name {
    case "latest": return .latestSnapshot(library)
    case "piece": return .piece(library, SnapshotID(1), index: 1)
    case "put-piece": return .putPiece(library, SnapshotID(1), index: 1, piece: [])
    case "complete":
      return .completeSnapshot(
        library,
        SnapshotDescription(id: SnapshotID(1), cursor: try #require(place), pieceCount: 0))
    case "describe": return .describe
    case "create": return .createLibrary(library)
    case "offer": return .offerEnrolment(library, secretDigest: digest)
    case "enrol": return .enrol(library, tokenDigest: digest)
    case "devices": return .devices(library)
    case "revoke": return .revoke(library, tokenDigest: digest)
    case "pull": return .pull(library, after: cursor, waitSeconds: wait)
    case "push": return .push(library, bundles: bundles, after: cursor)
    case "upload": return .uploadBlobs(library, parts: parts)
    case "fetch": return .fetchBlobs(library, wants: wants)
    case "card": return .putCard(library, tokenDigest: digest, card: content)
    case "entry": return .putEntry(library, epoch: epoch, entry: content)
    case "keyring": return .keyring(library, after: epoch)
    default:
      try #require(name == "vector")
      return .vector(library)
    }
  }
}

extension HTTPVectors.Value {
  func reply(to name: String) throws -> HubReply {
    switch name {
    case "describe":
      return .description(
        HubDescription(
          software: try #require(software), versions: try #require(versions),
          requestByteLimit: try number(requestByteLimit), pageByteLimit: try number(pageByteLimit),
          waitLimitSeconds: try #require(waitLimitSeconds)))
    case "devices":
      return .devices(
        try #require(devices).map {
          HubDevice(
            tokenDigest: $0.digest.bytes, createdMilliseconds: try number($0.created),
            lastSeenMilliseconds: try number($0.lastSeen), cursorIndex: try number($0.cursorIndex),
            appliedIndex: try number($0.appliedIndex), card: $0.card.bytes)
        })
    case "upload":
      return .holdings(
        try #require(holdings).map {
          BlobHolding(
            name: $0.name.bytes, held: Int(try number($0.held)), isComplete: $0.isComplete)
        })
    case "fetch":
      return .blobParts(try #require(parts).map { try $0.value })
    case "pull", "push":
      let end = try #require(cursor.flatMap { Cursor(text: $0) })
      var page = Page(
        bundles: try #require(bundles).map(\.bytes), cursor: end, hasMore: hasMore == true,
        epoch: try #require(epoch))
      page.hasWaited = hasWaited == true
      page.wantsSnapshot = wantsSnapshot == true
      return .page(page)
    case "keyring":
      return .keyring(
        HubKeyring(
          entries: try #require(entries).map(\.bytes), newest: try #require(newest)))
    case "latest": return .snapshot(try description())
    case "piece": return .piece(try #require(piece).bytes)
    case "vector":
      var vector = HubVector(
        origins: [:], end: try #require(end.flatMap { Cursor(text: $0) }))
      for held in try #require(origins) {
        let replica = try #require(ReplicaID(bytes: held.origin.bytes))
        vector.origins[replica] = HubVector.Held(
          lastSeq: try number(held.lastSeq), tip: held.tip.bytes)
      }
      return .vector(vector)
    default:
      return .done
    }
  }
}

extension HTTPVectors.Refusal {
  var failure: HubFailure {
    get throws {
      let kind = Problem.Kind(rawValue: "urn:gloss:problem:\(type)") ?? .unknown
      try #require(kind != .unknown || type == "unknown")
      var problem = Problem(kind, status: status, detail: try #require(detail))
      problem.limit = try limit.map { try number($0) }
      problem.retryAfterSeconds = retryAfter
      if let held {
        problem.held = Problem.Held(
          origin: held.origin.bytes, lastSeq: try number(held.lastSeq), tip: held.tip.bytes)
      }
      return .refused(problem)
    }
  }
}

private func number(_ text: String?) throws -> UInt64 {
  try #require(text.flatMap { UInt64($0) })
}

private func pairs(_ headers: [[String]]) -> [(name: String, value: String)] {
  headers.map { ($0[0], $0[1]) }
}

private func request(
  _ method: String, _ target: String, _ headers: [[String]], _ body: HexadecimalBytes
) -> HTTPRequest {
  HTTPRequest(method: method, target: target, headers: pairs(headers), body: body.bytes)
}

private func reply(_ status: Int, _ headers: [[String]], _ body: HexadecimalBytes) -> HTTPReply {
  HTTPReply(status: status, headers: pairs(headers), body: body.bytes)
}
