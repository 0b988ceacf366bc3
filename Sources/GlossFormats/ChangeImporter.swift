public import Gloss
public import GlossCore
internal import GlossCrypto
internal import GlossStore

/// Reads what ``ChangeExporter`` wrote into a library.
///
/// Changes are merged by the rules of a sync, so reading a file again changes nothing, and it does not matter what else the
/// library has. They are taken in as far as the file's checks vouch for them: what is altered or cut never reaches the library,
/// and what was taken in before it is as if it had come from a shorter file.
public struct ChangeImporter {
  /// What was taken in.
  public struct Report: Hashable, Sendable {
    public var newChangeCount = 0
    public var knownChangeCount = 0
    public var newTextCount = 0
    /// The hash of the library's state, where the file says one and the library had nothing before.
    public var state: String?
  }

  /// How many bytes of lines with texts are kept until a check comes. Each text's name vouches for it, so more are taken in before.
  var textByteLimit = 16 << 20
  /// The greatest number of bytes of the other lines between two checks.
  var changeByteLimit = 256 << 20

  private var lines: LineReader
  private var hash = RunningSHA256()
  private var batch = LogBatch()
  private var firstLine = 1
  private var textByteCount = 0
  private var changeByteCount = 0
  private var totalCount: UInt64?
  private var report = Report()
  private var library: Library?
  /// Whether the library had nothing before.
  private var wasEmpty = false

  /// - Parameter source: Returns the next bytes of the file, none at its end.
  public init(source: @escaping () throws -> [UInt8]) {
    lines = LineReader(source: source)
  }

  /// Takes in the whole file, or several one behind another, such as a first one and what was exported since.
  ///
  /// - Parameters:
  ///   - others: Whether files of other libraries are taken in, too.
  ///   - open: Opens or makes the library for a file of this one; called once, before the first change is taken in.
  ///   - progress: Is told of the number of changes.
  /// - Throws: ``ExchangeError``, `StoreError`, or what the closures throw.
  public mutating func run(
    others: OtherLibraries = .refuse, open: (LibraryID) throws -> Library,
    progress: (ExportProgress) -> Void = { _ in }
  ) throws -> Report {
    var count = 0
    while let line = try lines.next() {
      let header = try header(line)
      hash = RunningSHA256()
      hash.update(Array(line.content))
      count += 1
      // Not before a first part of the file is in order.
      func opened(_ reader: inout ChangeImporter) throws -> Library {
        let library = try reader.library ?? open(header)
        if reader.library == nil { reader.wasEmpty = try library.statistics().changeCount == 0 }
        reader.library = library
        guard others == .accept || library.replica.library == header else {
          throw ExchangeError.otherLibrary(header)
        }
        return library
      }
      let state = try body(opened, progress)
      let library = try opened(&self)
      guard wasEmpty, let state else { continue }
      let found = hexadecimal(try library.replica.read { try $0.stateHash() })
      guard found == state else { throw ExchangeError.otherState(expected: state, found: found) }
      report.state = found
      wasEmpty = false
    }
    guard count > 0 else { throw ExchangeError.notAnExport }
    return report
  }

  /// What is done with a file of another library than the one that it is read into.
  public enum OtherLibraries: Sendable {
    case refuse
    case accept
  }

  /// Reads the first line of a file, and returns which library it is of.
  private mutating func header(_ line: LineReader.Line) throws -> LibraryID {
    guard let header = try? JSONParser.parse(line.content),
      header["type"]?.text == ExportLine.header,
      let version = header["version"]?.integer(as: Int.self)
    else {
      throw lines.number == 1
        ? ExchangeError.notAnExport
        : .badLine(lines.number, reason: "another export begins here, or nothing")
    }
    guard version == ExportLine.version else { throw ExchangeError.newerVersion(version) }
    do throws(BadLine) {
      let count = try header.requiredInteger("changes", in: 0...UInt64(Limits.seq))
      // It is shown and nothing else: a file may have any number of headers.
      totalCount = (totalCount ?? 0) &+ count
      firstLine = lines.number + 1
      return try header.requiredID("library", as: LibraryID.self)
    } catch {
      throw ExchangeError.badLine(lines.number, reason: error.reason)
    }
  }

  /// Takes in what is behind a header, up to the end; returns the state that the end tells.
  private mutating func body(
    _ library: (inout ChangeImporter) throws -> Library, _ progress: (ExportProgress) -> Void
  ) throws -> String? {
    while let line = try lines.next() {
      if textByteCount > textByteLimit { try takeTexts(into: try library(&self)) }
      guard line.isEnded, let json = try? JSONParser.parse(line.content) else {
        // The last line of a file that was cut is no JSON, either.
        let number = lines.number
        let isLast = try !line.isEnded || lines.next() == nil
        throw isLast
          ? ExchangeError.cutShort(line: number)
          : .badLine(number, reason: "it is not JSON")
      }
      do throws(BadLine) {
        let type = try json.requiredText("type")
        switch type {
        case ExportLine.text: try add(.init(text: json), line)
        case ExportLine.leftOut: try add(.init(leftOut: json), line)
        case ExportLine.change: try add(.init(change: json), line)
        case ExportLine.check, ExportLine.end: break
        default: throw BadLine("its type is not known")
        }
        guard type == ExportLine.check || type == ExportLine.end else { continue }
        guard hash.digest == (try json.requiredDigest("sha256")) else {
          throw BadLine("")
        }
        if type == ExportLine.check { batch.ends = try Self.ends(try json.required("tips")) }
      } catch {
        throw error.reason.isEmpty
          ? ExchangeError.altered(lines: firstLine...lines.number)
          : .badLine(lines.number, reason: error.reason)
      }
      hash.update(Array(line.content))
      if json["type"]?.text == ExportLine.end {
        guard batch.items.isEmpty else {
          throw ExchangeError.badLine(lines.number, reason: "no check is before it")
        }
        return json["state"]?.text
      }
      if json["type"]?.text == ExportLine.check {
        let target = try library(&self)
        try takeBatch(into: target, progress)
      }
    }
    throw ExchangeError.cutShort(line: lines.number)
  }

  private mutating func add(_ item: LogItem, _ line: LineReader.Line) throws(BadLine) {
    if item.isText {
      textByteCount += line.content.count
    } else {
      changeByteCount += line.content.count
    }
    // A run that lacks values is not cut, so a part may be larger than it has to be, but not without bound.
    guard changeByteCount <= changeByteLimit else {
      throw BadLine("no check is within \(changeByteLimit) bytes of changes, which no export does")
    }
    hash.update(Array(line.content))
    batch.items.append(item)
  }

  /// Takes in the texts so far: changes that follow one another without a check may name any number of them.
  private mutating func takeTexts(into library: Library) throws {
    var texts = LogBatch()
    texts.items = batch.items.filter(\.isText)
    batch.items.removeAll(where: \.isText)
    report.newTextCount += try library.takeIn(texts).newBlobCount
    textByteCount = 0
  }

  private mutating func takeBatch(
    into library: Library, _ progress: (ExportProgress) -> Void
  ) throws {
    do {
      let taken = try library.takeIn(batch)
      report.newChangeCount += taken.newChangeCount
      report.knownChangeCount += taken.knownChangeCount
      report.newTextCount += taken.newBlobCount
    } catch StoreError.bundleGap(let replica, let held, let first) {
      throw ExchangeError.gap(line: firstLine, replica: replica, held: held, first: first)
    } catch StoreError.contradicted(let replica, let agreedSeq) {
      throw ExchangeError.contradicts(line: firstLine, Dot(replica, agreedSeq + 1))
    }
    batch = LogBatch()
    textByteCount = 0
    changeByteCount = 0
    firstLine = lines.number + 1
    progress(
      ExportProgress(
        doneCount: UInt64(report.newChangeCount + report.knownChangeCount), totalCount: totalCount))
  }

  private static func ends(_ tips: JSONValue) throws(BadLine) -> [ReplicaID: LogBatch.End] {
    guard case .object(let members) = tips else { throw BadLine("tips is not an object") }
    var ends: [ReplicaID: LogBatch.End] = [:]
    for (name, value) in members {
      guard let text = String(validating: name, as: UTF8.self), let dot = Dot(line: text),
        let tip = value.text.flatMap(JSONValue.digest)
      else { throw BadLine("tips has something else than tips") }
      ends[dot.replica] = LogBatch.End(seq: dot.seq, tip: tip)
    }
    return ends
  }
}

extension LogItem {
  fileprivate var isText: Bool {
    if case .blob = self { true } else { false }
  }
}
