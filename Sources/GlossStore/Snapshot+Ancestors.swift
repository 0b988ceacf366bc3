public import GlossCore

extension Snapshot {
  /// Returns what the values that a field has at once were made from: the newest writes that every one of those values
  /// descends from, the newest first, of equal values one.
  ///
  /// There is none where the values were written independently of each other, and there may be more than one where a conflict
  /// was settled on two machines at once. A value that is not kept on this machine is ``GlossCore/Value/isLeftOut``. Values that
  /// the undoing of a resolution put back were made from what they were made from at first; there is none where that is not kept.
  ///
  /// - Complexity: Linear in the changes of the record.
  public func ancestors(of field: Name, in key: RecordKey) throws -> [Version] {
    let writes = try writes(to: field, of: key)
    // Equal values are one: what any of them descends from, all do.
    let heads = Dictionary(grouping: try versions(of: field, in: key), by: \.value)
      .values.map { $0.map(\.dot) }
    guard heads.count > 1 else { return [] }
    let greatest = Self.greatestCommonAncestors(of: heads, in: writes.mapValues(\.write))
    var ancestors: [Version] = []
    for dot in greatest {
      guard let known = writes[dot] else { continue }
      ancestors.append(Version(dot: dot, timestamp: known.timestamp, value: known.write.value))
    }
    ancestors.sort { ($0.timestamp, $0.dot) > ($1.timestamp, $1.dot) }
    var seen: Set<Value> = []
    return ancestors.filter { seen.insert($0.value).inserted }
  }

  /// Returns the newest writes that something in each of `heads` descends from; none where that is not known.
  static func greatestCommonAncestors(of heads: [[Dot]], in writes: [Dot: Write]) -> Set<Dot> {
    let putBack = PutBack(writes)
    func parents(of dot: Dot) -> [Dot] {
      putBack[dot].map { [$0] } ?? writes[dot]?.parents ?? []
    }
    func ancestry(of dots: [Dot]) -> Set<Dot> {
      var found: Set<Dot> = []
      var waiting = dots
      while let dot = waiting.popLast() {
        guard writes[dot] != nil, found.insert(dot).inserted else { continue }
        waiting += parents(of: dot)
      }
      return found
    }
    var common = ancestry(of: heads[0])
    for dots in heads.dropFirst() { common.formIntersection(ancestry(of: dots)) }
    // What all come from is not changed by what it was made from.
    guard putBack.uncertain.isSubset(of: common) else { return [] }
    // Every set of ancestors has its own ancestors in it, so what no common one names as parent is greatest.
    var greatest = common
    for dot in common { greatest.subtract(parents(of: dot)) }
    return greatest
  }

  /// Returns what every valid change wrote to a field of a record.
  func writes(
    to field: Name, of key: RecordKey
  ) throws -> [Dot: (timestamp: Timestamp, write: Write)] {
    var writes: [Dot: (timestamp: Timestamp, write: Write)] = [:]
    for entry in try history(of: key) where entry.violation == nil {
      guard let write = entry.change.write(to: field) else { continue }
      writes[entry.change.dot] = (entry.change.timestamp, write)
    }
    return writes
  }
}
