internal import NIOConcurrencyHelpers

/// What the server counts since its start, in the text format of Prometheus.
///
/// Figures are labelled with actions, statuses and reasons of our own, never with what a client sent.
package struct Metrics: Sendable {
  private let state = NIOLockedValueBox(State())

  package init() {}

  /// A commit of the store had this many writes.
  package func countCommit(of writeCount: Int) {
    state.withLockedValue { $0.commits.add(Double(writeCount)) }
  }

  /// A request was answered.
  ///
  /// - Parameters:
  ///   - received: Bytes of the request's body.
  ///   - sent: Bytes of the reply's body.
  func count(action: String, status: Int, seconds: Double, received: Int, sent: Int) {
    state.withLockedValue {
      $0.requests[[action, "\(status)"], default: 0] += 1
      $0.durations[action, default: Histogram(bounds: Self.durationBounds)].add(seconds)
      $0.received += received
      $0.sent += sent
    }
  }

  /// A connection was closed on a client, for one of a few reasons.
  func countClosing(_ reason: ClosingReason) {
    state.withLockedValue { $0.closings[reason.rawValue, default: 0] += 1 }
  }

  func connectionOpened() { state.withLockedValue { $0.connections += 1 } }

  func connectionClosed() { state.withLockedValue { $0.connections -= 1 } }

  func requestBegan() { state.withLockedValue { $0.underWay += 1 } }

  func requestEnded() { state.withLockedValue { $0.underWay -= 1 } }

  func waitBegan() { state.withLockedValue { $0.waiting += 1 } }

  func waitEnded() { state.withLockedValue { $0.waiting -= 1 } }

  /// Everything, as Prometheus reads it.
  func text() -> String {
    let state = state.withLockedValue { $0 }
    let families = [
      Family(
        "requests_total", .counter, "Requests, by action and status.",
        state.requests.map { Sample(["action": $0[0], "status": $0[1]], Double($1)) }),
      Family(
        "request_seconds", .histogram, "Time from a request's head to its reply.",
        state.durations.sorted { $0.key < $1.key }.flatMap { $1.samples(["action": $0]) }),
      Family(
        "received_bytes_total", .counter, "Bytes of the bodies of requests.", state.received),
      Family("sent_bytes_total", .counter, "Bytes of the bodies of replies.", state.sent),
      Family(
        "closed_total", .counter, "Connections closed on clients that held them up.",
        state.closings.map { Sample(["reason": $0], Double($1)) }),
      Family("connections", .gauge, "Open connections.", state.connections),
      Family("requests_under_way", .gauge, "Requests not answered yet.", state.underWay),
      Family("waiting_pulls", .gauge, "Pulls that wait for news.", state.waiting),
      Family(
        "commit_writes", .histogram, "Writes that became durable in one commit.",
        state.commits.samples([:])),
    ]
    return families.map(\.text).joined()
  }

  /// Why the server closed a connection of its own accord.
  enum ClosingReason: String {
    case slowHead = "slow-head"
    case slowBody = "slow-body"
    case slowReader = "slow-reader"
  }

  private struct State {
    /// By action and status.
    var requests: [[String]: Int] = [:]
    var durations: [String: Histogram] = [:]
    var closings: [String: Int] = [:]
    var received = 0
    var sent = 0
    var connections = 0
    var underWay = 0
    var waiting = 0
    var commits = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256])
  }

  private static let durationBounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]
}

extension Metrics {
  /// A figure with its labels; `suffix` tells the parts of a histogram apart.
  struct Sample: Sendable {
    let labels: [String: String]
    let value: Double
    let suffix: String

    init(_ labels: [String: String], _ value: Double, suffix: String = "") {
      self.labels = labels
      self.value = value
      self.suffix = suffix
    }
  }

  /// Figures of one name.
  struct Family: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    let name: String
    let kind: Kind
    let help: String
    let samples: [Sample]

    init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
      self.name = "gloss_hub_" + name
      self.kind = kind
      self.help = help
      self.samples = samples
    }

    init(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
      self.init(name, kind, help, [Sample([:], Double(value))])
    }

    /// The lines, those of a histogram in the order of their bounds, everything else in the order of its labels.
    fileprivate var text: String {
      let lines = samples.map { sample in
        let labels = sample.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        return "\(name)\(sample.suffix)\(braces) \(Self.number(sample.value))\n"
      }
      let body = kind == .histogram ? lines : lines.sorted()
      return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + body.joined()
    }

    fileprivate static func number(_ value: Double) -> String {
      Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
  }

  /// How many values came, and how many of them were at or below each bound.
  struct Histogram: Sendable {
    private let bounds: [Double]
    private var counts: [Int]
    private var count = 0
    private var sum = 0.0

    init(bounds: [Double]) {
      self.bounds = bounds
      counts = bounds.map { _ in 0 }
    }

    mutating func add(_ value: Double) {
      count += 1
      sum += value
      if let place = bounds.firstIndex(where: { value <= $0 }) { counts[place] += 1 }
    }

    func samples(_ labels: [String: String]) -> [Sample] {
      var total = 0
      var samples: [Sample] = []
      for (bound, count) in zip(bounds, counts) {
        total += count
        samples.append(Self.bucket(labels, Family.number(bound), total))
      }
      samples.append(Self.bucket(labels, "+Inf", count))
      samples.append(Sample(labels, sum, suffix: "_sum"))
      samples.append(Sample(labels, Double(count), suffix: "_count"))
      return samples
    }

    private static func bucket(_ labels: [String: String], _ bound: String, _ count: Int) -> Sample
    {
      Sample(labels.merging(["le": bound]) { $1 }, Double(count), suffix: "_bucket")
    }
  }
}
