import GlossCore
import Testing

@Suite struct LockedTests {
  @Test func `a value is changed by one task at a time`() async {
    let sum = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<1_000 { sum.withLock { $0 += 1 } } }
      }
    }
    #expect(sum.withLock(\.self) == 8_000)
  }

  @Test func `what is thrown is passed on, and the value is free again`() {
    struct Refusal: Error {}
    let value = Locked([1])
    #expect(throws: Refusal.self) {
      try value.withLock { value in
        value.append(2)
        throw Refusal()
      }
    }
    #expect(value.withLock(\.self) == [1, 2])
  }
}
