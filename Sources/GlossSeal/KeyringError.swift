/// Why an entry of a library's keyring was not taken in.
public enum KeyringError: Error, Equatable, Sendable {
  /// A newer program made it: update this one.
  case newerVersion(UInt8)
  /// It is not laid out as an entry of this epoch is.
  case malformed
  /// Who made it did not have the epoch before.
  case notByAMember
  /// It has nothing for this device: it was revoked, or not known when the entry was made.
  case notForThisDevice
  /// What it has for this device does not open.
  case badWrap
  /// It was altered after it was made.
  case tampered
  /// It does not lead back to the epoch before.
  case badLink
  /// This device has another secret of the same epoch, or the entry was altered: there are two histories of the keyring.
  case otherEpoch
}
