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

  /// Gives a machine whose file turned out to be a copy a name of its own: that of the one that it was, and a number.
  func nameRenewedDevice() throws(LibraryError) {
    guard let renewal else { return }
    let names = try deviceNames()
    guard names[renewal.id] == nil else { return }
    let former = names[renewal.former] ?? "copy"
    let words = former.split(separator: " ")
    let stem =
      words.count > 1 && words.last.flatMap { UInt($0) } != nil
      ? words.dropLast().joined(separator: " ") : former
    let taken = Set(names.values)
    let number = (2...).first { !taken.contains("\(stem) \($0)") } ?? 2
    try nameDevice("\(stem) \(number)")
  }

  /// Removes the files of a copy that was made a moment ago and did not come to be.
  static func removeFiles(at path: String) {
    for suffix in ["", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
  }
}
