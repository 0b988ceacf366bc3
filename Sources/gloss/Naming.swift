internal import Gloss
internal import GlossCore
internal import GlossStore

/// Names records by the first digits of their identifiers, and machines by their names.
struct Naming {
  private let lengths: [RecordID: Int]
  private let devices: [ReplicaID: String]
  private let deviceLength: Int

  /// Names for the records of `keys`.
  init(_ keys: [RecordKey], in library: Library) throws {
    lengths = Dictionary(zip(keys.map(\.id), try library.prefixLengths(keys.map(\.id)))) {
      first, _ in first
    }
    devices = try library.authorNames()
    deviceLength = try library.devicePrefixLength()
  }

  /// The digits by which a person names the record.
  func short(_ key: RecordKey) -> String {
    key.id.firstDigits(lengths[key.id] ?? 2 * RecordID.byteCount)
  }

  /// The first digits of an identifier that is named beside others.
  func whole(_ id: RecordID) -> String { id.firstDigits(8) }

  /// The longest of the names given out.
  var width: Int { lengths.values.max() ?? Library.prefixLength }

  /// What to call a machine: its name, or the digits of its identifier while its name has not arrived.
  func device(_ replica: ReplicaID) -> String {
    devices[replica].map { Text.line($0, width: 24) } ?? replica.firstDigits(8)
  }

  /// The name of a change, by which a person names it: the first digits of whose it is, and its number.
  func change(_ dot: Dot) -> String { dot.replica.firstDigits(deviceLength) + ".\(dot.seq)" }

  /// The machine's name as it is, for programs; `nil` while it has not arrived.
  func rawDevice(_ replica: ReplicaID) -> String? { devices[replica] }
}

extension Library {
  /// Returns the one record that `name` is the beginning of; the candidates are told with their titles.
  func named(_ name: String) throws -> Item {
    do {
      return try item(hexPrefix: name)
    } catch .ambiguousPrefix(let prefix, let candidates) {
      let naming = try Naming(candidates, in: self)
      let lines = try candidates.map { key in
        let headline = try item(key)?.headline ?? ""
        return Text.padded(naming.short(key), to: naming.width) + "  "
          + Text.padded("\(key.kind)", to: 9)
          + "  " + Text.line(headline, width: 50)
      }
      throw Failure(
        .noMatch, "\(Text.repeated(prefix)) names more than one record", details: lines,
        hint: "give more digits")
    }
  }

  /// Returns the records of these names, in their order, each once.
  func named(_ names: [String]) throws -> [Item] {
    var seen: Set<RecordKey> = []
    return try names.map(named).filter { seen.insert($0.key).inserted }
  }

  /// Returns the article of this name.
  func articleNamed(_ name: String) throws -> Article {
    let item = try named(name)
    guard case .article(let article) = item else {
      throw Failure(
        .noMatch, "\(Text.repeated(name)) is \(item.kind.withArticle), not an article",
        hint: "gloss list shows the articles")
    }
    return article
  }
}
