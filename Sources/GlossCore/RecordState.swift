// The merge
// =========
//
// Problem: replicas make changes without asking each other, and receive each other's in any order, more than once, or
// children before parents. All of them must come to the same state, and no value may vanish because a machine's clock or
// luck was better than another's.
//
// Idea: each field is a register that is a multi-value register in the sense of Shapiro et al., "A comprehensive study of
// convergent and commutative replicated data types", 2011, section 3.2.2, with explicit causality in place of version
// vectors: a write names the writes that its author saw and replaced. The state is
//
//     heads(register) = dots of its valid writes - dots that a valid write names as parent
//
// which is a function of the *set* of changes, so order and repetition cannot matter. A change is valid if it breaks no
// rule of its own (`Change.violation`) and every parent of its record that was received, valid or not, is older than it.
//
// Why it is right: both terms only grow while changes arrive, and set difference of the two depends on nothing else. The
// code below keeps the difference up to date instead of computing it anew. What makes that safe is remembered in
// `earlyParents`: a parent that was named before it arrived never becomes a head. One thing cannot be kept up to date: a
// parent that arrives late and turns out to be younger than a child merged before makes that child invalid after the
// fact. Then `merge` says so, and the caller computes the record from all of its changes with `init(of:)`. (Without the
// rule, two changes that name each other would erase a value.)

/// The merged state of one record: the heads of each of its registers.
public struct RecordState: Hashable, Sendable {
  /// The registers that were written or named, by field.
  public private(set) var registers: [Name: Register]

  /// Creates the state of a record without changes.
  public init() {
    registers = [:]
  }

  package init(registers: [Name: Register]) {
    self.registers = registers
  }

  /// What became of a change.
  public enum Outcome: Hashable, Sendable {
    /// The state holds the change.
    case merged
    /// The change breaks a rule. No head is different; where it was awaited as a parent, it no longer is.
    case invalid(Violation)
    /// The change shows that one merged before broke a rule; the state is unchanged and has to be computed from all of
    /// the record's changes.
    case stale
  }

  /// Takes in a change to this record that was not taken in before.
  ///
  /// Every change received has to come here, one that breaks a rule too: its time tells whether the changes that name it
  /// are valid.
  ///
  /// - Parameters:
  ///   - change: A change that was not merged before.
  ///   - timestampOf: The timestamp of a change of this record that was received before, valid or not; `nil` for any
  ///     other. It is asked only for parents that are no heads.
  public mutating func merge<Failure: Error>(
    _ change: Change, timestampOf: (Dot) throws(Failure) -> Timestamp?
  ) throws(Failure) -> Outcome {
    var isAwaited = false
    for register in registers.values where !register.earlyParents.isEmpty {
      guard let awaited = register.earlyParent(change.dot) else { continue }
      guard awaited.child.mayFollow(change.timestamp) else { return .stale }
      isAwaited = true
    }
    var known: Set<Dot> = []
    let violation = try violation(of: change, known: &known, timestampOf: timestampOf)
    if violation == nil {
      let head = Head(change.dot, change.timestamp)
      for write in change.writes {
        registers[write.field, default: Register()]
          .add(head, parents: write.parents) { known.contains($0) }
      }
    }
    if isAwaited {
      for field in registers.keys { registers[field]?.forgetEarlyParent(change.dot) }
    }
    return violation.map { .invalid($0) } ?? .merged
  }

  /// Returns why the change is invalid, and adds to `known` its parents that have arrived and are no heads.
  private func violation<Failure: Error>(
    of change: Change, known: inout Set<Dot>, timestampOf: (Dot) throws(Failure) -> Timestamp?
  ) throws(Failure) -> Violation? {
    if let violation = change.violation { return violation }
    for write in change.writes where !write.parents.isEmpty {
      let register = registers[write.field]
      for parent in write.parents {
        if let head = register?.head(parent) {
          guard change.timestamp.mayFollow(head.timestamp) else { return .parentNotOlder(parent) }
        } else if let timestamp = try timestampOf(parent) {
          guard change.timestamp.mayFollow(timestamp) else { return .parentNotOlder(parent) }
          known.insert(parent)
        }
      }
    }
    return nil
  }
}

extension RecordState {
  /// Computes the state of a record from all of its changes.
  ///
  /// - Parameter changes: Each change of the record once, in any order.
  /// - Returns: The state, and the changes that it leaves out with the rules that they break.
  public static func computed(
    of changes: [Change]
  ) -> (state: RecordState, invalid: [Dot: Violation]) {
    let timestamps = Dictionary(
      changes.map { ($0.dot, $0.timestamp) }, uniquingKeysWith: { first, _ in first })
    var invalid: [Dot: Violation] = [:]
    var writes: [Name: [Head: [Dot]]] = [:]
    for change in changes {
      let young = change.writes.lazy.flatMap(\.parents).first { parent in
        timestamps[parent].map { !change.timestamp.mayFollow($0) } ?? false
      }
      if let violation = change.violation ?? young.map({ .parentNotOlder($0) }) {
        invalid[change.dot] = violation
        continue
      }
      for write in change.writes {
        writes[write.field, default: [:]][Head(change.dot, change.timestamp)] = write.parents
      }
    }
    let registers = writes.mapValues { parentsByHead in
      let links = parentsByHead.flatMap { head, parents in parents.map { ($0, head.timestamp) } }
      let oldestChildren = Dictionary(links, uniquingKeysWith: min)
      let early = oldestChildren.filter { timestamps[$0.key] == nil }
      return Register(
        heads: parentsByHead.keys.filter { oldestChildren[$0.dot] == nil },
        earlyParents: early.map { Register.EarlyParent($0.key, child: $0.value) })
    }
    return (RecordState(registers: registers), invalid)
  }
}
