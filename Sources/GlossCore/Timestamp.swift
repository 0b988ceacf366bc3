/// The hybrid logical time of a change: 48 bits of milliseconds since the Unix epoch and 16 bits of counter.
///
/// A timestamp only decides which of several *concurrent* values is displayed. Identity is the ``Dot`` and causality the
/// parents, so timestamps have to grow along parent edges and nowhere else, and there is no clock state to keep, to
/// corrupt or to poison: a machine whose clock is years ahead taints the registers that it wrote and nothing more, and it
/// is cured the moment its clock is. See Kulkarni et al., "Logical Physical Clocks", 2014, for the hybrid.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds in the upper 48 bits, the counter in the lower 16.
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Creates a timestamp from its two parts; milliseconds past 48 bits become the greatest that fit.
  public init(milliseconds: UInt64, counter: UInt16 = 0) {
    rawValue = min(milliseconds, Self.greatestMilliseconds) << 16 | UInt64(counter)
  }

  /// The greatest timestamp: the year 10889. It is its own successor.
  public static let max = Timestamp(rawValue: .max)

  /// The physical part: milliseconds since the Unix epoch, 48 bits.
  public var milliseconds: UInt64 { rawValue >> 16 }

  /// The logical part, 16 bits.
  public var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.rawValue < right.rawValue
  }

  private static let greatestMilliseconds: UInt64 = 1 << 48 - 1
}

extension Timestamp {
  /// Returns the timestamp of a new change: physical time, or just above what the change replaces.
  ///
  /// The result is greater than `floor` even where `now` lies far behind it, so an edit always wins over the value that
  /// its author saw. A full counter carries into the milliseconds. Above ``max`` there is nothing: the result stays there.
  ///
  /// - Parameters:
  ///   - now: Physical time in milliseconds since the Unix epoch. It may go backwards between calls.
  ///   - floor: The greatest head of the registers about to be written, or `nil` for new ones.
  public static func next(at now: UInt64, above floor: Timestamp?) -> Timestamp {
    let physical = Timestamp(milliseconds: now)
    guard let floor, floor >= physical else { return physical }
    return floor == .max ? .max : Timestamp(rawValue: floor.rawValue + 1)
  }

  /// Whether a change at this time may name a parent at `parent`.
  ///
  /// A parent is older than its child; at ``max``, where time has run out, it may be as old, so that not even a register
  /// that a broken clock drove there refuses an edit.
  public func mayFollow(_ parent: Timestamp) -> Bool {
    parent < self || (parent == .max && self == .max)
  }
}

extension Timestamp: CustomStringConvertible {
  /// The milliseconds, and the counter where it is not zero: `1700000000000` or `1700000000000+2`.
  public var description: String { counter == 0 ? "\(milliseconds)" : "\(milliseconds)+\(counter)" }
}
