import Testing

@testable import GlossSeal

struct PadmeTests {
  /// The definition in words: the first size from `count` on whose binary digits are zeros behind
  /// the leading one and as many more as the exponent has binary digits.
  private func leastSize(notBelow count: Int) -> Int? {
    (count...).first { size in
      let digits = String(size, radix: 2)
      let kept = String(digits.count - 1, radix: 2).count
      return digits.dropFirst(1 + kept).allSatisfy { $0 == "0" }
    }
  }

  @Test func `small sizes are the least ones of the scheme`() {
    for count in 0...5_000 {
      #expect(Padme.paddedCount(count) == leastSize(notBelow: count), "\(count)")
    }
  }

  @Test func `large sizes grow by the bounded share, never shrink, and are sizes themselves`() {
    var generator = SeededGenerator(state: 7)
    for exponent in 13..<48 {
      for offset in [0, 1, 2, Int.random(in: 0..<1 << exponent, using: &generator)] {
        let count = 1 << exponent + offset
        let padded = Padme.paddedCount(count)
        let bound = exponent < 16 ? 0.0625 : 0.03125
        #expect(padded >= count)
        #expect(Double(padded - count) <= bound * Double(count), "\(count)")
        #expect(Padme.paddedCount(padded) == padded, "\(count)")
        #expect(Padme.paddedCount(count + 1) >= padded, "\(count)")
      }
    }
  }

  @Test func `few sizes are left of many`() {
    // 0 to 3; 4 sizes for each exponent of two binary digits, 8 of three, 16 of four; 5 from 4,096
    // to 5,120.
    let sizeCount = 4 + 2 * 4 + 4 * 8 + 4 * 16 + 5
    #expect(Set((0...5_000).map(Padme.paddedCount)).count == sizeCount)
  }
}
