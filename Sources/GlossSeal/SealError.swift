/// Why sealed bytes were not opened.
///
/// None of these goes away by trying again with the same bytes: fetch them anew, or tell a person.
public enum SealError: Error, Equatable, Sendable {
  /// There are fewer bytes than the smallest seal has: the bundle was cut short on its way or on a
  /// disk.
  case truncated(byteCount: Int)

  /// The bundle is sealed under an epoch whose key this library's keyring does not have: another
  /// device began it.
  case unknownEpoch(UInt32)

  /// The commitment does not fit: the bundle was sealed with another root key or for another
  /// library, or its header, salt or commitment was altered.
  case wrongKey

  /// The commitment fits and the tag does not: the content was altered, or cut short, after it was
  /// sealed.
  case tampered

  /// The content is authentic, but not padded as this suite says: the program that sealed it is
  /// faulty.
  case badPadding
}
