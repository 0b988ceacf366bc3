package import GlossCore
internal import GlossCrypto
package import GlossWire

/// A bundle that somebody pushed, read as far as a hub can read it.
package struct PushedBundle: Sendable {
  package let header: BundleHeader
  /// The SHA-256 of the bundle, which goes into the log's running hash.
  package let digest: [UInt8]
  package let bytes: [UInt8]

  /// What tells this bundle from every other of its library.
  package var run: Run {
    Run(origin: header.origin.bytes, first: header.first, last: header.last, tip: header.tip)
  }

  /// A run of one replica's changes, and what it ends in.
  package struct Run: Hashable, Sendable {
    package let origin: [UInt8]
    package let first: UInt64
    package let last: UInt64
    package let tip: [UInt8]
  }

  /// Reads the bundles of one push.
  ///
  /// - Throws: `malformed` where one of them is no bundle of `library`.
  package static func all(
    _ bundles: [[UInt8]], of library: LibraryID
  ) throws(Problem) -> [PushedBundle] {
    var read: [PushedBundle] = []
    for (place, bytes) in bundles.enumerated() {
      let header: BundleHeader
      do {
        header = try BundleHeader(of: bytes)
      } catch {
        throw Problem(
          .malformed, status: 400, detail: "bundle \(place) of the push: \(words(for: error))")
      }
      guard header.library == library else {
        throw Problem(
          .malformed, status: 400, detail: "bundle \(place) of the push is of another library")
      }
      read.append(PushedBundle(header: header, digest: sha256(bytes), bytes: bytes))
    }
    return read
  }

  private static func words(for error: BundleHeader.Malformed) -> String {
    switch error {
    case .tooShort(let byteCount): "\(byteCount) bytes are no bundle"
    case .unknownSuite(let suite): "suite \(suite) is not one that this hub knows"
    case .badRun(let first, let last): "\(first) to \(last) is no run of changes"
    case .badEpoch: "epochs begin at 1"
    }
  }
}
