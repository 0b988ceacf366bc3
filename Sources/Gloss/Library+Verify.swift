public import GlossStore
public import GlossSync
public import GlossWire

extension Library {
  /// Reads the whole file and checks that everything in it is as it was written, and fits together.
  public func verify() throws(LibraryError) -> Verification {
    try Self.translating(replica.path) { try replica.verify() }
  }

  /// Compares what the hub holds with what is here, and finds the records that differ. Nothing is written.
  ///
  /// - Parameters:
  ///   - transport: Reaches the hub at ``hubAddress()``.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  public func verify(
    over transport: any HubTransport, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) async throws(LibraryError) -> HubVerification {
    let engine = try engine(over: transport, sleep: sleep)
    do {
      return try await engine.verify()
    } catch {
      throw .sync(error)
    }
  }

  /// Computes everything anew that is computed from the changes, unless one of these is damaged. No change and no text is
  /// touched.
  public func repair() throws(LibraryError) {
    try Self.translating(replica.path) { _ = try replica.repair() }
  }

  /// Fetches again what is damaged or missing, as far as the hub has it, then does what ``repair()`` does.
  ///
  /// - Parameters:
  ///   - found: What ``verify()`` found.
  ///   - transport: Reaches the hub at ``hubAddress()``.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  public func repair(
    _ found: Verification, over transport: any HubTransport,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) async throws(LibraryError) -> RepairReport {
    let engine = try engine(over: transport, sleep: sleep)
    do {
      return try await engine.repair(found)
    } catch {
      throw .sync(error)
    }
  }

  private func engine(
    over transport: any HubTransport, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) throws(LibraryError) -> SyncEngine {
    SyncEngine(
      replica: replica, root: try rootKey(), transport: transport, using: randomness(),
      sleep: sleep)
  }
}
