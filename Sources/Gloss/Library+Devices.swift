internal import Glibc
public import GlossCore
internal import GlossStore

extension Library {
  /// The names of the machines that have a copy of the library, as far as they have arrived.
  public func deviceNames() throws(LibraryError) -> [ReplicaID: String] {
    try reading { snapshot in
      var names: [ReplicaID: String] = [:]
      for record in try snapshot.records(Query(ReadingField.device)) {
        if case .text(let name)? = record.values[ReadingField.name] {
          names[ReplicaID(record.key.id.value)] = name
        }
      }
      return names
    }
  }

  /// Gives this machine a name, or another one.
  public func nameDevice(_ name: String) throws(LibraryError) {
    let key = RecordKey(ReadingField.device, RecordID(replica.id.value))
    try writing { edits in
      guard let record = try edits.snapshot.record(key) else {
        return try edits.add(key, [ReadingField.name: .text(name)])
      }
      try edits.edit(key, [ReadingField.name: .text(name)], basedOn: record.basis)
    }
  }

  /// Removes the files of a copy that was made a moment ago and did not come to be.
  static func removeFiles(at path: String) {
    for suffix in ["", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
  }
}
