import Foundation
import Gloss
import GlossCore
import GlossSeal
import GlossTesting
import Testing

@testable import GlossFormats
@testable import GlossStore

@Suite struct BackupTests {
  private let folder: Folder
  private let desk: Library

  init() throws {
    folder = try Folder()
    desk = try folder.library("desk")
    for number in 0..<3 { try desk.addSample("Essay \(number)") }
  }

  private func restore(
    _ backup: String, to name: String, root: RootKey?,
    existing: BackupRestorer.Existing = .refuse
  ) throws -> BackupRestorer.Report {
    var restorer = try BackupRestorer(try InputFile(folder.path + "/" + backup))
    return try restorer.restore(
      to: folder.path + "/" + name, root: root, existing: existing, clock: { 1_700_000_000_000 },
      randomness: { SystemRandomNumberGenerator() })
  }

  @Test(arguments: [true, false])
  func `what is restored is the same, and a replica of its own`(isSealed: Bool) throws {
    let path = folder.path + "/backup"
    let report = try BackupMaker(desk, isSealed ? .sealed : .none).write(
      to: path, existing: .refuse)
    #expect(report.verification.changeCount == 10 && report.verification.damages.isEmpty)
    let bytes = try Data(contentsOf: URL(filePath: path))
    #expect(UInt64(bytes.count) == report.byteCount)
    #expect((bytes.range(of: Data("Essay 1".utf8)) == nil) == isSealed)
    let root = try desk.recoveryCode().root
    let restored = try restore("backup", to: "restored", root: isSealed ? root : nil)
    #expect(restored.asidePath == nil)
    let copy = restored.library
    #expect(copy.replica.id != desk.replica.id)
    #expect(try copy.deviceNames()[copy.replica.id] == "desk 2")
    #expect(Set(try copy.allChanges()).isSuperset(of: try desk.allChanges()))
    #expect(try copy.verify().damages.isEmpty)
    #expect(copy.renewal == nil, "it took its identifier once")
    #expect(try copy.recoveryCode() == desk.recoveryCode())
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(
      !left.contains { $0.contains("scratch") || $0.contains("part") })
  }

  @Test func `a backup is not written over, and one that fails leaves no file`() throws {
    let path = folder.path + "/backup"
    try Data("mine".utf8).write(to: URL(filePath: path))
    #expect(throws: ExchangeError.exists(path: path)) {
      try BackupMaker(desk).write(to: path, existing: .refuse)
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
    _ = try BackupMaker(desk).write(to: path, existing: .replace)
    #expect(try Data(contentsOf: URL(filePath: path)).prefix(12) == Data("gloss-backup".utf8))
    let nowhere = folder.path + "/nowhere/backup"
    #expect(throws: ExchangeError.self) {
      try BackupMaker(desk).write(to: nowhere, existing: .refuse)
    }
  }

  @Test func `files beside the library are nobody's scratch, and what a killed run left goes`()
    throws
  {
    let mine = ["desk-backup", "desk-restore", "desk.gloss-scratch", ".desk.gloss-scratch-mine"]
    for name in mine { try Data("mine".utf8).write(to: URL(filePath: folder.path + "/" + name)) }
    let left = folder.path + "/.desk.gloss-scratch-abcdef"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: false)
    try Data("half a copy".utf8).write(to: URL(filePath: left + "/library"))
    _ = try BackupMaker(desk).write(to: folder.path + "/desk-backup.2", existing: .refuse)
    #expect(!FileManager.default.fileExists(atPath: left))
    for name in mine {
      #expect(try Data(contentsOf: URL(filePath: folder.path + "/" + name)) == Data("mine".utf8))
    }
    #expect(
      try Set(FileManager.default.contentsOfDirectory(atPath: folder.path)).subtracting(mine)
        == ["desk", "desk-lock", "desk-shm", "desk-wal", "desk-backup.2"])
  }

  @Test func `no file of the library itself is written over, whatever is asked for`() throws {
    let link = folder.path + "/link"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: folder.path + "/desk")
    for name in ["desk", "desk-wal", "desk-lock", "link", "./desk"] {
      let path = folder.path + "/" + name
      for existing in [AtomicFile.Existing.refuse, .replace] {
        #expect(throws: ExchangeError.isLibrary(path: path)) {
          try BackupMaker(desk).write(to: path, existing: existing)
        }
      }
    }
    #expect(try desk.verify().damages.isEmpty)
    #expect(try folder.open("desk").article(desk.items(.article)[0].key.id) != nil)
  }

  @Test func `a file that came meanwhile is not replaced`() throws {
    let path = folder.path + "/late"
    let file = try AtomicFile(path, existing: .refuse)
    try file.write(Array("ours".utf8))
    try Data("theirs".utf8).write(to: URL(filePath: path))
    #expect(throws: ExchangeError.exists(path: path)) { try file.finish() }
    #expect(try Data(contentsOf: URL(filePath: path)) == Data("theirs".utf8))
  }

  @Test func `a library that is damaged makes no backup`() throws {
    try desk.replica.transact { transaction in
      try transaction.execute("UPDATE _blob SET content = zeroblob(5)")
    }
    let path = folder.path + "/backup"
    do {
      _ = try BackupMaker(desk).write(to: path, existing: .refuse)
      Issue.record("it made one")
    } catch ExchangeError.damaged(let found) {
      #expect(found.damagedBlobs.count == 1)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `others write while a backup is made, and it is of one moment`() throws {
    let path = folder.path + "/backup"
    let other = try folder.open("desk")
    var isFirst = true
    _ = try BackupMaker(desk).write(to: path, existing: .refuse) { _ in
      guard isFirst else { return }
      isFirst = false
      _ = try? other.addSample("meanwhile")
    }
    let restored = try restore("backup", to: "restored", root: try desk.recoveryCode().root)
    #expect(try !restored.library.items(.article).contains { $0.headline == "meanwhile" })
    #expect(try other.items(.article).contains { $0.headline == "meanwhile" })
  }

  @Test func `the library that is there is kept, and stays what it was`() throws {
    let root = try desk.recoveryCode().root
    _ = try BackupMaker(desk).write(to: folder.path + "/backup", existing: .refuse)
    try desk.addSample("later")
    let id = desk.replica.id
    try desk.close()
    #expect(throws: ExchangeError.self) { try restore("backup", to: "desk", root: root) }
    let report = try restore("backup", to: "desk", root: root, existing: .setAside)
    #expect(report.asidePath == folder.path + "/desk.before-restore")
    #expect(try report.library.items(.article).count == 3)
    #expect(report.library.replica.id != id)
    let aside = try folder.open("desk.before-restore")
    #expect(aside.renewal == nil && aside.replica.id == id, "it is no copy: it goes on as itself")
    #expect(try aside.items(.article).count == 4)
    try report.library.close()
    let again = try restore("backup", to: "desk", root: root, existing: .setAside)
    #expect(again.asidePath == folder.path + "/desk.before-restore-2")
  }

  @Test func `what another library left behind is not taken for the restored one's`() throws {
    let root = try desk.recoveryCode().root
    _ = try BackupMaker(desk).write(to: folder.path + "/backup", existing: .refuse)
    let place = folder.path + "/gone"
    for suffix in ["-wal", "-shm", "-lock"] {
      try Data("left over".utf8).write(to: URL(filePath: place + suffix))
    }
    let report = try restore("backup", to: "gone", root: root)
    #expect(try report.library.verify().damages.isEmpty)
    #expect(report.library.replica.id != desk.replica.id)
  }

  @Test func `a wrong key is told from a damaged file`() throws {
    _ = try BackupMaker(desk).write(to: folder.path + "/backup", existing: .refuse)
    let other = try folder.library("other")
    let wrong = try other.recoveryCode().root
    #expect(throws: BackupError.wrongKey) { try restore("backup", to: "x", root: wrong) }
    #expect(throws: BackupError.wrongKey) { try restore("backup", to: "x", root: nil) }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/x"))
  }

  @Test func `a library with a passphrase puts its wrapped key into the header`() throws {
    let passphrase = try #require(Passphrase("open sesame"))
    _ = try desk.setPassphrase(passphrase)
    _ = try BackupMaker(desk).write(to: folder.path + "/backup", existing: .refuse)
    let restorer = try BackupRestorer(try InputFile(folder.path + "/backup"))
    let wrapped = try #require(restorer.header?.wrappedKey)
    let root = try WrappedRootKey(bytes: wrapped).unwrap(
      library: desk.replica.library, passphrase: passphrase)
    let report = try restore("backup", to: "restored", root: root)
    #expect(try report.library.hasPassphrase())
  }
}
