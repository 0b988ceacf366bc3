public import GlossCore
internal import GlossStore

// A change is named by the device that made it and its number there, as `3f2a.12`: the first digits of the device's identifier, at
// least four. The name is the same on all machines and for all time; a device's own name may stand for its digits: `desk.12`.

extension Library {
  /// Returns what to call whoever made changes: the machines' names, as far as they have arrived, and of changes that were given
  /// another name, because two copies of a file had used one, the name of the machine that made them.
  public func authorNames() throws(LibraryError) -> [ReplicaID: String] {
    var names = try deviceNames()
    for (branch, origin) in try reading({ try $0.originByBranch() }) where names[branch] == nil {
      names[branch] = names[origin]
    }
    return names
  }

  /// Returns how many digits of a device's identifier tell it from every other one that made changes, at least
  /// ``prefixLength``.
  public func devicePrefixLength() throws(LibraryError) -> Int {
    let replicas = try reading { try $0.vector().replicas }
    // In order, so that the ones that have most in common stand next to each other.
    let common = zip(replicas, replicas.dropFirst()).map {
      ($0.value ^ $1.value).leadingZeroBitCount / 4
    }
    return max(Self.prefixLength, min((common.max() ?? 0) + 1, 2 * ReplicaID.byteCount))
  }

  /// Returns the change of this name: `3f2a.12`, or `desk.12` with a machine's name.
  ///
  /// - Throws: ``LibraryError/notAChange(_:)``, ``LibraryError/noSuchChange(_:)``, ``LibraryError/ambiguousChange(_:)``.
  public func change(named name: String) throws(LibraryError) -> Dot {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { throw .notAChange(name) }
    let digits = name[name.utf8.index(after: dot)...]
    let device = String(name[..<dot])
    guard !device.isEmpty, !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { throw .notAChange(name) }
    guard let seq = UInt64(digits) else { throw .noSuchChange(name) }
    let vector = try reading { try $0.vector() }
    let found = try replicas(named: device).map { Dot($0, seq) }.filter(vector.contains)
    guard let first = found.first else { throw .noSuchChange(name) }
    guard found.count == 1 else { throw .ambiguousChange(name) }
    return first
  }

  /// Returns the devices of this name, or whose identifiers begin with these digits, at least ``prefixLength`` of them; in order.
  public func replicas(named name: String) throws(LibraryError) -> [ReplicaID] {
    let names = try authorNames()
    let held = try reading { try $0.vector().replicas }
    let known = Set(held).union(names.keys).sorted()
    let named = known.filter { names[$0]?.hasSameBytes(as: name) ?? false }
    guard named.isEmpty else { return named }
    let digits = name.lowercased()
    guard name.utf8.count >= Self.prefixLength else { return [] }
    return known.filter { $0.description.hasPrefix(digits) }
  }
}
