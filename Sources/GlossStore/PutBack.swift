internal import GlossCore

// Undone resolutions
// ==================
//
// Problem: a conflict's resolution is taken back by writing the values that it had replaced once more, side by side, on top of it
// (`Edits+Undo.swift`). By their parents these come from the resolution, and their author is who took it back. To a person they are
// what they were: the words of several machines, made from what was there before. A merge that took the resolution for the
// ancestor would see one side unchanged, and drop it.
//
// Idea: one machine's writes of different values with one parent, the same one, that has several parents itself and replaced just
// these values, put them back.

/// What the writes to a field put back that undid resolutions.
struct PutBack {
  private var writeByDot: [Dot: Dot] = [:]
  /// Those of which it cannot be known, because a value that may be theirs is not kept on this machine.
  private(set) var uncertain: Set<Dot> = []

  /// - Parameter writes: All that was ever written to the field.
  init(_ writes: [Dot: Write]) {
    var siblings: [Undoing: [Dot]] = [:]
    for (dot, write) in writes where Self.mayPutBack(write, writes) {
      siblings[Undoing(resolution: write.parents[0], replica: dot.replica), default: []].append(dot)
    }
    for (undoing, siblings) in siblings {
      let replaced = (writes[undoing.resolution]?.parents ?? []).map { ($0, writes[$0]?.value) }
      var found: [Dot: Dot] = [:]
      for dot in siblings {
        found[dot] = replaced.first { $0.1 == writes[dot]?.value }?.0
      }
      if Set(found.keys.map { writes[$0]?.value }).count > 1 {
        writeByDot.merge(found) { first, _ in first }
      } else if siblings.count > 1, replaced.contains(where: { $0.1?.isLeftOut ?? true }) {
        uncertain.formUnion(siblings)
      }
    }
  }

  /// What may have been undone, and by whom.
  private struct Undoing: Hashable {
    let resolution: Dot
    let replica: ReplicaID
  }

  /// Whether a write has the resolution of a conflict for its only parent.
  static func mayPutBack(_ write: Write, _ writes: [Dot: Write]) -> Bool {
    write.parents.count == 1 && (writes[write.parents[0]]?.parents.count ?? 0) > 1
  }

  /// Returns the write that a write put back; `nil` where it is none that undid something.
  subscript(dot: Dot) -> Dot? { writeByDot[dot] }

  /// Returns the write that first put a value where others put it back.
  func source(of dot: Dot) -> Dot {
    var source = dot
    while let earlier = writeByDot[source] { source = earlier }
    return source
  }
}
