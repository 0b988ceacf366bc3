import Foundation
import Glibc
import GlossCommandTesting
import Testing

/// A disk of 2 MiB that goes away with the test.
private final class SmallDisk {
  let folder: String

  /// Mounts the disk, or returns `nil` where this process may not.
  init?() {
    folder = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())").path
    mkdir(folder, 0o700)
    guard mount("tmpfs", folder, "tmpfs", 0, "size=2m") == 0 else {
      rmdir(folder)
      return nil
    }
  }

  deinit {
    umount(folder)
    rmdir(folder)
  }

  static let isPossible = SmallDisk() != nil
}

@Suite(.enabled(if: SmallDisk.isPossible, "mounting a small disk takes root"))
struct FullDiskTests {
  @Test func `a full disk refuses the text, keeps the library, and takes what fits`() throws {
    let machine = try Machine()
    let disk = try #require(SmallDisk())
    let library = ["GLOSS_LIBRARY": disk.folder + "/library.gloss"]
    #expect(try machine.gloss("init", environment: library).status == 0)
    #expect(
      try machine.gloss("add", "https://a.example/", "--title", "Before", environment: library)
        .status == 0)
    let before = try machine.gloss("list", "--json", environment: library).output

    let long = try machine.file("long.txt", String(repeating: "no room for this. ", count: 200_000))
    let refused = try machine.gloss("add", long, environment: library)
    #expect(refused.status == 74, "\(refused)")
    #expect(refused.output.isEmpty)
    #expect(refused.messages.contains("no space left"))
    #expect(refused.messages.contains("\nhint: make room and try again"))
    #expect(try machine.gloss("list", "--json", environment: library).output == before)

    let fits = try machine.gloss(
      "add", "https://b.example/", "--title", "After", environment: library)
    #expect(fits.status == 0, "\(fits)")
  }
}
