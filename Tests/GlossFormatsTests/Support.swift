import Foundation
import Gloss
import GlossCore
import GlossTesting
import Testing

@testable import GlossFormats
@testable import GlossStore

/// A folder that goes away with the test.
final class Folder {
  let path: String

  init() throws {
    let memory = URL(filePath: "/dev/shm", directoryHint: .isDirectory)
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    let parent = isThere ? memory : FileManager.default.temporaryDirectory
    path = parent.appending(path: "gloss-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func library(_ name: String, seed: UInt64 = 1) throws -> Library {
    let make = SeededGenerator.sequence(
      after: seed &* 1_000_003 &+ UInt64(name.utf8.reduce(0) { $0 &* 31 &+ Int($1) }))
    return try Library.create(
      at: path + "/" + name, deviceName: name, clock: { 1_700_000_000_000 },
      randomness: { make() })
  }

  func open(_ name: String) throws -> Library {
    try Library.open(
      at: path + "/" + name, clock: { 1_700_000_000_000 },
      randomness: { SystemRandomNumberGenerator() })
  }

  func copy(of library: LibraryID, _ name: String) throws -> Library {
    try Library.createCopy(
      of: library, at: path + "/" + name, clock: { 1_700_000_000_000 },
      randomness: { SystemRandomNumberGenerator() })
  }

  /// A new library with what a file has.
  func imported(_ file: [UInt8], _ name: String) throws -> (Library, ChangeImporter.Report) {
    var library: Library?
    let report = try importFile(file) { id in
      let made = try self.copy(of: id, name)
      library = made
      return made
    }
    return (try #require(library), report)
  }
}

/// Reads a file in pieces of a size that cuts lines anywhere.
@discardableResult
func importFile(
  _ file: [UInt8], pieceByteCount: Int = 4_097,
  others: ChangeImporter.OtherLibraries = .refuse, open: (LibraryID) throws -> Library
) throws -> ChangeImporter.Report {
  var offset = 0
  var importer = ChangeImporter {
    defer { offset = min(file.count, offset + pieceByteCount) }
    return Array(file[offset..<min(file.count, offset + pieceByteCount)])
  }
  return try importer.run(others: others, open: open)
}

extension Library {
  func export(since cursor: ExportCursor? = nil) throws -> (
    file: [UInt8], report: ChangeExporter.Report
  ) {
    var file: [UInt8] = []
    let report = try ChangeExporter(self, since: cursor).write(to: { file += $0 })
    return (file, report)
  }

  /// An article with a text, a highlight and a note.
  @discardableResult
  func addSample(_ title: String, text: String = "Every reader writes in the margin.") throws
    -> RecordID
  {
    var draft = ArticleDraft()
    draft.title = title
    draft.text = text
    draft.tags = ["classics", "to read"]
    let id = try add(draft).id
    _ = try highlight("in the margin", in: id, note: "about \(title)")
    return id
  }

  /// The changes that count for nothing; of several reasons the one that is told depends on the order of arrival.
  func quarantined() throws -> [Dot] {
    try replica.read { try $0.quarantine().map(\.dot) }
  }

  func allChanges() throws -> [Change] {
    var changes: [Change] = []
    try replica.read { snapshot in
      try snapshot.eachLogItem(after: Vector()) { item in
        if case .change(let change, _) = item { changes.append(change) }
      }
    }
    return changes
  }

  /// Takes in others' changes, as a sync would.
  func merge(_ changes: [Change]) throws {
    try replica.transact { transaction in
      for change in changes { try transaction.merge(change) }
    }
  }
}

/// The lines of a file, without their ends.
func lines(_ file: [UInt8]) -> [String] {
  String(decoding: file, as: UTF8.self).split(separator: "\n").map(String.init)
}

func file(_ lines: [String]) -> [UInt8] {
  Array(lines.map { $0 + "\n" }.joined().utf8)
}
