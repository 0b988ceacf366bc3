public import GlossCore
internal import GlossSeal
package import GlossStore

extension Library {
  /// Makes a copy of a library in a new file, whose folder exists: for what was written out of that library. It holds nothing,
  /// not even a name of this machine, and has a key of its own until it joins the library's hub.
  ///
  /// - Parameter clock: The milliseconds since the Unix epoch.
  public static func createCopy(
    of library: LibraryID, at path: String, clock: @escaping @Sendable () -> UInt64,
    randomness: @escaping Randomness
  ) throws(LibraryError) -> Library {
    var generator = AnyGenerator(randomness())
    return try make(
      at: path, library: library, root: .random(using: &generator), deviceName: nil, clock: clock,
      randomness: randomness)
  }

  /// Takes in a part of a log that was written out. Where that has changes that were made as this machine and are not here,
  /// this file is an old copy, and goes on as another machine.
  package func takeIn(_ batch: LogBatch) throws -> LogReport {
    do {
      return try replica.takeIn(batch)
    } catch StoreError.contradicted(let origin, let agreedSeq) {
      let held = try reading { try $0.vector() }[origin]
      guard origin == replica.id, agreedSeq == held else {
        throw StoreError.contradicted(origin, agreedSeq: agreedSeq)
      }
      var generator = AnyGenerator(randomness())
      try replica.renew(as: .random(using: &generator), after: agreedSeq, of: origin)
      try nameRenewedDevice()
      return try replica.takeIn(batch)
    }
  }

  /// Returns a hash over all that is shown and all that is at odds, as hexadecimal digits: equal on every machine that holds
  /// the same.
  public func stateHash() throws(LibraryError) -> String {
    hexadecimal(try reading { try $0.stateHash() })
  }
}
