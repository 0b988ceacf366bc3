internal import Gloss
internal import GlossCore
internal import GlossStore

extension JSONWriter {
  /// Writes an item of a log; nothing for a text that is missing.
  mutating func logItem(_ item: LogItem) {
    switch item {
    case .blob(let id, let content):
      object { json in
        json.member("type", ExportLine.text)
        json.member("sha256", hexadecimal(id.digest))
        if let text = String(validating: content, as: UTF8.self) {
          json.member("text", text)
        } else {
          json.name("base64")
          json.base64(content)
        }
      }
    case .missingBlob: break
    case .thin(let run):
      object { json in
        json.member("type", ExportLine.leftOut)
        json.member("replica", "\(run.origin)")
        json.name("first")
        json.integer(run.seqs.lowerBound)
        json.name("last")
        json.integer(run.seqs.upperBound)
        json.member("tip", hexadecimal(run.tip))
      }
    case .change(let change, _): self.change(change)
    }
  }

  private mutating func change(_ change: Change) {
    object { json in
      json.member("type", ExportLine.change)
      json.member("replica", "\(change.dot.replica)")
      json.name("seq")
      json.integer(change.dot.seq)
      json.name("milliseconds")
      json.integer(change.timestamp.milliseconds)
      if change.timestamp.counter > 0 {
        json.name("counter")
        json.integer(change.timestamp.counter)
      }
      json.member("time", CivilTime.exact(change.timestamp.milliseconds))
      json.member("kind", change.kind.text)
      json.member("record", "\(change.record)")
      json.name("writes")
      json.writes(of: change)
      if !change.covers.isEmpty {
        json.name("covers")
        json.dots(change.covers)
      }
    }
  }

  private mutating func writes(of change: Change) {
    let writes = change.writes
    let isPlain = zip(writes, writes.dropFirst()).allSatisfy { $0.field != $1.field }
    if isPlain {
      object { json in
        for write in writes {
          json.name(write.field.text)
          json.object { $0.members(of: write, in: change) }
        }
      }
    } else {
      // A change that breaks a rule: an object cannot have two members of one name.
      array { json in
        for write in writes {
          json.object { json in
            json.member("field", write.field.text)
            json.members(of: write, in: change)
          }
        }
      }
    }
  }

  private mutating func members(of write: Write, in change: Change) {
    member("type", write.value.typeName)
    value(write.value)
    if change.kind == ReadingKind.highlight.name, write.field == ReadingField.anchor,
      case .bytes(let bytes) = write.value, let anchor = Anchor(encoded: bytes)
    {
      member("quote", anchor.quote)
    }
    guard !write.parents.isEmpty else { return }
    name("parents")
    dots(write.parents)
  }

  private mutating func value(_ value: Value) {
    if value == .leftOut { return }
    if case .real(let real) = value, !real.isFinite {
      return member("bits", "\(String(real.bitPattern, radix: 16))")
    }
    if case .unknown(let tag, _) = value {
      name("tag")
      integer(tag)
    }
    name("value")
    switch value {
    case .null: null()
    case .bool(let value): bool(value)
    case .integer(let value): integer(value)
    case .real(let value): real(value)
    case .text(let value): text(value)
    case .bytes(let value), .unknown(_, let value): base64(value)
    case .record(let value): text("\(value)")
    case .blob(let value): text(hexadecimal(value.digest))
    }
  }

  private mutating func dots(_ dots: [Dot]) {
    array { json in
      for dot in dots { json.text("\(dot.replica):\(dot.seq)") }
    }
  }
}

extension Value {
  /// What an export calls the value's type.
  fileprivate var typeName: String {
    if self == .leftOut { return "left-out" }
    return switch self {
    case .null: "null"
    case .bool: "bool"
    case .integer: "integer"
    case .real: "real"
    case .text: "text"
    case .bytes: "bytes"
    case .record: "record"
    case .blob: "blob"
    case .unknown: "unknown"
    }
  }
}
