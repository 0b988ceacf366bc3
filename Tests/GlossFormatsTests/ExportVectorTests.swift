import Foundation
import Gloss
import GlossCore
import GlossCrypto
import Testing

@testable import GlossFormats

/// Protocol/vectors/exports.json, which the Python in Protocol/reference makes.
@Suite struct ExportVectorTests {
  private struct Vectors: Decodable {
    struct Export: Decodable {
      var name: String
      var file: String
      var state: String
      var base: String?
      var since: String?
    }
    struct Hash: Decodable {
      var name: String
      var state: String
      var sha256: String
      var lines: Int
    }
    struct Refused: Decodable {
      var name: String
      var file: String
      var error: String
    }
    var exports: [Export]
    var hashes: [Hash]
    var refused: [Refused]
  }

  private let vectors: Vectors
  private let folder: Folder

  init() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/exports.json")
    vectors = try JSONDecoder().decode(Vectors.self, from: try Data(contentsOf: path))
    folder = try Folder()
  }

  @Test func `what Python wrote is read, and written again with the same bytes`() throws {
    for (number, vector) in vectors.exports.enumerated() {
      let file = Array((vector.base ?? vector.file).utf8)
      let (library, report) = try folder.imported(file, "\(number)")
      #expect(try library.stateHash() == vector.state, "\(vector.name)")
      if vector.base == nil { #expect(report.state == vector.state || report.newChangeCount == 0) }
      let cursor = try vector.since.map { try #require(ExportCursor($0)) }
      let written = try library.export(since: cursor).file
      #expect(written == Array(vector.file.utf8), "\(vector.name)")
    }
  }

  @Test func `what must not be read is refused, for the reason that Python has`() throws {
    for (number, vector) in vectors.refused.enumerated() {
      do {
        _ = try folder.imported(Array(vector.file.utf8), "refused-\(number)")
        Issue.record("\(vector.name) was read")
      } catch let error as ExchangeError {
        #expect(name(of: error) == vector.error, "\(vector.name): \(error)")
      }
    }
  }

  private func libraryID() throws -> LibraryID {
    try #require(LibraryID(hex: "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"))
  }

  private func name(of error: ExchangeError) -> String {
    String("\(error)".prefix { $0.isLetter })
  }

  @Test func `a long one has its checks where Python has them`() throws {
    let vector = try #require(vectors.hashes.first)
    let library = try folder.copy(of: try libraryID(), "many")
    let origins = [
      ReplicaID(hex: "a0" + String(repeating: "01", count: 15)),
      ReplicaID(hex: "0b" + String(repeating: "02", count: 15)),
    ].compactMap(\.self)
    var counts: [UInt64] = [0, 0]
    try library.merge(
      (0..<2_100).map { index in
        let origin = index % 3 == 0 ? 0 : 1
        counts[origin] += 1
        return Change(
          dot: Dot(origins[origin], counts[origin]),
          timestamp: Timestamp(
            milliseconds: UInt64(1_000 + index + index * 7 % 50), counter: UInt16(index % 3)),
          record: RecordID(truncating: sha256(Array("\(index)".utf8))), kind: "note",
          writes: [Write("body", .text("\(index)"))])
      })
    let file = try library.export().file
    #expect(hexadecimal(sha256(file)) == vector.sha256)
    #expect(lines(file).count == vector.lines)
    #expect(vector.lines == 2_100 + 3 + 2)
  }
}
