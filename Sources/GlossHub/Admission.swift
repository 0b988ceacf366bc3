/// Whether a library may be created.
package enum Admission: Equatable, Sendable {
  /// By anybody.
  case open
  /// By who has the invitation of this identifier (12 bytes), with which no other library was created.
  case invitation([UInt8])
  /// By nobody. A repeat for a library that is there is still answered as the first request was.
  case closed
}
