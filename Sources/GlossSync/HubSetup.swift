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
  ///   - address: The hub's base address, which `transport` reaches.
  ///   - invitation: What the hub's operator gave out, where the hub takes in no library without.
  ///   - generator: A cryptographic source outside tests.
  public static func connect(
    _ replica: Replica, to address: String, invitation: String? = nil,
    over transport: any HubTransport, using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) {
    let token = try pendingToken(of: replica, using: &generator)
    try await request(
      .createLibrary(replica.library, invitation: invitation), credential: token, transport)
    try keep(Remote(address: address, credential: token), in: replica)
  }

  /// Lets one more device join, and returns the code that it joins with.
  ///
  /// - Throws: ``SyncError/notConnected`` where the replica knows no hub itself.
  public static func pairingCode(
    for replica: Replica, root: RootKey, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) -> PairingCode {
    let remote: Remote?
    do { remote = try replica.remote() } catch {
      throw .store(StoreError(error, path: replica.path))
    }
    guard let remote else { throw .notConnected }
    let code = PairingCode(
      address: remote.address, library: replica.library, root: root, using: &generator)
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
    let token = try pendingToken(of: replica, using: &generator)
    try await request(
      .enrol(code.library, tokenDigest: sha256(Array(token.utf8))),
      credential: code.enrolmentCredential, transport)
    try keep(Remote(address: code.address, credential: token), in: replica)
  }

  /// Returns the devices that the hub lets use the library, and where its log ends.
  public static func devices(
    of replica: Replica, over transport: any HubTransport
  ) async throws(SyncError) -> (devices: [HubDevice], end: Cursor) {
    let credential = try credential(of: replica)
    let devices = try await request(.devices(replica.library), credential: credential, transport)
    let vector = try await request(.vector(replica.library), credential: credential, transport)
    guard case .devices(let list) = devices, case .vector(let held) = vector else {
      throw .unexpectedReply
    }
    return (list, held.end)
  }

  /// Takes its token from a device, so that the hub lets it neither read nor write any more.
  ///
  /// The device keeps what it has, and the library's key.
  ///
  /// - Parameter tokenDigest: The SHA-256 of its token: 32 bytes.
  public static func revoke(
    _ tokenDigest: [UInt8], of replica: Replica, over transport: any HubTransport
  ) async throws(SyncError) {
    try await request(
      .revoke(replica.library, tokenDigest: tokenDigest), credential: try credential(of: replica),
      transport)
  }

  private static func credential(of replica: Replica) throws(SyncError) -> String {
    do {
      if let remote = try replica.remote() { return remote.credential }
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
    throw .notConnected
  }

  /// Gives a replica whose file is a copy a token of its own, instead of the one that the original uses too.
  ///
  /// With that one it lets itself in as one more device. Where this is interrupted, the next call does it again.
  static func renewSharedToken(
    of replica: Replica, over transport: any HubTransport,
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
    try keep(remote, in: replica)
  }

  @discardableResult
  private static func request(
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
