package import GlossCore

/// The secrets of a library's epochs, as far as a device has them.
///
/// Where a hub came back from a backup, a second epoch may have been begun under a number that was used. Who joins again then
/// has both secrets; the later one counts for what is made new. Printing or dumping it shows no secret.
package struct Keyring: Sendable {
  /// The library whose epochs they are.
  package let library: LibraryID

  /// The newest epoch whose secret is here.
  package private(set) var newestEpoch: UInt32

  /// The secret of ``newestEpoch``.
  package private(set) var newestSecret: EpochSecret

  /// Of each epoch its secrets, the one that counts last. Epoch 1 is always there.
  private var secretsByEpoch: [UInt32: [EpochSecret]]

  /// Creates the keyring of a library that never had another epoch than the first.
  package init(root: RootKey, library: LibraryID) {
    self.library = library
    newestEpoch = 1
    newestSecret = EpochSecret(root)
    secretsByEpoch = [1: [newestSecret]]
  }

  /// All epochs whose secrets are here, in order.
  package var epochs: [UInt32] { secretsByEpoch.keys.sorted() }

  /// The secrets of an epoch, the one that counts last; empty where there is none.
  package func secrets(of epoch: UInt32) -> [EpochSecret] { secretsByEpoch[epoch] ?? [] }

  /// Adds a secret, which counts from now on among those of its epoch.
  package mutating func add(_ secret: EpochSecret, of epoch: UInt32) {
    precondition(epoch >= 1, "epochs are numbered from 1")
    secretsByEpoch[epoch] = secrets(of: epoch).filter { $0 != secret } + [secret]
    if epoch >= newestEpoch { (newestEpoch, newestSecret) = (epoch, secret) }
  }

  /// Adds a secret that is the newest from now on: those of later epochs are of a history of the keyring that the library has left.
  package mutating func turn(to secret: EpochSecret, of epoch: UInt32) {
    secretsByEpoch = secretsByEpoch.filter { $0.key <= epoch }
    newestEpoch = epoch
    add(secret, of: epoch)
  }

  /// Adds what another keyring of the library has and this one lacks.
  package mutating func add(_ other: Keyring) {
    for epoch in other.epochs {
      for secret in other.secrets(of: epoch) where !secrets(of: epoch).contains(secret) {
        add(secret, of: epoch)
      }
    }
  }

  /// Takes in entries of the library's keyring, of epochs one after another, the first after one that is here.
  ///
  /// A secret comes from the entry's wrap for the device, or over the link of a later entry. Nothing is taken in where the last
  /// entry's secret cannot be had, or where an entry contradicts an epoch that is here: a revoked device could have made it. What the
  /// link of a secret leads to that was here before, because a code brought it, is another history of the keyring, and is added.
  ///
  /// - Throws: Each case of ``KeyringError``.
  package mutating func take(
    _ entries: [KeyringEntry], for device: DeviceKey
  ) throws(KeyringError) {
    guard let first = entries.first else { return }
    // In 64 bits: an entry may name the greatest epoch that fits 32, and another follow it.
    let isRun = entries.enumerated().allSatisfy {
      UInt64($1.epoch) == UInt64(first.epoch) + UInt64($0)
    }
    guard isRun, !secrets(of: first.epoch - 1).isEmpty else { throw .malformed }
    var result = self
    for entry in entries {
      guard let secret = try result.secret(in: entry, for: device) else { continue }
      result.add(secret, of: entry.epoch)
    }
    // What a trusted link led to.
    var linked: EpochSecret?
    for entry in entries.reversed() {
      let secrets = result.secrets(of: entry.epoch)
      guard !secrets.isEmpty else { throw .notForThisDevice }
      let secret = secrets.first { entry.isWhole(under: $0, library: library) }
      guard let secret else { throw .otherEpoch }
      let previous = try entry.previous(under: secret, library: library)
      let held = result.secrets(of: entry.epoch - 1)
      let isTrusted = self.secrets(of: entry.epoch).contains(secret) || secret == linked
      linked = isTrusted ? previous : nil
      guard !held.contains(previous) else { continue }
      guard held.isEmpty || isTrusted && entry.epoch > 2 else { throw .badLink }
      result.add(previous, of: entry.epoch - 1)
    }
    self = result
  }

  /// Returns the secret of an entry, or `nil` where it is here, or only a later entry's link can bring it.
  private func secret(
    in entry: KeyringEntry, for device: DeviceKey
  ) throws(KeyringError) -> EpochSecret? {
    guard secrets(of: entry.epoch).isEmpty else { return nil }
    let previous = secrets(of: entry.epoch - 1)
    let isByMember = previous.contains { entry.isMade(byHolderOf: $0, library: library) }
    guard previous.isEmpty || isByMember else { throw .notByAMember }
    return try entry.open(with: device, library: library)
  }
}

extension Keyring: CustomStringConvertible, CustomReflectable {
  /// The library and the newest epoch, and no secret.
  package var description: String { "Keyring(\(library) up to epoch \(newestEpoch), hidden)" }

  /// A mirror without children, so that `dump` shows no secret.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
