import GlossCore
import Testing

@testable import GlossSeal

@Suite struct BackupSealTests {
  private let root = RootKey(bytes: [UInt8](repeating: 7, count: 32)).unsafelyUnwrapped
  private let header = BackupHeader(
    library: LibraryID(5), milliseconds: 1_700_000_000_000, wrappedKey: nil,
    salt: [UInt8](repeating: 9, count: 32))

  private func sealed(_ sizes: [Int]) -> [[UInt8]] {
    var seal = BackupSeal(header, root: root)
    return sizes.enumerated().map { index, count in
      seal.seal(
        [UInt8](repeating: UInt8(index), count: count), index == sizes.count - 1 ? .last : .within)
    }
  }

  private func opened(_ chunks: [[UInt8]]) throws -> [[UInt8]] {
    var seal = BackupSeal(header, root: root)
    return try chunks.enumerated().map { index, chunk in
      try seal.open(chunk[...], index == chunks.count - 1 ? .last : .within)
    }
  }

  @Test func `chunks open in their order and in no other`() throws {
    let full = BackupSeal.chunkByteCount
    let chunks = sealed([full, full, 10])
    #expect(try opened(chunks).map(\.count) == [full, full, 10])
    let broken: [([[UInt8]], UInt64)] = [
      ([chunks[1], chunks[0], chunks[2]], 0), ([chunks[0], chunks[2]], 1),
      ([chunks[0], chunks[1]], 1), ([chunks[0], chunks[0], chunks[2]], 1),
      ([chunks[0], chunks[1], chunks[2], chunks[2]], 2), ([chunks[2]], 0),
    ]
    for (chunks, place) in broken {
      #expect(throws: BackupError.altered(chunk: place)) { try opened(chunks) }
    }
  }

  @Test func `every byte counts`() throws {
    let chunk = sealed([40])[0]
    for index in chunk.indices {
      var altered = chunk
      altered[index] ^= 1
      #expect(throws: BackupError.altered(chunk: 0)) { try opened([altered]) }
    }
    #expect(throws: BackupError.altered(chunk: 0)) { try opened([Array(chunk.dropLast())]) }
    #expect(throws: BackupError.altered(chunk: 0)) { try opened([[]]) }
  }

  @Test func `another header, library, time or key is another seal`() throws {
    let seal = BackupSeal(header, root: root)
    let other = try #require(RootKey(bytes: [UInt8](repeating: 8, count: 32)))
    let salt = [UInt8](repeating: 9, count: 32)
    let headers = [
      BackupHeader(
        library: LibraryID(6), milliseconds: 1_700_000_000_000, wrappedKey: nil, salt: salt),
      BackupHeader(
        library: LibraryID(5), milliseconds: 1_700_000_000_001, wrappedKey: nil, salt: salt),
      BackupHeader(
        library: LibraryID(5), milliseconds: 1_700_000_000_000, wrappedKey: [1], salt: salt),
    ]
    for seal in headers.map({ BackupSeal($0, root: root) }) + [BackupSeal(header, root: other)] {
      #expect(throws: BackupError.wrongKey) {
        try seal.check(BackupSeal(header, root: root).commitment)
      }
    }
    try seal.check(seal.commitment)
  }

  @Test func `each backup has a salt, and so a key, of its own`() {
    var generator = SeededGenerator(state: 3)
    let headers = (0..<2).map { _ in
      BackupHeader(library: LibraryID(5), milliseconds: 7, wrappedKey: nil, using: &generator)
    }
    #expect(headers[0].salt.count == 32)
    #expect(headers[0].salt != headers[1].salt)
    let commitments = headers.map { BackupSeal($0, root: root).commitment }
    #expect(commitments[0] != commitments[1])
  }

  @Test func `a header is read back, and what is none is told`() throws {
    for wrapped in [nil, [UInt8](repeating: 3, count: 88)] {
      let header = BackupHeader(
        library: LibraryID(5), milliseconds: 7, wrappedKey: wrapped,
        salt: [UInt8](repeating: 1, count: 32))
      #expect(try BackupHeader(beginningOf: header.bytes + [1, 2, 3]) == header)
      for count in 12..<header.bytes.count {
        #expect(throws: BackupError.truncated) {
          try BackupHeader(beginningOf: Array(header.bytes.prefix(count)))
        }
      }
      var newer = header.bytes
      newer[12] = 2
      #expect(throws: BackupError.newerVersion(2)) { try BackupHeader(beginningOf: newer) }
    }
    #expect(throws: BackupError.notABackup) { try BackupHeader(beginningOf: [1, 2, 3]) }
  }

  @Test func `a recovery code is typed in any case and grouping, and a mistake is noticed`() throws
  {
    let code = RecoveryCode(library: LibraryID(5), root: root)
    let text = code.text
    #expect(text.hasPrefix("glosskey1-ae"))
    #expect(try RecoveryCode(parsing: text) == code)
    #expect(try RecoveryCode(parsing: " " + text.uppercased().replacing("-", with: "\n ")) == code)
    #expect(throws: PairingCodeError.notACode) { try RecoveryCode(parsing: "gloss1-abc") }
    #expect(throws: PairingCodeError.notACode) { try RecoveryCode(parsing: "") }
    #expect(throws: PairingCodeError.cutShort) {
      try RecoveryCode(parsing: String(text.dropLast(8)))
    }
    #expect(throws: PairingCodeError.newerVersion(2)) {
      try RecoveryCode(parsing: text.replacing("key1", with: "key2"))
    }
    for none in ["glosskey-", "glosskey0-", "glosskey256-"] {
      #expect(throws: PairingCodeError.notACode) {
        try RecoveryCode(parsing: text.replacing("glosskey1-", with: none))
      }
    }
    #expect(throws: PairingCodeError.mistyped) { try RecoveryCode(parsing: text + "é") }
    var characters = Array(text)
    for index in 10..<characters.count where characters[index] != "-" {
      let before = characters[index]
      characters[index] = before == "a" ? "b" : "a"
      #expect(throws: PairingCodeError.self) { try RecoveryCode(parsing: String(characters)) }
      characters[index] = before
    }
    #expect("\(code)" == "RecoveryCode(\(LibraryID(5)), key hidden)")
  }
}
