import Foundation
import GlossCore
import GlossCrypto
import Testing

@testable import GlossSeal

/// Protocol/vectors/backups.json, which the Python in Protocol/reference makes.
@Suite struct BackupVectorTests {
  private struct Vectors: Decodable {
    struct Backup: Decodable {
      var name: String
      var root, library, salt, wrapped: String
      var milliseconds: UInt64
      var plaintext, sealed: String?
      var count: Int?
      var sha256: String?
    }
    struct Refused: Decodable {
      var name, root, sealed, error: String
    }
    struct Code: Decodable {
      var library, root, text: String
    }
    var backups: [Backup]
    var refused: [Refused]
    var recoveryCodes: [Code]
  }

  private let vectors: Vectors

  init() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/backups.json")
    vectors = try JSONDecoder().decode(Vectors.self, from: try Data(contentsOf: path))
  }

  private func bytes(_ hex: String) throws -> [UInt8] {
    let digits = Array(hex)
    return try stride(from: 0, to: digits.count, by: 2).map {
      try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16))
    }
  }

  private func chunks(_ bytes: ArraySlice<UInt8>, of count: Int) -> [ArraySlice<UInt8>] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: count).map {
      bytes[$0..<min($0 + count, bytes.endIndex)]
    }
  }

  @Test func `backups come out as Python seals them, and open`() throws {
    for vector in vectors.backups {
      let root = try #require(RootKey(bytes: try bytes(vector.root)))
      let wrapped = try bytes(vector.wrapped)
      let header = BackupHeader(
        library: try #require(LibraryID(hex: vector.library)), milliseconds: vector.milliseconds,
        wrappedKey: wrapped.isEmpty ? nil : wrapped, salt: try bytes(vector.salt))
      let plaintext =
        try vector.plaintext.map { try bytes($0) }
        ?? (0..<(vector.count ?? 0)).map { UInt8($0 % 251) }
      var seal = BackupSeal(header, root: root)
      var file = header.bytes + seal.commitment
      let pieces = chunks(plaintext[...], of: BackupSeal.chunkByteCount)
      for (number, piece) in pieces.enumerated() {
        file += seal.seal(Array(piece), number == pieces.count - 1 ? .last : .within)
      }
      if let sealed = vector.sealed { #expect(hexadecimal(file) == sealed, "\(vector.name)") }
      if let hash = vector.sha256 { #expect(hexadecimal(sha256(file)) == hash, "\(vector.name)") }
      #expect(try open(file, root: root) == plaintext)
    }
  }

  @Test func `what must not be opened is refused`() throws {
    for vector in vectors.refused {
      let root = try #require(RootKey(bytes: try bytes(vector.root)))
      do {
        _ = try open(try bytes(vector.sealed), root: root)
        Issue.record("\(vector.name) was opened")
      } catch let error as BackupError {
        // Which of the two a whole reader tells is tested with it.
        let name = String("\(error)".prefix { $0.isLetter })
        #expect(
          name == vector.error || name == "altered" && vector.error == "truncated", "\(vector.name)"
        )
      }
    }
  }

  private func open(_ file: [UInt8], root: RootKey) throws -> [UInt8] {
    let header = try BackupHeader(beginningOf: file)
    var seal = BackupSeal(header, root: root)
    let rest = file.dropFirst(header.bytes.count)
    guard rest.count >= BackupSeal.commitmentByteCount else { throw BackupError.truncated }
    try seal.check(Array(rest.prefix(BackupSeal.commitmentByteCount)))
    let sealed = chunks(
      rest.dropFirst(BackupSeal.commitmentByteCount), of: BackupSeal.sealedChunkByteCount)
    guard !sealed.isEmpty else { throw BackupError.truncated }
    return try sealed.enumerated().flatMap { number, chunk in
      try seal.open(chunk, number == sealed.count - 1 ? .last : .within)
    }
  }

  @Test func `recovery codes are those of Python`() throws {
    for vector in vectors.recoveryCodes {
      let code = RecoveryCode(
        library: try #require(LibraryID(hex: vector.library)),
        root: try #require(RootKey(bytes: try bytes(vector.root))))
      #expect(code.text == vector.text)
      #expect(try RecoveryCode(parsing: vector.text) == code)
    }
  }
}
