/// What of a library's past a snapshot carries to replicas that come later.
///
/// Heads and open conflicts are always in it, and every change is: which record it wrote, when, and what it replaced.
public enum SnapshotHistory: String, CaseIterable, Sendable {
  /// Every value that was ever written.
  case whole
  /// Of texts, bytes and large values only those that are shown, or in conflict.
  case current
}
