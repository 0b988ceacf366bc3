/// Padding to few sizes (Padmé), so that a size tells little of what was sealed.
///
/// Seen as a floating-point number, a size gets a mantissa of no more bits than its exponent has;
/// the rest is rounded up. There are then O(log log n) bits of size to learn, where no padding
/// leaves O(log n). The cost is below 12 % for any size, below 6.3 % from 256 bytes and below 3.2 %
/// from 64 KiB; padding to powers of two costs up to 100 %.
///
/// Source: Nikitin, Barman, Lueks, Underwood, Hubaux, Ford, "Reducing Metadata Leakage from
/// Encrypted Files and Communication with PURBs", Proceedings on Privacy Enhancing Technologies
/// 2019(4), section 4.
enum Padme {
  /// Returns the least size of the scheme that is not below `count`.
  static func paddedCount(_ count: Int) -> Int {
    guard count >= 2 else { return count }
    let exponent = floorLog2(count)
    let significantBits = floorLog2(exponent) + 1
    let mask = 1 << (exponent - significantBits) - 1
    return (count + mask) & ~mask
  }

  private static func floorLog2(_ number: Int) -> Int {
    Int.bitWidth - 1 - number.leadingZeroBitCount
  }
}
