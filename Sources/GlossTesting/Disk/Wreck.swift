internal import Glibc

/// What reaches a disk that loses its power, of what was not synced.
package enum PowerLoss: Hashable, Sendable {
  /// Everything, as where only the process was killed.
  case keepsAll
  /// Nothing.
  case keepsNone
  /// Some of the writes and truncations, by a seed: each as a whole, not at all, or torn between its sectors of 512 bytes. Of
  /// the files that were made and deleted since their folder was synced, the first few were.
  case keepsSome(seed: UInt64)
}

/// What a disk had of its databases at some moment: what was durable, and what was not yet.
package struct Wreck: Sendable {
  /// One file; a path may have had several, one after another.
  struct File: Sendable {
    var path: String
    /// What the last sync left.
    var durable: [UInt8]
    /// What was done since, the first first.
    var changes: [Change]
    /// Whether it was made since the disk was, or was mounted.
    var isNew: Bool
    /// Whether its folder was synced since it was made.
    var isEntered: Bool
    /// Whether it was deleted, which no sync of its folder has made final.
    var isDeleted: Bool
  }

  /// A write, or where there are no bytes a truncation.
  struct Change: Sendable {
    var offset: Int
    var bytes: [UInt8]?
  }

  /// What a watched file was at the operation before the last one.
  package enum Beside: Equatable, Sendable {
    /// What it is now.
    case unchanged
    /// It was not there.
    case missing
    case bytes([UInt8])
  }

  var files: [File]

  /// What the watched file was at the operation before the last one: what a kill between the two may have left of it.
  package let beside: Beside

  /// How many writes and truncations were not durable.
  package var unsyncedCount: Int { files.reduce(0) { $0 + $1.changes.count } }

  /// Makes the files what a loss of power leaves, each in place where it exists, and removes those that came later.
  func write(
    _ loss: PowerLoss, removingNewOf later: Wreck
  ) throws(FaultyDisk.Failure) {
    for path in Set(later.files.filter(\.isNew).map(\.path)).subtracting(files.map(\.path)) {
      unlink(path)
    }
    var generator = SeededGenerator(seed: loss.seed)
    for path in Set(files.map(\.path)).sorted() {
      try put(
        content(of: files.filter { $0.path == path }, loss, using: &generator), at: path)
      // The index of a log is no file to SQLite, and is made anew by whoever opens the database first.
      let index = path + "-shm"
      if loss != .keepsAll, access(index, F_OK) == 0 {
        let size = Int.random(in: 0...2, using: &generator) * 16_384
        try put((0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }, at: index)
      }
    }
  }

  /// Returns what is found at a path that named these files, one after another; `nil` for none.
  private func content(
    of files: [File], _ loss: PowerLoss, using generator: inout SeededGenerator
  ) -> [UInt8]? {
    // Moments between what happened to the directory: each file may be the one that is found, or none.
    var found: [File?] = []
    if files.first?.isEntered != true { found.append(nil) }
    for file in files {
      found.append(file)
      if file.isDeleted { found.append(nil) }
    }
    let file: File? =
      switch loss {
      case .keepsAll: found[found.count - 1]
      case .keepsNone: found[0]
      case .keepsSome: found[Int.random(in: 0..<found.count, using: &generator)]
      }
    guard let file else { return nil }
    guard loss != .keepsNone else { return file.durable }
    var content = file.durable
    let isTorn = generator.happens(percent: 50)
    for change in file.changes {
      if loss != .keepsAll {
        // A torn write has each of its sectors or not; those at its ends are shared with what lies beside it.
        if let bytes = change.bytes, isTorn, generator.happens(percent: 50) {
          for sector in Self.sectors(of: change.offset..<change.offset + bytes.count)
          where generator.happens(percent: 50) {
            content.put(
              bytes[sector.lowerBound - change.offset..<sector.upperBound - change.offset],
              at: sector.lowerBound)
          }
          continue
        }
        if generator.happens(percent: 50) { continue }
      }
      if let bytes = change.bytes {
        content.put(bytes[...], at: change.offset)
      } else {
        content.resize(to: change.offset)
      }
    }
    return content
  }

  /// Divides a range of bytes where sectors begin.
  private static func sectors(of range: Range<Int>) -> [Range<Int>] {
    let size = 512
    return stride(from: range.lowerBound / size * size, to: range.upperBound, by: size).map {
      max($0, range.lowerBound)..<min($0 + size, range.upperBound)
    }
  }

  /// Makes the file at a path this, without making another file of it: what was deleted is back, where it has a second name.
  private func put(_ content: [UInt8]?, at path: String) throws(FaultyDisk.Failure) {
    guard let content else {
      unlink(path)
      return
    }
    link(path + ".inode", path)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .unwritable(path: path, errno: errno) }
    defer { close(descriptor) }
    guard ftruncate(descriptor, 0) == 0,
      pwrite(descriptor, content, content.count, 0) == content.count
    else { throw .unwritable(path: path, errno: errno) }
  }
}

extension PowerLoss {
  fileprivate var seed: UInt64 {
    if case .keepsSome(let seed) = self { seed } else { 0 }
  }
}

extension [UInt8] {
  fileprivate mutating func resize(to count: Int) {
    if count < self.count {
      removeLast(self.count - count)
    } else {
      append(contentsOf: repeatElement(0, count: count - self.count))
    }
  }

  /// Overwrites, and makes longer where it has to.
  fileprivate mutating func put(_ bytes: ArraySlice<UInt8>, at offset: Int) {
    if offset + bytes.count > count { resize(to: offset + bytes.count) }
    replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }
}
