internal import CGlossFaultyDisk

/// A place whose databases fail as they are told to, at an exact operation of SQLite on one of their files.
///
/// The place is a folder, or one database with the files beside it. Whoever opens a database there by its path, in this process,
/// goes through it, and need not know. Nothing else does: databases elsewhere are as fast as ever.
///
/// A test, or a simulator, plans a fault, goes on until ``hasFailed``, closes the databases, takes the ``wreck()`` and mounts what
/// a power loss leaves of it. The same operations, fault and seed leave the same bytes.
package final class FaultyDisk: Sendable {
  /// Why there is no such disk.
  package enum Failure: Error {
    /// The folder does not exist, or SQLite refuses, or too many disks are in use.
    case unusable(path: String)
    /// A database in the place is still open.
    case inUse
    /// A file of the wreck could not be written.
    case unwritable(path: String, errno: Int32)
  }

  /// What happens to an operation.
  package enum Fault: Int32, Sendable, CaseIterable {
    /// There is no space left.
    case full = 1
    /// The device fails. What a failed sync should have made durable is lost with the power, whatever later syncs say.
    case io = 2
    /// The process is killed before the operation: nothing that it does afterwards reaches the disk.
    case kill = 3
  }

  /// What SQLite does to files.
  package struct Operations: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Creating, writing, truncating, deleting and syncing: between any two of these a kill leaves something else.
    package static let changes = Operations(rawValue: 0x1F)
    /// Those that need space.
    package static let growth = Operations(rawValue: 0x03)
    /// Changes, and opening, reading, asking for a size, locking, sharing memory, looking whether a file is there.
    package static let all = Operations(rawValue: 0x7FF)
    /// Syncing.
    package static let syncs = Operations(rawValue: 0x10)
  }

  private let disk: Handle

  /// The C value. It is unchecked because the compiler knows nothing of C: every function that takes one holds a mutex for as long
  /// as it uses it.
  private struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  /// Makes a disk of a folder, or of one database that may not exist yet. What is there is durable.
  package init(_ path: String) throws(Failure) {
    guard gloss_disk_install(), let pointer = gloss_disk_create(path) else {
      throw .unusable(path: path)
    }
    disk = Handle(pointer: pointer)
  }

  deinit { gloss_disk_destroy(disk.pointer) }

  /// Counts operations from 0 on and lets `fault` happen to the `number`th, the next one being 1, and to all later ones where it
  /// is `forGood`.
  package func plan(
    _ fault: Fault, at number: UInt64, of operations: Operations = .changes, forGood: Bool = false
  ) {
    gloss_disk_plan(disk.pointer, fault.rawValue, operations.rawValue, number, forGood)
  }

  /// Counts operations from 0 on, and lets none fail any more. A process that was killed stays so until ``mount(_:_:)``.
  package func count(_ operations: Operations = .changes) {
    gloss_disk_plan(disk.pointer, 0, operations.rawValue, 0, false)
  }

  /// How many operations there were since counting began.
  package var operationCount: UInt64 { gloss_disk_count(disk.pointer) }

  /// Whether the planned fault has happened.
  package var hasFailed: Bool { gloss_disk_has_failed(disk.pointer) }

  /// Makes the disk a liar: syncs are answered and do nothing. Only to show that the loss of power loses something then.
  package func ignoreSyncs() { gloss_disk_ignore_syncs(disk.pointer, true) }

  /// Watches a small file beside the databases that is written without SQLite; see ``Wreck/beside``.
  package func watch(_ path: String) { gloss_disk_watch(disk.pointer, path) }

  /// Returns what the disk has of its databases at this moment, durably and not.
  package func wreck() -> Wreck {
    let count = gloss_disk_file_count(disk.pointer)
    let files = (0..<count).compactMap { number -> Wreck.File? in
      let file = gloss_disk_file_at(disk.pointer, number)
      guard let path = file.path else { return nil }
      let changes = (0..<file.change_count).map { index in
        let change = gloss_disk_change_at(disk.pointer, number, index)
        return Wreck.Change(
          offset: Int(change.offset),
          bytes: change.bytes.map { Array(UnsafeBufferPointer(start: $0, count: change.size)) })
      }
      return Wreck.File(
        path: String(cString: path),
        durable: Array(UnsafeBufferPointer(start: file.durable, count: file.durable_size)),
        changes: changes, isNew: file.is_new, isEntered: file.is_entered, isDeleted: file.is_deleted
      )
    }
    var buffer = [UInt8](repeating: 0, count: 256)
    let size = Int(gloss_disk_watched_before(disk.pointer, &buffer))
    let beside: Wreck.Beside =
      size == -2 ? .unchanged : size == -1 ? .missing : .bytes(Array(buffer[..<size]))
    return Wreck(files: files, beside: beside)
  }

  /// Makes the files what is left of a wreck, in place, and lets everything work again, with no fault planned.
  ///
  /// A wreck may be mounted many times, each time with another loss.
  ///
  /// - Throws: `Failure.inUse` and `.unwritable`.
  package func mount(_ wreck: Wreck, _ loss: PowerLoss) throws(Failure) {
    let since = self.wreck()
    guard gloss_disk_mount(disk.pointer) else { throw .inUse }
    try wreck.write(loss, removingNewOf: since)
  }

  /// Lets everything work again, as after a restart with the power on.
  ///
  /// - Throws: `Failure.inUse`.
  package func remount() throws(Failure) {
    guard gloss_disk_mount(disk.pointer) else { throw .inUse }
  }
}
