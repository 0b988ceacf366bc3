import GlossCore
import GlossSeal

/// A generator for tests that must come out the same each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// Two of each thing that a seal depends on.
enum Sample {
  static let root = RootKey(bytes: [UInt8](0..<32))!
  static let otherRoot = RootKey(bytes: [UInt8](1..<33))!
  static let library = LibraryID(0xA0A1_A2A3)
  static let otherLibrary = LibraryID(0xA0A1_A2A4)
  static let header = [UInt8](0..<117)
  static let sealer = Sealer(root: root, library: library)
}

/// Returns `bytes` with one bit turned over.
func flipping(bit: Int, of bytes: [UInt8]) -> [UInt8] {
  var altered = bytes
  altered[bit / 8] ^= 1 << (bit % 8)
  return altered
}
