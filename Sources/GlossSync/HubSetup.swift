internal import GlossCore
internal import GlossCrypto
public import GlossSeal
public import GlossStore
public import GlossWire

/// How a replica comes to know a hub.
///
/// The token that a request asks the hub to accept is kept before the request is sent, so one whose reply was lost can be
/// sent again and is answered as the first was.
public enum HubSetup {
  /// Makes the replica's library on a hub, with this replica as its first device.
  ///
  /// - Parameters:
  ///   - root: The library's root key; without it, the next sync lets the others know this replica's key.
  ///   - address: The hub's base address, which `transport` reaches.
  ///   - invitation: What the hub's operator gave out, where the hub takes in no library without.
  ///   - generator: A cryptographic source outside tests.
  public static func connect(
    _ replica: Replica, root: RootKey?, to address: String, invitation: String? = nil,
    over transport: any HubTransport, using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) {
    let token = try pendingToken(of: replica, using: &generator)
    try await request(
      .createLibrary(replica.library, invitation: invitation), credential: token, transport)
    try keep(Remote(address: address, credential: token), in: replica)
    if let root { await showCard(of: replica, root: root, over: transport, using: &generator) }
  }

  /// Lets one more device join, and returns the code that it joins with.
  ///
  /// - Throws: ``SyncError/notConnected`` where the replica knows no hub itself, ``SyncError/keyring(_:epoch:)`` where it lacks the
  ///   library's newest key.
  public static func pairingCode(
    for replica: Replica, root: RootKey, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) -> PairingCode {
    let remote: Remote?
    do { remote = try replica.remote() } catch {
      throw .store(StoreError(error, path: replica.path))
    }
    guard let remote else { throw .notConnected }
    let keyring: Keyring
    do throws(SyncError) {
      keyring = try await followKeyring(
        of: replica, root: root, over: transport, using: &generator
      ).keys.keyring
    } catch .keyring(let error, _) where error != .notForThisDevice {
      // What the hub has is no member's: the library goes on with the epoch that is here.
      keyring = try stored(replica) {
        try replica.localKeys(root: root, using: &generator).keys.keyring
      }
    }
    let code = PairingCode(
      address: remote.address, root: root, keyring: keyring, using: &generator)
    let digest = sha256(Array(code.enrolmentCredential.utf8))
    try await request(
      .offerEnrolment(replica.library, secretDigest: digest), credential: remote.credential,
      transport)
    return code
  }

  /// Makes a replica of the code's library known to the code's hub.
  public static func join(
    _ replica: Replica, with code: PairingCode, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) {
    precondition(replica.library == code.library, "a replica joins its own library")
    // Before the hub knows it: a device that is let in has the key.
    try take(code, into: replica, using: &generator)
    let token = try pendingToken(of: replica, using: &generator)
    try await request(
      .enrol(code.library, tokenDigest: sha256(Array(token.utf8))),
      credential: code.enrolmentCredential, transport)
    try keep(Remote(address: code.address, credential: token), in: replica)
    await showCard(of: replica, root: code.root, over: transport, using: &generator)
  }

  static func credential(of replica: Replica) throws(SyncError) -> String {
    do {
      if let remote = try replica.remote() { return remote.credential }
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
    throw .notConnected
  }

  /// Gives a replica whose file is a copy a token of its own, instead of the one that the original uses too, and a key
  /// of its own.
  ///
  /// With that one it lets itself in as one more device. Where this is interrupted, the next call does it again.
  static func renewSharedToken(
    of replica: Replica, root: RootKey, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) {
    let shared: Remote?
    do {
      shared = try replica.hasSharedToken() ? try replica.remote() : nil
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
    guard var remote = shared else { return }
    let secret = secret(using: &generator)
    try await request(
      .offerEnrolment(replica.library, secretDigest: sha256(Array(secret.utf8))),
      credential: remote.credential, transport)
    let token = try pendingToken(of: replica, using: &generator)
    try await request(
      .enrol(replica.library, tokenDigest: sha256(Array(token.utf8))), credential: secret, transport
    )
    remote.credential = token
    // The original has the key that came with the file, too.
    let key = DeviceKey.random(using: &generator)
    try stored(replica) {
      try replica.updateKeys(root: root, using: &generator) { keys, _ in keys.device = key }
    }
    try keep(remote, in: replica)
  }

  @discardableResult
  static func request(
    _ action: HubRequest.Action, credential: String, _ transport: any HubTransport
  ) async throws(SyncError) -> HubReply {
    do {
      return try await transport.send(HubRequest(action, credential: credential))
    } catch {
      throw .hub(error)
    }
  }

  private static func pendingToken(
    of replica: Replica, using generator: inout some RandomNumberGenerator
  ) throws(SyncError) -> String {
    do {
      if let token = try replica.setting("pending-token") {
        return String(decoding: token, as: UTF8.self)
      }
      let token = secret(using: &generator)
      try replica.setSetting("pending-token", to: Array(token.utf8))
      return token
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
  }

  /// Returns 32 random bytes as hexadecimal digits.
  private static func secret(using generator: inout some RandomNumberGenerator) -> String {
    (0..<4).map { _ in hexadecimal(bytes(of: generator.next())) }.joined()
  }

  private static func bytes(of number: UInt64) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  private static func keep(_ remote: Remote, in replica: Replica) throws(SyncError) {
    do {
      try replica.setRemote(remote)
      try replica.setSetting("pending-token", to: nil)
      try replica.ownToken()
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
  }
}
