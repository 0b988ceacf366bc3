public import GlossCore

extension Snapshot {
  /// Returns what the values that a field has at once were made from: the newest writes that every one of those values
  /// descends from, the newest first, of equal values one.
  ///
  /// There is none where the values were written independently of each other, and there may be more than one where a conflict
  /// was settled on two machines at once. A value that is not kept on this machine is ``GlossCore/Value/isLeftOut``.
  ///
  /// - Complexity: Linear in the changes of the record.
  public func ancestors(of field: Name, in key: RecordKey) throws -> [Version] {
    var writes: [Dot: (timestamp: Timestamp, write: Write)] = [:]
    for entry in try history(of: key) where entry.violation == nil {
      guard let write = entry.change.write(to: field) else { continue }
      writes[entry.change.dot] = (entry.change.timestamp, write)
    }
    // Equal values are one: what any of them descends from, all do.
    let heads = Dictionary(grouping: try versions(of: field, in: key), by: \.value)
      .values.map { $0.map(\.dot) }
    guard heads.count > 1 else { return [] }
    func ancestry(of dots: [Dot]) -> Set<Dot> {
      var found: Set<Dot> = []
      var waiting = dots
      while let dot = waiting.popLast() {
        guard let known = writes[dot], found.insert(dot).inserted else { continue }
        waiting += known.write.parents
      }
      return found
    }
    var common = ancestry(of: heads[0])
    for dots in heads.dropFirst() { common.formIntersection(ancestry(of: dots)) }
    // Every set of ancestors has its own ancestors in it, so what no common one names as parent is greatest.
    var greatest = common
    for dot in common { greatest.subtract(writes[dot]?.write.parents ?? []) }
    var versions: [Version] = []
    for dot in greatest {
      guard let known = writes[dot] else { continue }
      versions.append(Version(dot: dot, timestamp: known.timestamp, value: known.write.value))
    }
    versions.sort { ($0.timestamp, $0.dot) > ($1.timestamp, $1.dot) }
    var seen: Set<Value> = []
    return versions.filter { seen.insert($0.value).inserted }
  }
}
