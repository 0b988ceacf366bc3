/// What the clock of one machine shows, which has nothing to do with the time that it is.
package enum SimulatedClock: Sendable {
  case right
  /// Always wrong by so many milliseconds.
  case skewed(Int64)
  case stopped(UInt64)
  /// Jumps to some place within so many milliseconds each time that it is read.
  case stepping(Int64)

  /// Draws one.
  package init(using generator: inout some RandomNumberGenerator) {
    let year: Int64 = 31_557_600_000
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: self = .right
    case 1: self = .skewed(Int64.random(in: -30 * year...80 * year, using: &generator))
    case 2: self = .skewed(80 * year)
    case 3: self = .skewed(-30 * year)
    case 4: self = .stopped(UInt64.random(in: 0...4_000_000_000_000, using: &generator))
    default: self = .stepping(Int64.random(in: 1_000...30 * year, using: &generator))
    }
  }

  /// Returns what it shows.
  package func reading(at now: UInt64, using generator: inout some RandomNumberGenerator) -> UInt64
  {
    switch self {
    case .right: now
    case .skewed(let milliseconds): UInt64(max(0, Int64(now) + milliseconds))
    case .stopped(let time): time
    case .stepping(let width):
      UInt64(max(0, Int64(now) + Int64.random(in: -width...width, using: &generator)))
    }
  }
}
