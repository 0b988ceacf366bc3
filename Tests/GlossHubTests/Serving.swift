import Foundation
import GlossCore
import GlossHubServer
import GlossTesting
import GlossWire
import Testing

typealias Connection = PlainConnection

extension PlainConnection {
  func ask(_ action: HubRequest.Action, token: String = HubFixture.token) throws -> HubReply {
    let request = HubRequest(action, credential: token)
    return try HubReply(http: try ask(request.http), to: action)
  }
}

/// Runs `body` on a thread of its own: it blocks.
func onThread<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

/// Runs `body` and returns once it has, on a thread that may block.
func blocking(_ body: @escaping @Sendable () async -> Void) {
  let done = DispatchSemaphore(value: 0)
  Task {
    await body()
    done.signal()
  }
  // Far beyond what it takes, in a slow build on a busy machine too.
  #expect(done.wait(timeout: .now() + 120) == .success)
}

/// Serves `fixture` on a free port while `body` runs.
func serving(
  _ fixture: HubFixture, timeouts: HubServer.Timeouts = HubServer.Timeouts(),
  stopSignal: HubServer.StopSignal = .none,
  _ body: @escaping @Sendable (Int) throws -> Void
) async throws {
  let configuration = HubServer.Configuration(
    host: "127.0.0.1", port: 0, timeouts: timeouts, stopSignal: stopSignal)
  try await serving(fixture, configuration) { try body($0.hub) }
}

/// Serves `fixture` as the configuration says, which names free ports, while `body` runs.
///
/// Where the configuration has no signal to stop, one stops the server in the end: cancelling its task would hang up on who is answered.
func serving(
  _ fixture: HubFixture, _ configuration: HubServer.Configuration,
  _ body: @escaping @Sendable (HubServer.Ports) throws -> Void
) async throws {
  var configuration = configuration
  let (stop, stopping) = AsyncStream.makeStream(of: Never.self)
  if case .none = configuration.stopSignal { configuration.stopSignal = .end(of: stop) }
  let server = HubServer(
    hub: fixture.hub, configuration: configuration, log: HubLog(level: .error, clock: { 0 }))
  let (ports, ready) = AsyncStream.makeStream(of: HubServer.Ports.self)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      defer { ready.finish() }
      try await server.run { ready.yield($0) }
    }
    var first = ports.makeAsyncIterator()
    let port = try #require(await first.next())
    try await onThread { try body(port) }
    stopping.finish()
    try await group.waitForAll()
  }
}
