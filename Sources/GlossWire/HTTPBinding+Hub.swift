internal import GlossCore

extension HubRequest {
  /// Reads a request that came over HTTP, its body complete.
  ///
  /// - Throws: `malformed`, `notFound`, `methodNotAllowed`, `upgradeRequired`, `unauthorised` or `tooLarge`.
  package init(http: HTTPRequest) throws(Problem) {
    let (path, query) = Self.split(http.target)
    let place = Place(path: path)
    if place != .description { try Self.checkVersion(http) }
    guard let place else {
      throw Problem(.notFound, status: 404, detail: "there is nothing at this path")
    }
    guard let action = try Self.action(http, at: place, query: query) else {
      let methods = place.methods.joined(separator: " and ")
      throw Problem(.methodNotAllowed, status: 405, detail: "this path takes \(methods)")
    }
    self.init(action, credential: try Self.credential(http))
  }

  /// The methods that the path of `target` takes, none where nothing is there: what `Allow` says beside status 405.
  package static func allowedMethods(at target: String) -> [String] {
    Place(path: split(target).path)?.methods ?? []
  }

  /// What a path names.
  private enum Place: Equatable {
    case description
    case library(LibraryID)
    case enrolment(LibraryID, [UInt8])
    case devices(LibraryID)
    case device(LibraryID, [UInt8])
    case bundles(LibraryID)
    case vector(LibraryID)
    case blobs(LibraryID)
    case card(LibraryID, [UInt8])
    case keyring(LibraryID)
    case entry(LibraryID, UInt32)
    case latestSnapshot(LibraryID)
    case snapshot(LibraryID, SnapshotID)
    case piece(LibraryID, SnapshotID, UInt32)

    init?(path: Substring) {
      if path == HTTPBinding.descriptionPath {
        self = .description
        return
      }
      let parts = path.pieces(between: "/")
      guard (4...7).contains(parts.count), parts[0].isEmpty, parts[1] == "v1",
        parts[2] == "libraries", let library = LibraryID(hex: String(parts[3]))
      else { return nil }
      let digest = parts.count > 5 ? HTTPBinding.bytes(hex: parts[5], count: 32) : nil
      switch (parts.dropFirst(4).first, parts.count, digest) {
      case (nil, _, _): self = .library(library)
      case ("bundles", 5, _): self = .bundles(library)
      case ("vector", 5, _): self = .vector(library)
      case ("blobs", 5, _): self = .blobs(library)
      case ("devices", 5, _): self = .devices(library)
      case ("enrolments", 6, let digest?): self = .enrolment(library, digest)
      case ("devices", 6, let digest?): self = .device(library, digest)
      case ("devices", 7, let digest?) where parts[6] == "card": self = .card(library, digest)
      case ("keyring", 5, _): self = .keyring(library)
      case ("keyring", 6, _):
        guard let epoch = number(parts[5]), HTTPBinding.entryEpochs.contains(epoch) else {
          return nil
        }
        self = .entry(library, epoch)
      case ("snapshots", 6, nil) where parts[5] == "latest": self = .latestSnapshot(library)
      case ("snapshots", 6..., nil):
        guard let snapshot = SnapshotID(hex: String(parts[5])) else { return nil }
        guard parts.count == 7 else {
          self = .snapshot(library, snapshot)
          return
        }
        guard let index = Self.pieceIndex(parts[6]) else { return nil }
        self = .piece(library, snapshot, index)
      default: return nil
      }
    }

    /// Reads the number of a piece: decimal, without leading zeros.
    private static func pieceIndex(_ text: Substring) -> UInt32? {
      guard let index = UInt32(text), index <= SnapshotDescription.pieceLimit,
        String(index).utf8.elementsEqual(text.utf8)
      else { return nil }
      return index
    }

    var methods: [String] {
      switch self {
      case .description, .vector, .devices, .keyring, .latestSnapshot: ["GET"]
      case .library, .enrolment, .card, .entry, .snapshot: ["PUT"]
      case .piece: ["GET", "PUT"]
      case .device: ["PUT", "DELETE"]
      case .bundles, .blobs: ["GET", "POST"]
      }
    }
  }

  private static func split(_ target: String) -> (path: Substring, query: Substring) {
    let parts = target[...].pieces(between: "?", limit: 2)
    return (parts[0], parts.count == 2 ? parts[1] : "")
  }

  private static func checkVersion(_ http: HTTPRequest) throws(Problem) {
    let versions = http.values(of: HTTPBinding.versionHeader)
    guard versions.count == 1, !versions[0].isEmpty,
      versions[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { throw malformed("a request has one Gloss-Protocol header, a number") }
    guard versions[0] == "\(HTTPBinding.protocolVersion)" else {
      throw Problem(
        .upgradeRequired, status: 406,
        detail: "this hub speaks version \(HTTPBinding.protocolVersion) of the protocol")
    }
  }

  private static func credential(_ http: HTTPRequest) throws(Problem) -> String {
    let values = http.values(of: "authorization")
    guard let value = values.first else { return "" }
    let parts = value[...].pieces(between: " ", limit: 2)
    guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer",
      HTTPBinding.isValidCredential(String(parts[1]))
    else {
      throw Problem(
        .unauthorised, status: 401, detail: "the Authorization header is not a bearer token")
    }
    return String(parts[1])
  }

  /// Returns what is asked, or `nil` where the place does not take the method.
  private static func action(
    _ http: HTTPRequest, at place: Place, query: Substring
  ) throws(Problem) -> Action? {
    switch (http.method, place) {
    case ("GET", .description): .describe
    case ("PUT", .library(let library)):
      .createLibrary(library, invitation: try invitation(http))
    case ("PUT", .enrolment(let library, let digest)):
      .offerEnrolment(library, secretDigest: digest)
    case ("PUT", .device(let library, let digest)): .enrol(library, tokenDigest: digest)
    case ("GET", .bundles(let library)):
      .pull(library, after: try cursor(query), waitSeconds: http.preferredWaitSeconds)
    case ("POST", .bundles(let library)):
      .push(library, bundles: try bundles(http), after: try cursor(query))
    case ("GET", .vector(let library)): .vector(library, at: try index(query))
    case ("GET", .blobs(let library)): .fetchBlobs(library, wants: try wants(query))
    case ("POST", .blobs(let library)): .uploadBlobs(library, parts: try parts(http))
    case ("GET", .devices(let library)): .devices(library)
    case ("DELETE", .device(let library, let digest)): .revoke(library, tokenDigest: digest)
    case ("PUT", .card(let library, let digest)):
      .putCard(
        library, tokenDigest: digest, card: try bytes(http, limit: HTTPBinding.cardByteLimit))
    case ("PUT", .entry(let library, let epoch)):
      .putEntry(library, epoch: epoch, entry: try bytes(http, limit: HTTPBinding.entryByteLimit))
    case ("GET", .keyring(let library)): .keyring(library, after: try epoch(query))
    case ("GET", .latestSnapshot(let library)): .latestSnapshot(library)
    case ("PUT", .snapshot(let library, let snapshot)):
      .completeSnapshot(library, try description(http, of: snapshot))
    case ("GET", .piece(let library, let snapshot, let index)):
      .piece(library, snapshot, index: index)
    case ("PUT", .piece(let library, let snapshot, let index)):
      .putPiece(library, snapshot, index: index, piece: try piece(http))
    default: nil
    }
  }

  private static func invitation(_ http: HTTPRequest) throws(Problem) -> String? {
    let values = http.values(of: HTTPBinding.invitationHeader)
    guard values.count <= 1, values.allSatisfy(HTTPBinding.isValidCredential) else {
      throw malformed("an invitation is one secret")
    }
    return values.first
  }

  /// Returns the value of `after`; parameters of other names are left to later versions.
  private static func cursor(_ query: Substring) throws(Problem) -> Cursor? {
    let values = query.pieces(between: "&").filter { $0.utf8.starts(with: "after=".utf8) }
    guard let value = values.first?.utf8.dropFirst("after=".utf8.count) else { return nil }
    guard values.count == 1, let cursor = Cursor(text: String(Substring(value))) else {
      throw malformed("`after` is not one cursor")
    }
    return cursor
  }

  /// Returns what `want` names, which a fetch of blobs has once.
  private static func wants(_ query: Substring) throws(Problem) -> [BlobWant] {
    let values = query.split(separator: "&").filter { $0.hasPrefix("want=") }
    guard values.count == 1, let value = values.first?.dropFirst("want=".count) else {
      throw malformed("a fetch of blobs has one `want`")
    }
    let texts = value.split(separator: "-", omittingEmptySubsequences: false)
    guard texts.count <= HTTPBinding.wantCountLimit else {
      throw malformed("`want` has more than \(HTTPBinding.wantCountLimit) names")
    }
    let wants = texts.compactMap { BlobWant(text: $0) }
    guard wants.count == texts.count else { throw malformed("`want` is not names of blobs") }
    return wants
  }

  private static func parts(_ http: HTTPRequest) throws(Problem) -> [BlobPart] {
    try check(http, hasBodyOf: HTTPBinding.messageType)
    let parts: [BlobPart]
    do throws(BadMessage) {
      parts = try BlobPart.list(message: http.body)
    } catch {
      throw malformed(error.reason)
    }
    guard parts.count <= HTTPBinding.partCountLimit else {
      throw Problem(
        .tooLarge, status: 413, detail: "more than \(HTTPBinding.partCountLimit) parts")
    }
    return parts
  }

  /// Returns the value of `after` where that is an epoch, 0 without it.
  private static func epoch(_ query: Substring) throws(Problem) -> UInt32 {
    let values = query.split(separator: "&").filter { $0.hasPrefix("after=") }
    guard let value = values.first?.dropFirst("after=".count) else { return 0 }
    guard values.count == 1, let epoch = number(value) else {
      throw malformed("`after` is not one epoch")
    }
    return epoch
  }

  /// Returns the value of `at`, an index of the log.
  private static func index(_ query: Substring) throws(Problem) -> UInt64? {
    let values = query.pieces(between: "&").filter { $0.utf8.starts(with: "at=".utf8) }
    guard let value = values.first?.utf8.dropFirst("at=".utf8.count) else { return nil }
    guard values.count == 1, let index = number(Substring(value), as: UInt64.self) else {
      throw malformed("`at` is not one index")
    }
    return index
  }

  /// Returns the number that decimal digits without zeros in front stand for.
  private static func number<Number: FixedWidthInteger>(
    _ digits: Substring, as _: Number.Type = UInt32.self
  ) -> Number? {
    guard let number = Number(digits), String(number).utf8.elementsEqual(digits.utf8) else {
      return nil
    }
    return number
  }

  /// Returns the body where it is from 1 to `limit` plain bytes.
  private static func bytes(_ http: HTTPRequest, limit: Int) throws(Problem) -> [UInt8] {
    let types = http.values(of: "content-type")
    guard types.count == 1, mediaType(types[0]) == HTTPBinding.bytesType else {
      throw malformed("a body here is of type \(HTTPBinding.bytesType)")
    }
    guard !http.body.isEmpty else { throw malformed("a body here has bytes") }
    guard http.body.count <= limit else {
      throw Problem(
        .tooLarge, status: 413, detail: "this body has at most \(limit) bytes",
        limit: UInt64(limit))
    }
    return http.body
  }

  private static func bundles(_ http: HTTPRequest) throws(Problem) -> [[UInt8]] {
    try check(http, hasBodyOf: HTTPBinding.messageType)
    let bundles: [[UInt8]]
    do throws(BadMessage) {
      bundles = try decodePush(http.body)
    } catch {
      throw malformed(error.reason)
    }
    guard bundles.count <= HTTPBinding.bundleCountLimit else {
      throw Problem(
        .tooLarge, status: 413, detail: "more than \(HTTPBinding.bundleCountLimit) bundles")
    }
    return bundles
  }

  private static func check(_ http: HTTPRequest, hasBodyOf type: String) throws(Problem) {
    let types = http.values(of: "content-type")
    guard types.count == 1, mediaType(types[0]) == type else {
      throw malformed("this request has a body of type \(type)")
    }
  }

  private static func description(
    _ http: HTTPRequest, of snapshot: SnapshotID
  ) throws(Problem) -> SnapshotDescription {
    try check(http, hasBodyOf: HTTPBinding.messageType)
    let description: SnapshotDescription
    do throws(BadMessage) {
      description = try SnapshotDescription(message: http.body)
    } catch {
      throw malformed(error.reason)
    }
    guard description.id == snapshot else {
      throw malformed("the description is of another snapshot than the path")
    }
    return description
  }

  private static func piece(_ http: HTTPRequest) throws(Problem) -> [UInt8] {
    try check(http, hasBodyOf: HTTPBinding.bytesType)
    return http.body
  }

  private static func malformed(_ detail: String) -> Problem {
    Problem(.malformed, status: 400, detail: detail)
  }
}

extension HubReply {
  /// Returns the reply as HTTP carries it.
  package func http() -> HTTPReply {
    switch self {
    case .done: HTTPReply(status: 204)
    case .description(let description): Self.reply(HTTPBinding.jsonType, description.json)
    case .page(let page): Self.reply(page)
    case .vector(let vector): Self.reply(HTTPBinding.messageType, vector.message)
    case .holdings(let holdings):
      Self.reply(HTTPBinding.messageType, BlobHolding.message(of: holdings))
    case .blobParts(let parts): Self.reply(HTTPBinding.messageType, BlobPart.message(of: parts))
    case .devices(let devices):
      Self.reply(HTTPBinding.messageType, HubDevice.message(of: devices))
    case .keyring(let keyring): Self.reply(HTTPBinding.messageType, keyring.message)
    case .snapshot(let description): Self.reply(HTTPBinding.messageType, description.message)
    case .piece(let piece): Self.reply(HTTPBinding.bytesType, piece)
    }
  }

  private static func reply(_ page: Page) -> HTTPReply {
    var reply = reply(HTTPBinding.messageType, page.message)
    if page.hasWaited { reply.headers.append((HTTPBinding.preferenceAppliedHeader, "wait")) }
    return reply
  }

  private static func reply(_ mediaType: String, _ body: [UInt8]) -> HTTPReply {
    HTTPReply(status: 200, headers: [("content-type", mediaType)], body: body)
  }
}

extension Problem {
  /// The problem as HTTP carries it.
  package var http: HTTPReply {
    var reply = HTTPReply(
      status: status, headers: [("content-type", HTTPBinding.problemType)], body: json)
    if let retryAfterSeconds { reply.headers.append(("retry-after", "\(retryAfterSeconds)")) }
    if status == 401 { reply.headers.append(("www-authenticate", "Bearer")) }
    return reply
  }
}
