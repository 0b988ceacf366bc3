internal import GlossCore

/// The devices that were seen since somebody last wrote it down.
///
/// Writing at each request would make every pull a durable write. So sightings wait here and are written together: by
/// the first request after a minute, and before anybody reads the list. What is lost with the process is that minute.
actor Sightings {
  /// How long sightings wait, in milliseconds.
  static let patience: Int64 = 60_000
  /// How many sightings wait at most.
  static let limit = 4_096

  private struct Device: Hashable {
    let library: LibraryID
    let token: [UInt8]
  }

  private var waiting: [Device: Sighting] = [:]
  private var since: Int64?

  /// Adds a sighting, and returns all that have to be written now, if it is time.
  func add(_ sighting: Sighting) -> [Sighting] {
    let device = Device(library: sighting.library, token: sighting.token)
    var sighting = sighting
    sighting.cursorIndex = sighting.cursorIndex ?? waiting[device]?.cursorIndex
    sighting.appliedIndex = sighting.appliedIndex ?? waiting[device]?.appliedIndex
    waiting[device] = sighting
    let since = since ?? sighting.milliseconds
    self.since = since
    // A clock that was set back is no reason to wait for longer.
    let isTime = !(since..<since + Self.patience).contains(sighting.milliseconds)
    return isTime || waiting.count >= Self.limit ? takeAll() : []
  }

  /// Returns all sightings that wait, which are forgotten here.
  func takeAll() -> [Sighting] {
    defer {
      waiting = [:]
      since = nil
    }
    return Array(waiting.values)
  }
}
