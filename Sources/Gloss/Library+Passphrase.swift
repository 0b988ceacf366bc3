internal import GlossCore
public import GlossSeal
internal import GlossStore

// The library's key lies in its file as it is, or wrapped with a passphrase. It seals what goes to the hub and opens what comes
// from there; the content in the file is not under it, so reading and editing need no passphrase.

extension Library {
  /// Whether the library's key is under a passphrase in its file.
  public func hasPassphrase() throws(LibraryError) -> Bool {
    try storedKey().isWrapped
  }

  /// Whether a passphrase is needed before the library can sync: it has one, and was not given it since it was opened.
  public func isLocked() throws(LibraryError) -> Bool {
    guard unlockedKey.withLock({ $0 }) == nil else { return false }
    return try hasPassphrase()
  }

  /// Opens the library's key, and keeps it in memory until the library is released. Where there is no passphrase, nothing
  /// happens.
  ///
  /// It takes some tenths of a second, and 128 MiB of memory meanwhile.
  ///
  /// - Throws: `.wrongPassphrase`, `.wrappedKey`, `.noRootKey` or `.store`.
  public func unlock(_ passphrase: Passphrase) throws(LibraryError) {
    guard case .wrapped(let bytes) = try storedKey() else { return }
    let root = try unwrap(bytes, passphrase)
    unlockedKey.withLock { $0 = root }
  }

  /// Puts the library's key under a passphrase; this library stays unlocked. Who loses it can read and edit the library on this
  /// machine, but not sync it.
  ///
  /// - Returns: Whether the plain key is gone from the file and from its write-ahead log. Where another process goes on
  ///   reading an old state of the file, the log may still have it; ``changePassphrase(to:)`` tries again. Copies of the
  ///   file that were made before have the plain key in any case.
  /// - Throws: `.hasPassphrase`, `.wrappedKey`, `.noRootKey` or `.store`.
  public func setPassphrase(_ passphrase: Passphrase) throws(LibraryError) -> Bool {
    let stored = try storedKey()
    guard case .plain(let root) = stored else { throw .hasPassphrase }
    return try replace(stored, with: root, under: passphrase)
  }

  /// Puts the key of an unlocked library under another passphrase.
  ///
  /// - Returns: Whether the former wrap is gone from the file and from its write-ahead log, as with ``setPassphrase(_:)``.
  /// - Throws: `.noPassphrase`, `.locked`, `.wrappedKey`, `.noRootKey` or `.store`.
  public func changePassphrase(to passphrase: Passphrase) throws(LibraryError) -> Bool {
    let stored = try storedKey()
    guard stored.isWrapped else { throw .noPassphrase }
    return try replace(stored, with: try rootKey(), under: passphrase)
  }

  /// Puts the key of an unlocked library into the file as it is.
  ///
  /// - Throws: `.noPassphrase`, `.locked`, `.noRootKey` or `.store`.
  public func removePassphrase() throws(LibraryError) {
    let stored = try storedKey()
    guard stored.isWrapped else { throw .noPassphrase }
    _ = try replace(stored, with: .plain(try rootKey()))
  }

  static let rootKeySetting = "root-key"
  private static let wrappedKeySetting = "wrapped-root-key"

  /// The key that seals the library's bundles.
  func rootKey() throws(LibraryError) -> RootKey {
    if let root = unlockedKey.withLock({ $0 }) { return root }
    guard case .plain(let root) = try storedKey() else { throw .locked }
    return root
  }
}

/// The library's key as its file has it.
private enum StoredKey: Equatable {
  case plain(RootKey)
  case wrapped([UInt8])

  var isWrapped: Bool {
    guard case .wrapped = self else { return false }
    return true
  }
}

extension Library {
  /// Whether the file has no key, neither as it is nor wrapped.
  func isKeyless() throws(LibraryError) -> Bool {
    do {
      _ = try storedKey()
      return false
    } catch .noRootKey {
      return true
    }
  }

  /// The library's key under its passphrase, `nil` where it has none.
  func wrappedKey() throws(LibraryError) -> [UInt8]? {
    guard case .wrapped(let bytes) = try storedKey() else { return nil }
    return bytes
  }

  /// Puts another key in the place of one that has sealed nothing yet for a hub, and that is under no passphrase.
  func replaceUnusedKey(with root: RootKey) throws(LibraryError) {
    let stored = try storedKey()
    guard case .plain(let former) = stored, former != root else { return }
    _ = try replace(stored, with: .plain(root))
  }

  private func storedKey() throws(LibraryError) -> StoredKey {
    let settings = try Self.translating(replica.path) { try replica.settings() }
    return try Self.storedKey(in: settings)
  }

  private static func storedKey(
    in settings: [String: [UInt8]]
  ) throws(LibraryError) -> StoredKey {
    if let bytes = settings[wrappedKeySetting] { return .wrapped(bytes) }
    guard let bytes = settings[rootKeySetting], let root = RootKey(bytes: bytes) else {
      throw .noRootKey
    }
    return .plain(root)
  }

  /// Puts `key` in the place of `former`, and returns whether no byte of that is left.
  ///
  /// scrypt takes longer than a transaction should, so it has run before; where another process was faster meanwhile, this
  /// fails as if it had come later.
  private func replace(_ former: StoredKey, with key: StoredKey) throws(LibraryError) -> Bool {
    try Self.translating(replica.path) {
      try replica.overwriteSettings { settings in
        let current = try Self.storedKey(in: settings)
        guard current == former else {
          // Another passphrase than the one that was given.
          if former.isWrapped, current.isWrapped { throw LibraryError.wrongPassphrase }
          throw former.isWrapped ? LibraryError.noPassphrase : .hasPassphrase
        }
        settings[Self.rootKeySetting] = nil
        settings[Self.wrappedKeySetting] = nil
        switch key {
        case .plain(let root): settings[Self.rootKeySetting] = root.bytes
        case .wrapped(let bytes): settings[Self.wrappedKeySetting] = bytes
        }
      }
    }
  }

  private func replace(
    _ former: StoredKey, with root: RootKey, under passphrase: Passphrase
  ) throws(LibraryError) -> Bool {
    let isErased = try replace(former, with: .wrapped(try wrap(root, passphrase)))
    unlockedKey.withLock { $0 = root }
    return isErased
  }

  private func wrap(_ root: RootKey, _ passphrase: Passphrase) throws(LibraryError) -> [UInt8] {
    var generator = AnyGenerator(randomness())
    do {
      return try WrappedRootKey(
        root, library: replica.library, passphrase: passphrase, using: &generator
      ).bytes
    } catch {
      throw .wrappedKey(error)
    }
  }

  private func unwrap(_ bytes: [UInt8], _ passphrase: Passphrase) throws(LibraryError) -> RootKey {
    do {
      return try WrappedRootKey(bytes: bytes).unwrap(
        library: replica.library, passphrase: passphrase)
    } catch .wrongPassphrase {
      throw .wrongPassphrase
    } catch {
      throw .wrappedKey(error)
    }
  }
}
