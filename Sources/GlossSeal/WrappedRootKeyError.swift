/// Why a wrapped root key was not opened.
public enum WrappedRootKeyError: Error, Equatable, Sendable {
  /// The passphrase is another one, or the key was wrapped for another library: enter it again.
  case wrongPassphrase

  /// The bytes are not those that were written: they were cut short or altered.
  case damaged

  /// The bytes are whole and of this later version: update this program.
  case newerVersion(UInt8)

  /// The bytes are whole and ask for an scrypt that is weaker or dearer than this version allows.
  case badParameters

  /// The machine has not the memory that scrypt needs: 128 MiB, or what the wrap asks for.
  case notEnoughMemory
}
