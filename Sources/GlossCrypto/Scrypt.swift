internal import CryptoExtras

/// scrypt (RFC 7914), which makes a key of a passphrase and makes each guess at it dear.
package enum Scrypt {
  /// What a guess costs: `128 * r << costLog2` bytes of memory, and the time to fill and read them.
  package struct Parameters: Hashable, Sendable {
    /// The binary logarithm of RFC 7914's N.
    package var costLog2: UInt8
    /// The block size, RFC 7914's r.
    package var blockSize: UInt8
    /// RFC 7914's p.
    package var parallelism: UInt8

    package init(costLog2: UInt8, blockSize: UInt8, parallelism: UInt8) {
      self.costLog2 = costLog2
      self.blockSize = blockSize
      self.parallelism = parallelism
    }
  }

  /// Returns a key of `count` bytes, or `nil` where there is not enough memory.
  ///
  /// - Precondition: The password and the salt are not empty. The parameters are RFC 7914's, and
  ///   the block size is at most 16: the library that this calls allows no memory for more.
  package static func key(
    password: [UInt8], salt: [UInt8], parameters: Parameters, count: Int
  ) -> [UInt8]? {
    precondition(!password.isEmpty && !salt.isEmpty, "a password and a salt have bytes")
    precondition((1...24).contains(parameters.costLog2), "N is a power of two of at most 2^24")
    precondition((1...16).contains(parameters.blockSize), "r is from 1 to 16")
    precondition((1...16).contains(parameters.parallelism), "p is from 1 to 16")
    return try? KDF.Scrypt.deriveKey(
      from: password, salt: salt, outputByteCount: count, rounds: 1 << Int(parameters.costLog2),
      blockSize: Int(parameters.blockSize), parallelism: Int(parameters.parallelism)
    ).withUnsafeBytes { Array($0) }
  }
}
