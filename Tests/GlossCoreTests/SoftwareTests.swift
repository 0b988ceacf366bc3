import GlossCore
import Testing

@Suite struct SoftwareTests {
  @Test func `the version is one of semver's`() {
    let numbers = Software.version.split(separator: ".", omittingEmptySubsequences: false)
    #expect(numbers.count == 3 && numbers.allSatisfy { UInt($0) != nil })
  }
}
