internal import Glibc
public import GlossCore
internal import GlossCrypto
internal import GlossSeal
internal import GlossStore
public import GlossSync
public import GlossWire

extension Library {
  /// The names of the machines that have a copy of the library, as far as they have arrived.
  public func deviceNames() throws(LibraryError) -> [ReplicaID: String] {
    try reading { snapshot in
      var names: [ReplicaID: String] = [:]
      for record in try snapshot.records(Query(ReadingField.device)) {
        if case .text(let name)? = record[ReadingField.name] {
          names[ReplicaID(record.key.id.value)] = name
        }
      }
      return names
    }
  }

  /// Gives this machine a name, or another one.
  public func nameDevice(_ name: String) throws(LibraryError) {
    try nameDevice(replica.id, name)
  }

  /// Gives a machine a name, or another one.
  public func nameDevice(_ device: ReplicaID, _ name: String) throws(LibraryError) {
    try writeDevice(device, [ReadingField.name: .text(name)])
  }

  /// Returns the machines that have a copy of the library, this one first, and what the hub knows of them.
  ///
  /// - Parameter transport: Reaches the library's hub; without it nothing is said of what the hub knows.
  public func devices(
    over transport: (any HubTransport)? = nil
  ) async throws(LibraryError) -> [Device] {
    var names: [ReplicaID: String?] = [:]
    var tokens: [ReplicaID: [UInt8]] = [:]
    try reading { snapshot in
      for record in try snapshot.records(Query(ReadingField.device)) {
        let id = ReplicaID(record.key.id.value)
        names[id] = .some(nil)
        if case .text(let name)? = record[ReadingField.name] { names[id] = name }
        if case .bytes(let token)? = record[ReadingField.token] { tokens[id] = token }
      }
    }
    var accounts = try await accounts(over: transport)
    var devices = names.map { id, name in
      Device(
        id: id, name: name, isThis: id == replica.id,
        account: tokens[id].flatMap { accounts.removeValue(forKey: $0) })
    }
    func rank(_ device: Device) -> (Int, String, UInt128) {
      (device.isThis ? 0 : 1, device.name ?? "", device.id?.value ?? 0)
    }
    devices.sort { rank($0) < rank($1) }
    let strangers = accounts.values.sorted {
      $0.tokenDigest.lexicographicallyPrecedes($1.tokenDigest)
    }
    return devices + strangers.map { Device(id: nil, name: nil, isThis: false, account: $0) }
  }

  /// Returns what the hub knows of the machines that it lets in, by their tokens.
  private func accounts(
    over transport: (any HubTransport)?
  ) async throws(LibraryError) -> [[UInt8]: Device.Account] {
    guard let transport else { return [:] }
    let root = try isLocked() ? nil : try rootKey()
    var generator = AnyGenerator(randomness())
    do {
      let (devices, keys, end) = try await HubSetup.devices(
        of: replica, root: root, over: transport, using: &generator)
      return Dictionary(
        devices.map { device in
          let account = Device.Account(
            tokenDigest: device.tokenDigest, lastSeen: device.lastSeenMilliseconds,
            bundlesBehind: end.index - min(end.index, device.cursorIndex),
            bundlesUnconfirmed: end.index - min(end.index, device.appliedIndex),
            key: keys[device.tokenDigest])
          return (device.tokenDigest, account)
        }, uniquingKeysWith: { first, _ in first })
    } catch {
      throw .sync(error)
    }
  }

  /// Takes its token from a machine, so that the hub lets it neither read nor write any more, and gives the others a new key. It
  /// keeps what it has.
  ///
  /// Where this ends early, ``isKeyDue()`` says so, and ``beginEpoch(over:)`` finishes it.
  ///
  /// - Throws: `.locked`, `.noRootKey`, `.store` or `.sync`.
  public func revoke(
    _ account: Device.Account, over transport: any HubTransport
  ) async throws(LibraryError) -> Revocation {
    let root = try rootKey()
    var generator = AnyGenerator(randomness())
    do {
      return try await HubSetup.revoke(
        account.tokenDigest, of: replica, root: root, over: transport, using: &generator)
    } catch {
      throw .sync(error)
    }
  }

  /// Whether a machine was revoked from here and the others do not have a new key yet.
  public func isKeyDue() throws(LibraryError) -> Bool {
    do {
      return try HubSetup.isKeyDue(in: replica)
    } catch {
      throw .sync(error)
    }
  }

  /// Gives all machines that the hub lets in a new key.
  ///
  /// - Throws: `.locked`, `.noRootKey`, `.store` or `.sync`.
  public func beginEpoch(over transport: any HubTransport) async throws(LibraryError) -> Revocation
  {
    let root = try rootKey()
    var generator = AnyGenerator(randomness())
    do {
      return try await HubSetup.beginEpoch(
        of: replica, root: root, over: transport, using: &generator)
    } catch {
      throw .sync(error)
    }
  }

  /// Writes down what the others have to know of this machine, where that is not what they know.
  func describeDevice(name: String? = nil) throws(LibraryError) {
    var values: [Name: Value] = [:]
    if let name { values[ReadingField.name] = .text(name) }
    if let remote = try Self.translating(replica.path, { try replica.remote() }) {
      values[ReadingField.token] = .bytes(sha256(Array(remote.credential.utf8)))
    }
    try writeDevice(replica.id, values)
  }

  private func writeDevice(_ device: ReplicaID, _ values: [Name: Value]) throws(LibraryError) {
    try writeValues(values, of: RecordKey(ReadingField.device, RecordID(device.value)))
  }

  /// Writes values to a record that the programs of a library keep for themselves, where it has others or is not there yet.
  func writeValues(_ values: [Name: Value], of key: RecordKey) throws(LibraryError) {
    let record = try reading { try $0.record(key) }
    guard values.contains(where: { record?[$0.key] != $0.value }) else { return }
    // Nobody takes back what a program notes for itself.
    try Self.translating(replica.path) {
      try replica.write(at: clock()) { edits in
        guard let record = try edits.snapshot.record(key) else {
          return try edits.add(key, values)
        }
        try edits.edit(key, values, basedOn: record.basis)
      }
    }
  }

  /// Gives a machine whose file turned out to be a copy a name of its own: that of the one that it was, and a number.
  func nameRenewedDevice() throws(LibraryError) {
    guard let renewal else { return }
    let names = try deviceNames()
    guard names[renewal.id] == nil else { return }
    let former = names[renewal.former] ?? "copy"
    let words = former.split(separator: " ")
    let stem =
      words.count > 1 && words.last.flatMap { UInt($0) } != nil
      ? words.dropLast().joined(separator: " ") : former
    let taken = Set(names.values)
    let number = (2...).first { !taken.contains("\(stem) \($0)") } ?? 2
    try nameDevice("\(stem) \(number)")
  }

  /// Removes the files of a copy that was made a moment ago and did not come to be.
  static func removeFiles(at path: String) {
    for suffix in ["", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
  }
}
