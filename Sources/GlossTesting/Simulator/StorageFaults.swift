/// Lets the storage under a machine's file fail.
///
/// The simulator calls it and knows nothing of how; it takes errors of the store for what they are, and expects the file to be as
/// before.
package protocol StorageFaults: Sendable {
  /// Lets something go wrong with the file at a path some time from now on, as `chance` decides, and returns what, or `nil` for
  /// nothing.
  func strike(path: String, chance: UInt64) -> String?
  /// Lets nothing go wrong any more.
  func heal(path: String)
}
