internal import Glibc
internal import Gloss
internal import GlossCore
internal import GlossHTTP
internal import GlossStore
internal import GlossWire

/// What `gloss doctor` prints: lines of a check, its name and what it found, with what to do about it.
///
/// Only numbers, versions and words of ours go in, so nothing of a person's can come out: no error's own text, no path.
struct HealthReport {
  enum Level { case fine, warning, told }

  private var lines: [String] = ["gloss doctor, report 1"]
  private(set) var hasWarning = false

  var text: String { lines.map { $0 + "\n" }.joined() }

  /// Adds a check. The text of a warning is followed by what to do.
  mutating func add(_ level: Level, _ name: String, _ found: String, advice: String? = nil) {
    let mark =
      switch level {
      case .fine: "ok"
      case .warning: "warn"
      case .told: ""
      }
    add(Text.padded(mark, to: 4) + "  " + Text.padded(name, to: 11), found)
    guard level == .warning else { return }
    hasWarning = true
    if let advice { add("   !  " + Text.padded("", to: 11), advice) }
  }

  /// Adds words behind a head of 17 columns, on as many lines as they take.
  private mutating func add(_ head: String, _ words: String) {
    var line = head
    for word in words.split(separator: " ") {
      if line.count + 1 + word.count > 80 {
        lines.append(line)
        line = String(repeating: " ", count: head.count)
      }
      line += " " + word
    }
    lines.append(line)
  }

  // MARK: Versions and surroundings

  mutating func addVersions() {
    add(
      .told, "gloss",
      "\(Software.version), \(Self.swift), protocol \(HTTPBinding.protocolVersion)")
    let curl = CurlLibrary.version
    add(
      curl == nil ? .warning : .fine, "libraries",
      "SQLite \(Replica.sqliteVersion), zstd \(Zstandard.version), libcurl \(curl ?? "not there")",
      advice: "install libcurl (Debian: apt install libcurl4); all but syncing works without")
    var name = utsname()
    guard uname(&name) == 0 else { return }
    let release = withUnsafeBytes(of: name.release) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    // What a kernel's maker adds behind a hyphen may name a machine.
    add(.told, "kernel", "Linux " + release.prefix { $0 != "-" && $0 != "+" })
  }

  private static var swift: String {
    #if compiler(>=6.4)
      "Swift after 6.3"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift before 6.3"
    #endif
  }

  mutating func addSurroundings(ofLibraryAt path: String) {
    var info = stat()
    if stat(path, &info) == 0 {
      let mode = info.st_mode & 0o777
      add(
        mode & 0o077 == 0 ? .fine : .warning, "permissions", String(mode, radix: 8),
        advice: "others on this machine can read the library: chmod 600 the file")
      let owner = info.st_uid == getuid() ? "this user's" : "another user's"
      add(info.st_uid == getuid() ? .fine : .told, "owner", owner)
    }
    addFileSystem(of: path)
    let locks = [("-lock", "writing"), ("-sync-lock", "syncing")].filter {
      Self.isHeld(path + $0.0)
    }
    add(.told, "locks", locks.isEmpty ? "free" : "held: " + locks.map(\.1).joined(separator: ", "))
  }

  private mutating func addFileSystem(of path: String) {
    var info = statvfs()
    guard statvfs(path, &info) == 0 else { return }
    let type = Self.fileSystem(of: path)
    // What a mount of its own kind calls itself may be anything.
    let isKnown = type.map { Self.local.contains($0) || Self.remote.contains($0) } ?? false
    let isRemote = type.map { Self.remote.contains($0) } ?? false
    add(
      isRemote ? .warning : .fine, "file system", isKnown ? type ?? "" : "of another type",
      advice: "locks are not kept reliably over a network: move the library to a local disk")
    let free = UInt64(info.f_bavail) * UInt64(info.f_frsize) / 1_048_576
    add(
      free >= 100 ? .fine : .warning, "free space", "\(free) MiB",
      advice: "make room: a full disk fails every write, and loses none that was told as done")
  }

  private static let local: Set<String> = [
    "ext2", "ext3", "ext4", "btrfs", "xfs", "zfs", "f2fs", "tmpfs", "overlay", "ramfs", "bcachefs",
    "jfs",
    "reiserfs",
  ]
  private static let remote: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "afs",
  ]

  /// Returns the type of the file system that a file is on.
  private static func fileSystem(of path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    let place = String(cString: real)
    guard let mounts = try? File.read("/proc/self/mountinfo") else { return nil }
    var best: (length: Int, type: String)?
    for line in String(decoding: mounts, as: UTF8.self).split(separator: "\n") {
      // number, parent, device, root, mount point, options ... - type, source, options
      let words = line.split(separator: " ").map(String.init)
      guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else {
        continue
      }
      let point = words[4]
      let isAbove = point == "/" || place == point || place.hasPrefix(point + "/")
      if isAbove, point.count >= best?.length ?? 0 { best = (point.count, words[dash + 1]) }
    }
    return best?.type
  }

  /// Whether another process holds the lock on a file, which is not made where it is not there.
  private static func isHeld(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  // MARK: The library

  mutating func add(_ library: Library, now: UInt64) throws {
    let replica = library.replica
    let condition = try replica.condition()
    let statistics = try library.statistics()
    add(
      .fine, "format", "\(condition.format), newest known \(condition.knownFormat)")
    add(
      condition.journalMode == "wal" ? .fine : .warning, "journal",
      condition.journalMode == "wal" ? "wal" : "another than wal",
      advice: "the file was opened by another program that changed this: run gloss verify")
    add(
      condition.isQuickCheckPassed ? .fine : .warning, "quick check",
      condition.isQuickCheckPassed ? "passed" : "failed",
      advice: "gloss verify says what is damaged")
    let sizes = ["", "-wal"].map { Self.byteCount(of: replica.path + $0) / 1_024 }
    add(
      .told, "size",
      "\(sizes[0]) KiB, log \(sizes[1]) KiB, unused \(condition.unusedByteCount / 1_024) KiB")
    let records = statistics.recordCountByKind.values.reduce(0, +)
    add(
      .told, "holds",
      "changes: \(statistics.changeCount), devices: \(statistics.vector.replicas.count), records: \(records)"
    )
    let conflicts = try library.conflictCount()
    add(
      conflicts == 0 ? .fine : .warning, "conflicts", "\(conflicts)",
      advice: "gloss conflicts lists them; gloss resolve decides")
    add(
      .told, "unusual",
      "\(statistics.quarantinedCount) quarantined, \(condition.thinRunCount) runs without replaced values"
    )
    add(.told, "unsent", "\(statistics.unsentCount) changes")
    let missing = try library.missingTextCount()
    add(.told, "missing", "\(missing) texts")
    try addSetAside(library)
    addClock(condition.newestMilliseconds, now)
  }

  private mutating func addSetAside(_ library: Library) throws {
    let reasons = Dictionary(grouping: try library.setAside(), by: \.reason.rawValue)
    let counts = reasons.sorted { $0.key < $1.key }.map { "\($1.count) \($0)" }
    add(
      counts.isEmpty ? .fine : .warning, "set aside",
      counts.isEmpty ? "nothing" : counts.joined(separator: ", "),
      advice: "gloss sync says what to do about each")
  }

  private mutating func addClock(_ newest: UInt64?, _ now: UInt64) {
    guard let newest, newest > now + Self.skewLimit else {
      return add(.fine, "clock", "no change is from the future")
    }
    add(
      .warning, "clock",
      "the newest change is \((newest - now) / 60_000) minutes ahead of this machine",
      advice:
        "check this machine's clock, and the others': nothing is lost, but of two edits the wrong one may be shown"
    )
  }

  private static func byteCount(of path: String) -> Int {
    var info = stat()
    return stat(path, &info) == 0 ? Int(info.st_size) : 0
  }

  /// How far clocks may be apart without a word, in milliseconds.
  private static let skewLimit: UInt64 = 2 * 60_000

  // MARK: The hub

  mutating func addContact(_ contact: HubContact, now: UInt64) {
    let ago = Shown.duration(now - min(now, contact.milliseconds))
    let difference = contact.clockDifference.map { "clock \($0.magnitude / 1_000) s off the hub's" }
    let isFar = contact.clockDifference.map { $0.magnitude >= Self.skewLimit } ?? false
    add(
      isFar ? .warning : .fine, "synced",
      "\(ago) ago, " + (difference ?? "the hub's clock is not known"),
      advice: "set this machine's clock, or the hub's")
  }

  mutating func addHub(_ reply: HTTPReply, askedAt before: UInt64, answeredAt after: UInt64) {
    guard case .description(let description)? = try? HubReply(http: reply, to: .describe) else {
      return add(
        .warning, "hub now", "the reply is no hub's (status \(reply.status))",
        advice: "check the hub's address: gloss status shows it")
    }
    let versions = description.versions.map(String.init).joined(separator: ", ")
    let isSpoken = description.versions.contains(HTTPBinding.protocolVersion)
    add(
      isSpoken ? .fine : .warning, "hub now",
      "answers in \(after - min(before, after)) ms, protocol \(versions)",
      advice: "update gloss or the hub")
    guard let date = reply.value(of: "date").flatMap({ CivilTime.milliseconds(ofHTTPDate: $0) })
    else {
      return add(.told, "clock skew", "not known: the hub says no date")
    }
    // The date is in whole seconds, of some moment between the two.
    let skew = date > after ? date - after : before > date + 1_000 ? before - date - 1_000 : 0
    add(
      skew <= Self.skewLimit ? .fine : .warning, "clock skew", "\(skew / 1_000) s to the hub",
      advice: "set this machine's clock, or the hub's")
  }
}
