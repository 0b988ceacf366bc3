import Foundation

/// What a run is to do, from the environment; `make crash` sets it.
enum Settings {
  /// The seed of the run: the same one makes the same choices.
  static let seed = number("GLOSS_CRASH_SEED") ?? 1
  /// How many faults the loops over the commands make in all; `nil` for every one there is.
  static let points: Int? =
    text("GLOSS_CRASH_POINTS") == "all" ? nil : number("GLOSS_CRASH_POINTS") ?? 500
  /// How many sessions of three machines and a hub.
  static let sessions = number("GLOSS_CRASH_SESSIONS") ?? 100
  /// How many times eight processes work on one library at once.
  static let crowds = number("GLOSS_CRASH_CROWDS") ?? 5
  /// The one command to loop over, as its loop is called, or `nil` for all.
  static let only = text("GLOSS_CRASH_ONLY")

  /// The variables with which `make crash` makes the same faults again.
  static var replay: String { "SEED=\(seed) POINTS=\(points.map { "\($0)" } ?? "all")" }

  /// Says what was done and how long it took, where `VERBOSE=1` asks for it.
  static func tell(_ what: String, since start: ContinuousClock.Instant) {
    guard text("GLOSS_CRASH_VERBOSE") != nil else { return }
    FileHandle.standardError.write(Data("\(what): \(ContinuousClock.now - start)\n".utf8))
  }

  private static func number(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

  private static func text(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
