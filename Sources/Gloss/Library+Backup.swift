internal import GlossCore
public import GlossSeal
internal import GlossStore

extension Library {
  /// Returns the library's key as a person keeps it, for when every machine is lost.
  ///
  /// - Throws: `.locked`, `.noRootKey` or `.store`.
  public func recoveryCode() throws(LibraryError) -> RecoveryCode {
    RecoveryCode(library: replica.library, root: try rootKey())
  }

  /// Returns what a new backup begins with, and what seals it.
  ///
  /// - Throws: `.locked`, `.noRootKey` or `.store`.
  public func backupSeal() throws(LibraryError) -> (header: BackupHeader, seal: BackupSeal) {
    let root = try rootKey()
    var generator = AnyGenerator(randomness())
    let header = BackupHeader(
      library: replica.library, milliseconds: clock(), wrappedKey: try wrappedKey(),
      using: &generator)
    return (header, BackupSeal(header, root: root))
  }

  /// Writes a copy of the library as it is now to a file that is empty or not there yet. It is not sealed; others may write
  /// meanwhile.
  public func copyFile(to path: String) throws(LibraryError) {
    try Self.translating(path) { try replica.copyFile(to: path) }
  }
}
