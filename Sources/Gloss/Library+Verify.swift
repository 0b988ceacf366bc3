public import GlossStore

extension Library {
  /// Reads the whole file and checks that everything in it is as it was written, and fits together.
  public func verify() throws(LibraryError) -> Verification {
    try Self.translating(replica.path) { try replica.verify() }
  }

  /// Computes everything anew that is computed from the changes. No change and no text is touched.
  public func repair() throws(LibraryError) {
    try Self.translating(replica.path) { try replica.repair() }
  }
}
