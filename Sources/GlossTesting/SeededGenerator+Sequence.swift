internal import GlossCore

extension SeededGenerator {
  /// Returns what makes a generator each time that it is called, every one of another seed.
  package static func sequence(after seed: UInt64) -> @Sendable () -> SeededGenerator {
    let last = Locked(seed)
    return {
      SeededGenerator(
        seed: last.withLock { seed in
          seed &+= 1
          return seed
        })
    }
  }
}
