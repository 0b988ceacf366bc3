internal import GlossCore
internal import SwiftProtobuf

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

// Between the messages of gloss.proto and our own values. What comes from the wire is checked here, once.

/// What is wrong with a message, for people.
struct BadMessage: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension WireCursor {
  init(_ cursor: Cursor) {
    log = cursor.log.asData
    index = cursor.index
    hash = cursor.hash.asData
  }

  func value() throws(BadMessage) -> Cursor {
    guard let cursor = Cursor(log: Array(log), index: index, hash: Array(hash)) else {
      throw BadMessage("a cursor whose log and hash are not 16 bytes each")
    }
    return cursor
  }
}

extension Page {
  init(message: [UInt8]) throws(BadMessage) {
    let page: WirePage = try decode(message, as: "a Page")
    self.init(
      bundles: page.bundles.map { Array($0) }, cursor: try page.cursor.value(),
      hasMore: page.hasMore_p, epoch: page.epoch)
    wantsSnapshot = page.wantsSnapshot
  }

  var message: [UInt8] {
    WirePage.with {
      $0.bundles = bundles.map(\.asData)
      $0.cursor = WireCursor(cursor)
      $0.hasMore_p = hasMore
      $0.epoch = epoch
      $0.wantsSnapshot = wantsSnapshot
    }.encoded
  }
}

extension HubVector {
  init(message: [UInt8]) throws(BadMessage) {
    let reply: WireVectorReply = try decode(message, as: "a VectorReply")
    var origins: [ReplicaID: Held] = [:]
    for origin in reply.origins {
      guard let replica = ReplicaID(bytes: origin.replica), origins[replica] == nil,
        (1...Limits.seq).contains(origin.lastSeq), origin.tip.count == BundleHeader.tipByteCount
      else { throw BadMessage("a VectorReply with a malformed or repeated origin") }
      origins[replica] = Held(lastSeq: origin.lastSeq, tip: Array(origin.tip))
    }
    self.init(origins: origins, end: try reply.end.value())
  }

  var message: [UInt8] {
    WireVectorReply.with {
      $0.origins = origins.sorted { $0.key < $1.key }.map { replica, held in
        .with {
          $0.replica = replica.bytes.asData
          $0.lastSeq = held.lastSeq
          $0.tip = held.tip.asData
        }
      }
      $0.end = WireCursor(end)
    }.encoded
  }
}

extension SnapshotDescription {
  init(message: [UInt8]) throws(BadMessage) {
    let wire: WireSnapshotDescription = try decode(message, as: "a SnapshotDescription")
    guard let id = SnapshotID(bytes: wire.id), wire.pieceCount <= Self.pieceLimit else {
      throw BadMessage("a SnapshotDescription whose identifier or number of pieces is none")
    }
    self.init(id: id, cursor: try wire.cursor.value(), pieceCount: wire.pieceCount)
  }

  var message: [UInt8] {
    WireSnapshotDescription.with {
      $0.id = id.bytes.asData
      $0.cursor = WireCursor(cursor)
      $0.pieceCount = pieceCount
    }.encoded
  }
}

extension HubDevice {
  static func list(message: [UInt8]) throws(BadMessage) -> [HubDevice] {
    let list: WireDeviceList = try decode(message, as: "a DeviceList")
    var devices: [HubDevice] = []
    for device in list.devices {
      guard device.tokenDigest.count == HTTPBinding.digestByteCount else {
        throw BadMessage("a DeviceList with a digest that is not 32 bytes")
      }
      devices.append(
        HubDevice(
          tokenDigest: Array(device.tokenDigest), createdMilliseconds: device.created,
          lastSeenMilliseconds: device.lastSeen, cursorIndex: device.cursorIndex,
          appliedIndex: device.appliedIndex, card: Array(device.card)))
    }
    return devices
  }

  static func message(of devices: [HubDevice]) -> [UInt8] {
    WireDeviceList.with {
      $0.devices = devices.map { device in
        .with {
          $0.tokenDigest = device.tokenDigest.asData
          $0.created = device.createdMilliseconds
          $0.lastSeen = device.lastSeenMilliseconds
          $0.cursorIndex = device.cursorIndex
          $0.card = device.card.asData
          $0.appliedIndex = device.appliedIndex
        }
      }
    }.encoded
  }
}

extension HubKeyring {
  init(message: [UInt8]) throws(BadMessage) {
    let reply: WireKeyringReply = try decode(message, as: "a KeyringReply")
    guard reply.entries.allSatisfy({ $0.count <= HTTPBinding.entryByteLimit }) else {
      throw BadMessage("a KeyringReply with an entry that is too long")
    }
    self.init(entries: reply.entries.map { Array($0) }, newest: reply.newest)
  }

  var message: [UInt8] {
    WireKeyringReply.with {
      $0.entries = entries.map(\.asData)
      $0.newest = newest
    }.encoded
  }
}

extension HubDescription {
  init(json: [UInt8]) throws(BadMessage) {
    let wire: WireHubDescription = try decode(json: json, as: "a HubDescription")
    guard !wire.versions.isEmpty else { throw BadMessage("a HubDescription without versions") }
    self.init(
      software: wire.software, versions: wire.versions, requestByteLimit: wire.requestByteLimit,
      pageByteLimit: wire.pageByteLimit, waitLimitSeconds: wire.waitLimitSeconds)
  }

  var json: [UInt8] {
    encodeJSON(
      WireHubDescription.with {
        $0.software = software
        $0.versions = versions
        $0.requestByteLimit = requestByteLimit
        $0.pageByteLimit = pageByteLimit
        $0.waitLimitSeconds = waitLimitSeconds
      })
  }
}

extension Problem {
  /// Reads a problem document whose type is one of ours, known or not.
  ///
  /// - Returns: `nil` where the document is not a hub's: a proxy's, or no problem document at all.
  init?(json: [UInt8], status: Int) throws(BadMessage) {
    guard let wire = try? decode(json: json, as: "a problem") as WireProblemDocument,
      wire.type.utf8.starts(with: Self.typePrefix.utf8)
    else { return nil }
    self.init(
      Kind(rawValue: wire.type) ?? .unknown, status: status,
      detail: wire.detail.isEmpty ? wire.title : wire.detail)
    if wire.limit > 0 { limit = wire.limit }
    if type == .bundleGap || type == .bundleFork {
      guard wire.origin.count == ReplicaID.byteCount, wire.lastSeq <= Limits.seq,
        wire.tip.count == (wire.lastSeq == 0 ? 0 : BundleHeader.tipByteCount)
      else { throw BadMessage("a problem that does not say what the hub holds of the origin") }
      held = Held(origin: Array(wire.origin), lastSeq: wire.lastSeq, tip: Array(wire.tip))
    }
  }

  var json: [UInt8] {
    encodeJSON(
      WireProblemDocument.with {
        $0.type = type.rawValue
        $0.title = type.title
        $0.status = UInt32(clamping: status)
        $0.detail = detail
        if let held {
          $0.origin = held.origin.asData
          $0.lastSeq = held.lastSeq
          $0.tip = held.tip.asData
        }
        $0.limit = limit ?? 0
      })
  }

  private static let typePrefix = "urn:gloss:problem:"
}

extension Problem.Kind {
  /// What is wrong in general, for people.
  fileprivate var title: String {
    switch self {
    case .malformed: "The request is not of this protocol"
    case .unauthorised: "The token is not one of this library"
    case .enrolmentRefused: "The enrolment secret is unknown, used or too old"
    case .registrationClosed: "Creating a library takes an invitation"
    case .notFound: "Nothing is at this address"
    case .methodNotAllowed: "The address takes other methods"
    case .upgradeRequired: "The hub does not speak this version of the protocol"
    case .libraryExists: "The library exists, with another token"
    case .cursorUnknown: "The cursor is not a place in this log"
    case .compacted: "The log begins after this place"
    case .noSnapshot: "There is no such snapshot"
    case .snapshotRefused: "The snapshot lacks a piece or is not the newest"
    case .bundleGap: "A bundle starts after the end of what is held"
    case .bundleFork: "A bundle contradicts what is held"
    case .keyringConflict: "The epoch is not the next one, or has begun already"
    case .tooLarge: "The body is over the limit"
    case .quotaExceeded: "The library is as large as the hub lets it be"
    case .slowDown: "Too many requests"
    case .unavailable: "The hub could not; it may later"
    case .unknown: "The request failed"
    }
  }
}

/// Returns the bundles of a PushRequest.
func decodePush(_ message: [UInt8]) throws(BadMessage) -> [[UInt8]] {
  let push: WirePushRequest = try decode(message, as: "a PushRequest")
  return push.bundles.map { Array($0) }
}

/// Returns `bundles` as a PushRequest.
func encodePush(_ bundles: [[UInt8]]) -> [UInt8] {
  WirePushRequest.with { $0.bundles = bundles.map(\.asData) }.encoded
}

func decode<M: Message>(_ bytes: [UInt8], as name: String) throws(BadMessage) -> M {
  do {
    return try M(serializedBytes: bytes)
  } catch {
    throw BadMessage("a body that is not \(name)")
  }
}

private func decode<M: Message>(json: [UInt8], as name: String) throws(BadMessage) -> M {
  var options = JSONDecodingOptions()
  options.ignoreUnknownFields = true
  do {
    return try M(jsonUTF8Bytes: json, options: options)
  } catch {
    throw BadMessage("a body that is not \(name)")
  }
}

private func encodeJSON(_ message: some Message) -> [UInt8] {
  do {
    return try message.jsonUTF8Bytes()
  } catch {
    preconditionFailure("a message without required fields or Any has a JSON form: \(error)")
  }
}
