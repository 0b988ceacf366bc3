import GlossCore
import GlossTesting
import Testing

/// Heads, early arrivals, validity, newer writers: rules 1, 8, 9 and 10.
struct MergeRulesTests {
  private let a = dot(1, 1)
  private let b = dot(2, 1)
  private let c = dot(3, 1)

  @Test func `rule 1: heads are the writes that no write names as parent`() {
    let receiver = Receiver([
      change(a, at: 1), change(b, at: 2, parents: [a]), change(c, at: 3, parents: [a]),
    ])
    #expect(receiver.heads["title"] == [c, b])
  }

  @Test func `rule 1: the greatest time is displayed, then the greatest replica`()
    throws
  {
    let early = change(dot(9, 1), at: 1, "title", .text("early"))
    let low = change(dot(1, 1), at: 2, "title", .text("low"))
    let high = change(dot(1 << 120, 1), at: 2, "title", .text("high"))
    let view = try Receiver([high, early, low]).view()
    #expect(view.values["title"] == .text("high"))
    #expect(Receiver([low, high, early]).heads["title"] == [high.dot, low.dot, early.dot])
  }

  @Test func `rule 1: a field is its own register`() {
    let receiver = Receiver([change(a, at: 1), change(b, at: 2, "body", parents: [a])])
    #expect(receiver.heads == ["title": [a], "body": [b]])
  }

  @Test func `rule 8: a parent that was named before it came is no head when it comes`() {
    var receiver = Receiver([change(b, at: 2, parents: [a])])
    #expect(receiver.state.registers["title"]?.earlyParents.map(\.dot) == [a])
    receiver.receive(change(a, at: 1))
    #expect(receiver.heads["title"] == [b])
    #expect(receiver.state.registers["title"]?.earlyParents == [])
  }

  @Test func `rule 9: a parent is older than its child`() {
    var receiver = Receiver([change(a, at: 5)])
    receiver.receive(change(b, at: 5, parents: [a]))
    #expect(receiver.invalid == [b])
    #expect(receiver.heads["title"] == [a])
  }

  @Test func `rule 9: a late parent that is no older makes its child invalid after the fact`() {
    var receiver = Receiver([change(b, at: 5, parents: [a])])
    #expect(receiver.heads["title"] == [b])
    receiver.receive(change(a, at: 6))
    #expect(receiver.invalid == [b])
    #expect(receiver.heads["title"] == [a])
  }

  /// A store that kept such a parent from the merge, or a merge that looked at the parent's own faults first, left the
  /// child merged on the replicas that received it first and quarantined it on the others.
  @Test func `rule 9: a late parent judges its child although it is invalid itself`() {
    let child = change(a, at: 5, parents: [b])
    let parent = change(b, at: 9, parents: [c])
    let grandparent = change(c, at: 30)
    #expect(Receiver([child, grandparent, parent]).invalid == [a, b])
    #expect(Receiver([parent, child, grandparent]).invalid == [a, b])
    let malformed = change(b, at: 9, "title", .text("\0"))
    #expect(Receiver([child, malformed]).invalid == [a, b])
    #expect(Receiver([malformed, child]).invalid == [a, b])
  }

  @Test func `rule 9: two changes that name each other never erase the value`() {
    let pair = [change(a, at: 5, parents: [b]), change(b, at: 6, parents: [a])]
    #expect(Receiver(pair).heads["title"] == [b])
    #expect(Receiver(pair.reversed()).heads["title"] == [b])
  }

  @Test(arguments: brokenChanges)
  func `rule 9: a change that breaks a rule is left out with its reason`(broken: BrokenChange) {
    #expect(broken.change.violation == broken.violation)
    var receiver = Receiver([change(dot(5, 1), at: 1), broken.change])
    #expect(receiver.invalid == [broken.change.dot])
    receiver.receive(change(dot(5, 2), at: 2, parents: [dot(5, 1)]))
    #expect(receiver.heads == ["title": [dot(5, 2)]], "what follows it is merged")
  }

  @Test func `rule 9: what is just within the limits is valid`() {
    let parents = (1...64).map { dot(7, UInt64($0)) }
    let writes = (0..<256).map { Write(Name("f\($0)"), .null, parents: $0 == 0 ? parents : []) }
    let whole = Change(
      dot: dot(1, Limits.seq), timestamp: .max, record: someRecord,
      kind: Name(String(repeating: "k", count: 200)), writes: writes)
    #expect(whole.violation == nil)
    let text = Value.text(String(repeating: "x", count: Limits.valueByteCount))
    #expect(change(a, at: 1, "title", text).violation == nil)
    let covers = (1...4_096).map { dot(7, UInt64($0)) }
    #expect(change(a, at: 1, Field.deleted, .bool(true), covers: covers).violation == nil)
  }

  @Test
  func `rule 10: kinds, fields and types of newer versions merge like others`()
    throws
  {
    let newer = Value.unknown(tag: 200, bytes: [1, 2])
    let receiver = Receiver([
      change(a, at: 1, "mood", newer), change(b, at: 2, "mood", newer, parents: [a]),
      change(c, at: 3, "title", newer),
    ])
    #expect(receiver.invalid.isEmpty)
    #expect(receiver.heads == ["mood": [b], "title": [c]])
    let view = try receiver.view(of: nil)
    #expect(view.values == ["mood": newer, "title": newer])
    #expect(view.conflicts.isEmpty)
  }
}

struct BrokenChange: CustomStringConvertible, Sendable {
  let description: String
  let change: Change
  let violation: Violation
}

private func broken(
  _ description: String, _ writes: [Write], kind: Name = "note", covers: [Dot] = [],
  seq: UInt64 = 1, _ violation: Violation
) -> BrokenChange {
  let change = Change(
    dot: dot(1, seq), timestamp: Timestamp(rawValue: 9), record: someRecord, kind: kind,
    writes: writes, covers: covers)
  return BrokenChange(description: description, change: change, violation: violation)
}

private let mebibyte = Value.bytes(Array(repeating: 1, count: Limits.valueByteCount))

let brokenChanges = [
  broken("number 0", [Write("title", .null)], seq: 0, .seqOutOfRange(0)),
  broken("number 2^40", [Write("title", .null)], seq: 1 << 40, .seqOutOfRange(1 << 40)),
  broken("a kind without a name", [Write("title", .null)], kind: "", .badName),
  broken("a field without a name", [Write("", .null)], .badName),
  broken("a NUL in a name", [Write("ti\0tle", .null)], .badName),
  broken("a long name", [Write(Name(String(repeating: "é", count: 101)), .null)], .badName),
  broken("no writes", [], .badWrites(count: 0)),
  broken(
    "too many writes", (0...256).map { Write(Name("f\($0)"), .null) }, .badWrites(count: 257)),
  broken(
    "two writes to one field", [Write("title", .null), Write("title", .null)], .badWrites(count: 2)),
  broken(
    "too many parents", [Write("title", .null, parents: (1...65).map { dot(7, $0) })],
    .badParents(field: "title")),
  broken(
    "one parent twice", [Write("title", .null, parents: [dot(7, 1), dot(7, 1)])],
    .badParents(field: "title")),
  broken(
    "itself as parent", [Write("title", .null, parents: [dot(1, 1)])], .badParents(field: "title")),
  broken(
    "an edit that covers", [Write("title", .null)], covers: [dot(7, 1)], .badCovers(count: 1)),
  broken(
    "an undelete that covers", [Write(Field.deleted, .bool(false))], covers: [dot(7, 1)],
    .badCovers(count: 1)),
  broken(
    "a head covered twice", [Write(Field.deleted, .bool(true))], covers: [dot(7, 1), dot(7, 1)],
    .badCovers(count: 2)),
  broken(
    "too many covered", [Write(Field.deleted, .bool(true))],
    covers: (1...4_097).map { dot(7, $0) }, .badCovers(count: 4_097)),
  broken(
    "a large value", [Write("title", .text(String(repeating: "x", count: 262_145)))],
    .tooLarge(field: "title", byteCount: 262_145)),
  broken(
    "large values together", ["a", "b", "c", "d", "e"].map { Write($0, mebibyte) },
    .tooLarge(field: "e", byteCount: 262_144)),
  broken("a NUL in a text", [Write("title", .text("a\0b"))], .malformedValue(field: "title")),
  broken(
    "bytes that are not of their type", [Write("title", .unknown(tag: 4, bytes: [0xFF]))],
    .malformedValue(field: "title")),
]
