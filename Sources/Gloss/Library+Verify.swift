public import GlossStore
public import GlossSync
public import GlossWire

extension Library {
  /// Reads the whole file and checks that everything in it is as it was written, and fits together.
  ///
  /// - Parameter progress: Is told how far it is.
  public func verify(progress: WorkProgress? = nil) throws(LibraryError) -> Verification {
    try Self.translating(replica.path) { try replica.verify(progress: progress) }
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
  ///
  /// - Parameter progress: Is told how far it is, first with checking, then with computing.
  public func repair(progress: WorkProgress? = nil) throws(LibraryError) {
    try Self.translating(replica.path) { _ = try replica.repair(progress: progress) }
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

  /// Returns what a sync would do, as far as that can be known without doing it. Nothing is written.
  ///
  /// - Parameters:
  ///   - transport: Reaches the hub at ``hubAddress()``.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  public func syncPreview(
    over transport: any HubTransport, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) async throws(LibraryError) -> SyncPreview {
    let engine = try engine(over: transport, sleep: sleep)
    do {
      return try await engine.preview()
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
