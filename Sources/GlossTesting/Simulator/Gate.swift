internal import GlossCore
package import GlossSync
package import GlossWire

/// Where what one replica does with its hub waits at each request, until the simulator lets it go on.
///
/// Between two calls of the simulator's nothing runs, so the seed alone decides what happens in which order.
package final class Gate: HubTransport {
  /// Where what was begun has got to.
  package enum Arrival: Sendable {
    /// It waits for the reply to this request.
    case request(HubRequest)
    case ended(Result<SyncReport, SyncError>)
  }

  private typealias Answer = Result<HubReply, HubFailure>

  private struct State {
    var simulator: CheckedContinuation<Arrival, Never>?
    var replica: CheckedContinuation<Answer, Never>?
  }

  private let state = Locked(State())

  package init() {}

  package func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let answer = await withCheckedContinuation {
      (continuation: CheckedContinuation<Answer, Never>) in
      arrive(.request(request)) { $0.replica = continuation }
    }
    return try answer.get()
  }

  /// Begins something that uses this transport, and returns where it got to.
  package func begin(
    _ body: @escaping @Sendable (Gate) async throws(SyncError) -> SyncReport
  ) async -> Arrival {
    await withCheckedContinuation { simulator in
      state.withLock { $0.simulator = simulator }
      Task {
        do throws(SyncError) {
          let report = try await body(self)
          arrive(.ended(.success(report)))
        } catch {
          arrive(.ended(.failure(error)))
        }
      }
    }
  }

  /// Answers the request that waits, and returns where it got to then.
  package func answer(_ answer: Result<HubReply, HubFailure>) async -> Arrival {
    await withCheckedContinuation { simulator in
      let replica = state.withLock { state in
        state.simulator = simulator
        defer { state.replica = nil }
        return state.replica
      }
      guard let replica else { preconditionFailure("nothing waits for an answer") }
      replica.resume(returning: answer)
    }
  }

  private func arrive(_ arrival: Arrival, _ change: (inout State) -> Void = { _ in }) {
    let simulator = state.withLock { state in
      change(&state)
      defer { state.simulator = nil }
      return state.simulator
    }
    guard let simulator else { preconditionFailure("the simulator waits for whatever runs") }
    simulator.resume(returning: arrival)
  }
}
