internal import GlossCore
internal import GlossCrypto
public import GlossSeal
public import GlossStore
public import GlossWire

// Revoking
// ========
//
// The token goes first, so that the device gets nothing while the rest is done. Then a new epoch begins: its secret is sealed to
// each device that is left and has a good card. Of two who revoke at once one is refused the epoch's number; it takes in what the other has begun and
// begins the one after. Where this ends early the device is out of the hub already; that the new key is due is noted in the
// replica's file before, and doing it again finishes it.

/// Whether a device of a library has the newest key.
public enum KeyState: Hashable, Sendable {
  /// It has.
  case current
  /// It was given it, and has not fetched it yet.
  case waiting
  /// It has not, and was given none: it never showed a key of its own, or a key that nobody can vouch for. It has to join again
  /// with a code.
  case missing
}

/// What revoking a device came to.
public struct Revocation: Hashable, Sendable {
  /// The epoch that has begun; `nil` where a device has revoked itself, and the others have to begin it.
  public let epoch: UInt32?
  /// The digests of the tokens of the devices that the new key was sealed to, this one among them.
  public let keyHolders: [[UInt8]]
  /// Those of the devices that the hub lets in and that get no key, because they have shown none that is good.
  public let leftOut: [[UInt8]]
}

extension HubSetup {
  /// Returns the devices that the hub lets use the library, whether each has the newest key, and where the hub's log ends.
  ///
  /// - Parameter root: The library's root key; without it nothing is said of keys.
  public static func devices(
    of replica: Replica, root: RootKey?, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) -> (devices: [HubDevice], keys: [[UInt8]: KeyState], end: Cursor) {
    let credential = try credential(of: replica)
    var vouching: Vouching?
    if let root {
      do throws(SyncError) {
        let (keys, entries) = try await followKeyring(
          of: replica, root: root, over: transport, using: &generator)
        vouching = Vouching(keyring: keys.keyring, entries: entries)
      } catch .keyring {
        let (keys, entries) = try stored(replica) {
          try replica.localKeys(root: root, using: &generator)
        }
        vouching = Vouching(keyring: keys.keyring, entries: entries)
      }
    }
    let devices = try await devices(of: replica, credential, transport)
    let vector = try await request(.vector(replica.library), credential: credential, transport)
    guard case .vector(let held) = vector else { throw .unexpectedReply }
    var states: [[UInt8]: KeyState] = [:]
    for device in devices { states[device.tokenDigest] = vouching?.state(of: device) }
    return (devices, states, held.end)
  }

  /// Takes its token from a device, so that the hub lets it neither read nor write any more, and begins a new epoch, whose key it does
  /// not get.
  ///
  /// The device keeps what it has, and the keys until now. A device that revokes itself begins no epoch. A repeat takes up what was
  /// interrupted.
  ///
  /// - Parameters:
  ///   - tokenDigest: The SHA-256 of its token: 32 bytes.
  ///   - root: The library's root key.
  public static func revoke(
    _ tokenDigest: [UInt8], of replica: Replica, root: RootKey, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) -> Revocation {
    let credential = try credential(of: replica)
    let isOwn = sha256(Array(credential.utf8)) == tokenDigest
    if !isOwn { try stored(replica) { try replica.setSetting(keyDueSetting, to: [1]) } }
    try await request(
      .revoke(replica.library, tokenDigest: tokenDigest), credential: credential, transport)
    guard !isOwn else { return Revocation(epoch: nil, keyHolders: [], leftOut: []) }
    // Another history of the keyring may be that of the very device: then the others' is theirs again with this.
    return try await beginEpoch(
      of: replica, root: root, comparesAll: false, over: transport, using: &generator)
  }

  /// Whether this replica has revoked a device and not begun the new epoch yet.
  public static func isKeyDue(in replica: Replica) throws(SyncError) -> Bool {
    try stored(replica) { try replica.setting(keyDueSetting) != nil }
  }

  /// Begins a new epoch for the devices that the hub lets in.
  ///
  /// - Throws: ``SyncError/keyring(_:epoch:)`` with `otherEpoch`, too, where the hub has another history of the keyring.
  public static func beginEpoch(
    of replica: Replica, root: RootKey, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) -> Revocation {
    try await beginEpoch(
      of: replica, root: root, comparesAll: true, over: transport, using: &generator)
  }

  private static func beginEpoch(
    of replica: Replica, root: RootKey, comparesAll: Bool, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) -> Revocation {
    let credential = try credential(of: replica)
    var conflict: Problem?
    for _ in 0..<patience {
      let (keys, entries) = try await followKeyring(
        of: replica, root: root, comparesAll: comparesAll, over: transport, using: &generator)
      let devices = try await devices(of: replica, credential, transport)
      let vouching = Vouching(keyring: keys.keyring, entries: entries)
      let own = sha256(Array(credential.utf8))
      let holders = devices.filter { $0.tokenDigest == own || vouching.state(of: $0) != .missing }
      let secret = EpochSecret.random(using: &generator)
      let entry = KeyringEntry.make(
        after: keys.keyring, secret: secret,
        recipients: [keys.device.publicKey]
          + holders.compactMap {
            $0.tokenDigest == own ? nil : DeviceCard(bytes: $0.card)?.publicKey
          },
        using: &generator)
      // Who shows a key that is none gets nothing, whoever vouches for it.
      let given = holders.filter {
        $0.tokenDigest == own
          || DeviceCard(bytes: $0.card).map { entry.recipients.contains($0.publicKey) } == true
      }
      do throws(SyncError) {
        try await request(
          .putEntry(replica.library, epoch: entry.epoch, entry: entry.bytes),
          credential: credential, transport)
      } catch .hub(.refused(let problem)) where problem.type == .keyringConflict {
        conflict = problem
        continue
      } catch .hub(.refused(let problem)) where problem.isOfOlderHub {
        throw .hub(.refused(.noKeyring))
      }
      try stored(replica) {
        try replica.updateKeys(root: root, using: &generator) { keys, entries in
          keys.keyring.add(secret, of: entry.epoch)
          entries[entry.epoch] = entry.bytes
        }
        try replica.setSetting(keyDueSetting, to: nil)
      }
      await showCard(of: replica, root: root, over: transport, using: &generator)
      return Revocation(
        epoch: entry.epoch, keyHolders: given.map(\.tokenDigest),
        leftOut: devices.filter { !given.contains($0) }.map(\.tokenDigest))
    }
    throw .hub(conflict.map { .refused($0) } ?? .notOurs("no epoch could begin"))
  }

  private static func devices(
    of replica: Replica, _ credential: String, _ transport: any HubTransport
  ) async throws(SyncError) -> [HubDevice] {
    let reply = try await request(.devices(replica.library), credential: credential, transport)
    guard case .devices(let devices) = reply else { throw .unexpectedReply }
    return devices
  }

  private static let keyDueSetting = "key-due"
  /// How often somebody else may be faster.
  private static let patience = 8
}

/// What a device can tell of the others' keys.
private struct Vouching {
  let keyring: Keyring
  /// The public keys that the newest epoch's secret was sealed to.
  let recipients: Set<[UInt8]>

  init(keyring: Keyring, entries: [UInt32: [UInt8]]) {
    self.keyring = keyring
    let entry = entries[keyring.newestEpoch].flatMap { try? KeyringEntry(bytes: $0) }
    recipients = entry?.recipients ?? []
  }

  /// Whether a device has the newest key, or was given it.
  ///
  /// A card of an earlier epoch could be made by who was revoked since. It counts only where the newest entry, whose maker vouched
  /// for all that it names, has the same public key.
  func state(of device: HubDevice) -> KeyState {
    guard let card = DeviceCard(bytes: device.card),
      card.isGood(forToken: device.tokenDigest, keyring: keyring)
    else { return .missing }
    if card.epoch == keyring.newestEpoch { return .current }
    return recipients.contains(card.publicKey) ? .waiting : .missing
  }
}
