import Foundation
import GlossCore
import Testing

@testable import GlossSeal

struct MemoryTests {
  /// In a process of its own, which may have 64 MiB more than it has.
  @Test func `a machine without the memory for scrypt says so`() async {
    await #expect(processExitsWith: .success) {
      let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
      let held = try #require(UInt(pages.prefix { $0 != " " })) * UInt(sysconf(Int32(_SC_PAGESIZE)))
      var limit = rlimit()
      limit.rlim_cur = held + 64 << 20
      limit.rlim_max = limit.rlim_cur
      try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
      #expect(throws: WrappedRootKeyError.notEnoughMemory) {
        try WrappedRootKey(
          Sample.root, library: Sample.library, passphrase: Passphrase("horse")!,
          salt: [UInt8](0..<32))
      }
    }
  }
}
