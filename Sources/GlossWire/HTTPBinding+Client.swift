internal import GlossCore

extension HubRequest {
  /// The request as HTTP carries it.
  ///
  /// The credential goes into its header as it is; one that is not ``HTTPBinding/isValidCredential(_:)`` is left out,
  /// and the hub then refuses the request as unauthorised.
  package var http: HTTPRequest {
    var request = HTTPRequest(method: action.method, target: action.target)
    request.headers.append((HTTPBinding.versionHeader, "\(HTTPBinding.protocolVersion)"))
    if HTTPBinding.isValidCredential(credential) {
      request.headers.append(("authorization", "Bearer \(credential)"))
    }
    if case .pull(_, _, let seconds) = action, seconds > 0 {
      request.headers.append((HTTPBinding.preferHeader, "wait=\(seconds)"))
      request.patienceSeconds = seconds
    }
    if case .createLibrary(_, let invitation?) = action,
      HTTPBinding.isValidCredential(invitation)
    {
      request.headers.append((HTTPBinding.invitationHeader, invitation))
    }
    switch action {
    case .push(_, let bundles, _):
      request.headers.append(("content-type", HTTPBinding.messageType))
      request.body = encodePush(bundles)
    case .putCard(_, _, let bytes), .putEntry(_, _, let bytes):
      request.headers.append(("content-type", HTTPBinding.bytesType))
      request.body = bytes
    default: break
    }
    if case .uploadBlobs(_, let parts) = action {
      request.headers.append(("content-type", HTTPBinding.messageType))
      request.body = BlobPart.message(of: parts)
    }
    if case .putPiece(_, _, _, let piece) = action {
      request.headers.append(("content-type", HTTPBinding.bytesType))
      request.body = piece
    }
    if case .completeSnapshot(_, let description) = action {
      request.headers.append(("content-type", HTTPBinding.messageType))
      request.body = description.message
    }
    return request
  }
}

extension HubRequest.Action {
  fileprivate var method: String {
    switch self {
    case .describe, .pull, .vector, .fetchBlobs, .devices, .keyring, .latestSnapshot, .piece: "GET"
    case .createLibrary, .offerEnrolment, .enrol, .putCard, .putEntry, .putPiece, .completeSnapshot:
      "PUT"
    case .push, .uploadBlobs: "POST"
    case .revoke: "DELETE"
    }
  }

  fileprivate var target: String {
    switch self {
    case .describe: HTTPBinding.descriptionPath
    case .createLibrary(let library, _): "/v1/libraries/\(library)"
    case .offerEnrolment(let library, let digest):
      "/v1/libraries/\(library)/enrolments/\(hexadecimal(digest))"
    case .enrol(let library, let digest), .revoke(let library, let digest):
      "/v1/libraries/\(library)/devices/\(hexadecimal(digest))"
    case .push(let library, _, let cursor), .pull(let library, let cursor, _):
      "/v1/libraries/\(library)/bundles" + (cursor.map { "?after=\($0.text)" } ?? "")
    case .vector(let library, let index):
      "/v1/libraries/\(library)/vector" + (index.map { "?at=\($0)" } ?? "")
    case .uploadBlobs(let library, _): "/v1/libraries/\(library)/blobs"
    case .fetchBlobs(let library, let wants):
      "/v1/libraries/\(library)/blobs?want=" + wants.map(\.text).joined(separator: "-")
    case .devices(let library): "/v1/libraries/\(library)/devices"
    case .putCard(let library, let digest, _):
      "/v1/libraries/\(library)/devices/\(hexadecimal(digest))/card"
    case .putEntry(let library, let epoch, _): "/v1/libraries/\(library)/keyring/\(epoch)"
    case .keyring(let library, let epoch):
      "/v1/libraries/\(library)/keyring" + (epoch > 0 ? "?after=\(epoch)" : "")
    case .putPiece(let library, let snapshot, let index, _),
      .piece(let library, let snapshot, let index):
      "/v1/libraries/\(library)/snapshots/\(snapshot)/\(index)"
    case .completeSnapshot(let library, let description):
      "/v1/libraries/\(library)/snapshots/\(description.id)"
    case .latestSnapshot(let library): "/v1/libraries/\(library)/snapshots/latest"
    }
  }

  /// The status and the media type of the reply to an action that succeeded.
  fileprivate var success: (status: Int, mediaType: String?) {
    switch self {
    case .describe: (200, HTTPBinding.jsonType)
    case .createLibrary, .offerEnrolment, .enrol, .revoke, .putCard, .putEntry, .putPiece,
      .completeSnapshot:
      (204, nil)
    case .push, .pull, .vector, .uploadBlobs, .fetchBlobs, .devices, .keyring, .latestSnapshot:
      (200, HTTPBinding.messageType)
    case .piece: (200, HTTPBinding.bytesType)
    }
  }
}

extension HubReply {
  /// Reads the reply to `action`.
  ///
  /// - Throws: ``HubFailure/refused(_:)`` for a problem, also for one that a proxy in between reports by status, and
  ///   ``HubFailure/notOurs(_:)`` for anything else that is not a reply of a hub, such as the page of a login portal. Texts
  ///   in both come from the other side as they are: whoever prints them has to escape them.
  package init(http: HTTPReply, to action: HubRequest.Action) throws(HubFailure) {
    let success = action.success
    guard http.status == success.status else { throw Self.failure(http, expecting: success.status) }
    if let expected = success.mediaType {
      let type = mediaType(http.value(of: "content-type"))
      guard type == expected else {
        throw .notOurs("a body of type \(type.isEmpty ? "none" : type) instead of \(expected)")
      }
    }
    do throws(BadMessage) {
      self = try Self.read(http, to: action)
    } catch {
      throw .notOurs(error.reason)
    }
  }

  private static func read(
    _ http: HTTPReply, to action: HubRequest.Action
  ) throws(BadMessage) -> HubReply {
    switch action {
    case .describe: return .description(try HubDescription(json: http.body))
    case .createLibrary, .offerEnrolment, .enrol, .revoke, .putCard, .putEntry, .putPiece,
      .completeSnapshot:
      return .done
    case .push, .pull:
      var page = try Page(message: http.body)
      page.hasWaited = http.value(of: HTTPBinding.preferenceAppliedHeader) == "wait"
      return .page(page)
    case .vector: return .vector(try HubVector(message: http.body))
    case .uploadBlobs: return .holdings(try BlobHolding.list(message: http.body))
    case .fetchBlobs: return .blobParts(try BlobPart.list(message: http.body))
    case .devices: return .devices(try HubDevice.list(message: http.body))
    case .keyring: return .keyring(try HubKeyring(message: http.body))
    case .latestSnapshot: return .snapshot(try SnapshotDescription(message: http.body))
    case .piece: return .piece(http.body)
    }
  }

  private static func failure(_ http: HTTPReply, expecting status: Int) -> HubFailure {
    let type = mediaType(http.value(of: "content-type"))
    if type == HTTPBinding.problemType {
      do throws(BadMessage) {
        if var problem = try Problem(json: http.body, status: http.status) {
          problem.retryAfterSeconds = http.retryAfterSeconds
          return .refused(problem)
        }
      } catch {
        return .notOurs(error.reason)
      }
    }
    if let kind = kindOfProxyProblem(status: http.status) {
      return .refused(
        Problem(
          kind, status: http.status, detail: "status \(http.status) from a proxy or another server",
          retryAfterSeconds: http.retryAfterSeconds))
    }
    if (300..<400).contains(http.status), let place = http.value(of: "location") {
      return .notOurs("a redirection to \(place), status \(http.status)")
    }
    let body = type.isEmpty ? "" : " with a body of type \(type)"
    return .notOurs("status \(http.status)\(body) instead of \(status)")
  }

  /// Returns what a status means where no hub said more, or `nil` where it means nothing to a client of a hub.
  ///
  /// 511 is how a login portal says that it is one (RFC 6585): waiting does not help.
  private static func kindOfProxyProblem(status: Int) -> Problem.Kind? {
    switch status {
    case 401: .unauthorised
    case 413: .tooLarge
    case 429: .slowDown
    case 511: nil
    case 500...599: .unavailable
    default: nil
    }
  }
}

extension HTTPReply {
  /// The seconds of `Retry-After`, where it has that form and not the one of a date.
  fileprivate var retryAfterSeconds: Int? {
    guard let text = value(of: "retry-after"), let seconds = Int(text), seconds >= 0 else {
      return nil
    }
    return seconds
  }
}
