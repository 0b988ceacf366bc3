import GlossSync
import GlossTesting
import GlossWire
import Testing

@Suite struct RetryPolicyTests {
  @Test func `waits are drawn from zero to a bound that doubles`() {
    let policy = RetryPolicy()
    var generator = SeededGenerator(seed: 1)
    for failures in 1..<policy.tries {
      let bound = policy.first * (1 << (failures - 1))
      let waits = (0..<500).map { _ in
        policy.wait(after: .transport(.timedOut), failures: failures, using: &generator)!
      }
      #expect(waits.allSatisfy { $0 >= .zero && $0 <= bound })
      #expect(waits.min()! < bound * 0.1 && waits.max()! > bound * 0.9)
    }
  }

  @Test func `no bound is above the longest wait`() {
    var policy = RetryPolicy()
    policy.tries = 100
    policy.longest = .seconds(2)
    var generator = SeededGenerator(seed: 2)
    for failures in 1..<100 {
      let wait = policy.wait(
        after: .transport(.interrupted("")), failures: failures, using: &generator)
      #expect(wait! <= .seconds(2))
    }
  }

  @Test(arguments: [Problem.Kind.slowDown, .unavailable])
  func `a hub that says how long is waited for at least as long`(type: Problem.Kind) {
    let policy = RetryPolicy()
    var generator = SeededGenerator(seed: 3)
    let problem = Problem(type, status: 503, detail: "", retryAfterSeconds: 7)
    for _ in 0..<100 {
      let wait = policy.wait(after: .refused(problem), failures: 1, using: &generator)!
      #expect(wait >= .seconds(7) && wait <= .seconds(7) + policy.first)
    }
  }

  @Test func `a hub that asks for too long a wait is left to the next sync`() {
    var generator = SeededGenerator(seed: 4)
    let problem = Problem(.slowDown, status: 429, detail: "", retryAfterSeconds: 3_600)
    #expect(
      RetryPolicy().wait(after: .refused(problem), failures: 1, using: &generator) == nil)
  }

  @Test func `the last failure is not waited after`() {
    let policy = RetryPolicy()
    var generator = SeededGenerator(seed: 5)
    #expect(
      policy.wait(after: .transport(.timedOut), failures: policy.tries, using: &generator) == nil)
  }

  @Test(arguments: [
    HubFailure.transport(.unreachable("")), .transport(.insecure("")), .transport(.cancelled),
    .transport(.tooLarge(limit: 1)), .transport(.badAddress("")), .notOurs(""),
  ])
  func `what no repetition helps is not repeated`(failure: HubFailure) {
    var generator = SeededGenerator(seed: 6)
    #expect(RetryPolicy().wait(after: failure, failures: 1, using: &generator) == nil)
  }

  @Test(arguments: Problem.Kind.allCases.filter { $0 != .slowDown && $0 != .unavailable })
  func `a refusal is not repeated`(type: Problem.Kind) {
    var generator = SeededGenerator(seed: 7)
    let failure = HubFailure.refused(Problem(type, status: 400, detail: ""))
    #expect(RetryPolicy().wait(after: failure, failures: 1, using: &generator) == nil)
  }
}
