internal import CSQLite
public import GlossCore

/// Why a replica's file could not be read or written. Nothing of the failed transaction is kept.
public enum StoreError: Error, Equatable, Sendable {
  /// There is no file at this path.
  case notFound(path: String)
  /// There is a file at this path already.
  case alreadyExists(path: String)
  /// The file is no library: another program's, or not a database.
  case notALibrary(path: String)
  /// The file was written by a newer version.
  case newerFormat(path: String, found: Int, supported: Int)
  /// Another process held the file for longer than this one waits.
  case busy(path: String)
  /// The file or its folder may not be written to.
  case readOnly(path: String)
  /// There is no space left where the file is.
  case full(path: String)
  /// The file is damaged.
  case corrupt(path: String, detail: String)
  /// The operating system refused to read or write.
  case io(path: String, detail: String)
  /// The record is not in the library.
  case noSuchRecord(RecordKey)
  /// The change is not held.
  case noSuchChange(Dot)
  /// The edit breaks a rule that all replicas hold to.
  case invalid(Violation)
  /// A query has more conditions than ``Condition/countLimit``, or more of them within each other than SQLite reads: some 30, or 6
  /// that are about other records.
  case conditionTooLarge
  /// The bundle starts after the end of what is held of its replica.
  case bundleGap(replica: ReplicaID, held: UInt64, first: UInt64)
  /// The bundle holds changes of a replica that contradict what is here after this number: two files were used as that replica,
  /// one of them a copy or put back from a backup, maybe this one.
  case contradicted(ReplicaID, agreedSeq: UInt64)
  /// The bundles would delete these records, half of the library with what was deleted since the last complete sync.
  case massDelete([RecordKey], of: Int)
}

extension StoreError {
  /// Creates an error from what SQLite returned.
  init(code: Int32, path: String, detail: @autoclosure () -> String) {
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED: self = .busy(path: path)
    case SQLITE_FULL: self = .full(path: path)
    case SQLITE_READONLY, SQLITE_PERM: self = .readOnly(path: path)
    case SQLITE_NOTADB: self = .notALibrary(path: path)
    // Our statements are right, so what they name is not there: the schema is damaged.
    case SQLITE_CORRUPT, SQLITE_ERROR: self = .corrupt(path: path, detail: detail())
    default: self = .io(path: path, detail: detail())
    }
  }

  /// Creates an error from whatever an operation on the file at `path` threw.
  package init(_ error: any Error, path: String) {
    if let error = error as? StoreError {
      self = error
    } else {
      self = .io(path: path, detail: String(describing: error))
    }
  }
}
