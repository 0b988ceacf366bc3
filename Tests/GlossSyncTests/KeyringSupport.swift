import GlossCore
import GlossCrypto
import GlossHub
import GlossSeal
import GlossStore
import GlossTesting
import GlossWire
import Testing

@testable import GlossSync

extension World {
  /// Three devices that hold the same page.
  static func sharing() async throws -> World {
    let world = try await World("desk", "lap", "phone")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    return world
  }

  func credential(_ name: String) throws -> String { try self[name].remote()!.credential }

  func digest(_ name: String) throws -> [UInt8] { sha256(Array(try credential(name).utf8)) }

  func keys(_ name: String) throws -> LocalKeys {
    var generator = newGenerator()
    return try self[name].localKeys(root: root, using: &generator).keys
  }

  @discardableResult
  func revoke(
    _ name: String, by revoker: String, over transport: (any HubTransport)? = nil
  ) async throws(SyncError) -> Revocation {
    let digest = try? digest(name)
    return try await revoke(digest ?? [], by: revoker, over: transport)
  }

  @discardableResult
  func revoke(
    _ digest: [UInt8], by revoker: String, over transport: (any HubTransport)? = nil
  ) async throws(SyncError) -> Revocation {
    var generator = newGenerator()
    return try await HubSetup.revoke(
      digest, of: self[revoker], root: root, over: transport ?? self.transport(revoker),
      using: &generator)
  }

  /// Whether each device that the hub lets in has the newest key, as one of them sees it.
  func states(_ name: String) async throws -> [String: KeyState] {
    var generator = newGenerator()
    let (_, keys, _) = try await HubSetup.devices(
      of: self[name], root: root, over: transport(name), using: &generator)
    var states: [String: KeyState] = [:]
    for each in names where try self[each].remote() != nil {
      states[each] = keys[try digest(each)]
    }
    return states
  }

  /// The entries of the hub's keyring.
  func keyring(_ name: String) async throws -> [[UInt8]] {
    guard case .keyring(let keyring) = try await ask(name, .keyring(library, after: 0)) else {
      throw HubFailure.notOurs("no keyring")
    }
    return keyring.entries
  }

  /// What the hub refuses a device's pull with.
  func problem(_ name: String) async -> Problem? {
    do {
      _ = try await ask(name, .pull(library, after: nil))
    } catch HubFailure.refused(let problem) {
      return problem
    } catch {}
    return nil
  }

  /// What `body` fails with.
  func failure(_ body: () async throws -> Void) async -> SyncError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? SyncError
    }
  }
}

/// A hub of a version without keyrings.
struct Older: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    switch request.action {
    case .putCard, .putEntry, .keyring:
      throw .refused(Problem(.notFound, status: 404, detail: "there is nothing at this path"))
    default: return try await base.send(request)
    }
  }
}

/// Sends every request as another device.
struct Posing: HubTransport {
  let base: any HubTransport
  let credential: String

  init(base: any HubTransport, as credential: String) {
    self.base = base
    self.credential = credential
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    try await base.send(HubRequest(request.action, credential: credential))
  }
}

/// Lets some requests pass; the one after them is lost, or the reply to it, and so are all later ones.
actor Breaking: HubTransport {
  private let base: any HubTransport
  private let losesReply: Bool
  private var passes: Int

  init(base: any HubTransport, passes: Int, losesReply: Bool) {
    self.base = base
    self.passes = passes
    self.losesReply = losesReply
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    passes -= 1
    if passes >= 0 { return try await base.send(request) }
    if passes == -1, losesReply { _ = try await base.send(request) }
    throw .transport(.interrupted("the machine was switched off"))
  }
}

/// Does something before a request is sent, once: when the action says that it did it. One request at a time.
final class Acting: HubTransport, @unchecked Sendable {
  private let base: any HubTransport
  private var act: ((HubRequest) async throws -> Bool)?

  init(base: any HubTransport, act: @escaping (HubRequest) async throws -> Bool) {
    self.base = base
    self.act = act
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    if let act {
      self.act = nil
      let hasActed = (try? await act(request)) ?? true
      if !hasActed { self.act = act }
    }
    return try await base.send(request)
  }
}
