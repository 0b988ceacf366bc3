internal import Gloss
internal import GlossCore
internal import GlossStore
internal import GlossSync

// What `gloss verify --hub` says.

extension VerifyCommand {
  /// What only one side has, and whether the rest is the same.
  static func tell(_ found: HubVerification) {
    let unsent = Int(clamping: found.unsentByOrigin.values.reduce(0, +))
    let unreceived = Int(clamping: found.unreceivedByOrigin.values.reduce(0, +))
    let waiting = [
      unsent == 0 ? nil : "\(Shown.count(unsent, "change")) not sent yet",
      unreceived == 0 ? nil : "\(Shown.count(unreceived, "change")) not received yet",
    ].compactMap { $0 }
    if found.isInOrder {
      let rest = waiting.isEmpty ? "" : "; " + waiting.joined(separator: ", ") + " (gloss sync)"
      Output.line("the hub holds the same\(rest)")
    }
    if !found.isSameLog {
      Output.note("note: the hub's log is another one than was read here; gloss sync reads it anew")
    }
    for origin in found.uncompared {
      Output.note(
        "note: device \(origin.shortText) cannot be compared: values that were replaced are not here"
      )
    }
  }

  /// What the hub has differently, and what to do.
  static func failure(_ found: HubVerification) -> Failure {
    let lines = found.differences.flatMap(lines)
    let rest = lines.count - 20
    return Failure(
      .fault, "the hub holds other changes than this library",
      details: Array(lines.prefix(20)) + (rest > 0 ? ["and \(rest) more"] : []),
      hint: "gloss verify without --hub says whether this file is damaged; a copy of a device's "
        + "library that was used elsewhere is healed by gloss sync; else the hub is not honest")
  }

  private static func lines(for difference: HubVerification.Difference) -> [String] {
    let changes = "\(numbers(difference.range)) of \(difference.origin)"
    switch difference.reason {
    case .records(let keys): return keys.map { "\(Text.line($0.kind.text)) \($0.id): \(changes)" }
    case .tip: return ["\(changes): the hub's hash is not that of what it has"]
    case .unreadable: return ["\(changes): what the hub has cannot be opened"]
    case .compacted: return ["\(changes) or before: the hub dropped that part of its log"]
    }
  }

  static func json(_ found: HubVerification) -> JSON {
    func counts(_ counts: [ReplicaID: UInt64]) -> JSON {
      JSON(Int(clamping: counts.values.reduce(0, +)))
    }
    return .object([
      ("same", .bool(found.isInOrder)), ("unsent", counts(found.unsentByOrigin)),
      ("unreceived", counts(found.unreceivedByOrigin)),
      ("sameLog", .bool(found.isSameLog)),
      ("uncompared", .array(found.uncompared.map { .text("\($0)") })),
      (
        "differences",
        .array(
          found.differences.map { difference in
            var records: [RecordKey] = []
            if case .records(let keys) = difference.reason { records = keys }
            return .object([
              ("device", .text("\(difference.origin)")),
              ("first", .integer(Int64(clamping: difference.range.lowerBound))),
              ("last", .integer(Int64(clamping: difference.range.upperBound))),
              (
                "records",
                .array(
                  records.map {
                    .object([("kind", .text($0.kind.text)), ("id", .text("\($0.id)"))])
                  })
              ),
            ])
          })
      ), ("requests", JSON(found.requests)),
    ])
  }
}
