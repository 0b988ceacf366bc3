package import GlossWire

/// A transport that loses, repeats, cuts, garbles and delays what another one carries, as its seed says.
package actor FaultyTransport: HubTransport {
  /// What goes wrong with one request.
  package enum Fault: CaseIterable, Sendable {
    /// The hub does not see the request.
    case requestLost
    /// The hub acts, and nobody hears of it.
    case replyLost
    /// The hub sees the request twice; the second reply comes back.
    case repeated
    /// There is no connection; trying again at once does not help.
    case unreachable
    /// The hub asks for patience.
    case slowDown
    /// The hub acts, and something in front of it says that it could not.
    case unavailable
    /// Something that is no hub answers.
    case portal
    /// The reply's body ends early.
    case cut
    /// One byte of the page's message is another.
    case garbled
    /// One bundle of the page is cut.
    case bundleCut
    /// One byte of a bundle of the page is another.
    case bundleGarbled
    /// An earlier page comes back instead of this one; the hub has acted.
    case older
    /// One bundle of the page is left out, and its end is where it was.
    case withheld
    /// The bundles of the page come in another order.
    case reordered
    /// The page says that there is more, or that there is not.
    case misjudged
  }

  private let base: any HubTransport
  private var generator: SeededGenerator
  private var faults: [Fault]
  private var percent: Int
  private var pages: [Page] = []

  /// How often each fault has struck.
  package private(set) var countByFault: [Fault: Int] = [:]

  /// Creates a transport.
  ///
  /// - Parameters:
  ///   - percent: How many requests of a hundred something goes wrong with.
  ///   - faults: What that may be.
  package init(
    _ base: any HubTransport, seed: UInt64, percent: Int, faults: [Fault] = Fault.allCases
  ) {
    self.base = base
    self.generator = SeededGenerator(seed: seed)
    self.percent = percent
    self.faults = faults
  }

  /// Lets nothing go wrong from now on.
  package func heal() {
    percent = 0
  }

  /// Lets `fault` strike each request from now on.
  package func strike(with fault: Fault) {
    percent = 100
    faults = [fault]
  }

  package func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    guard generator.happens(percent: percent), let fault = faults.randomElement(using: &generator)
    else { return try await forward(request) }
    countByFault[fault, default: 0] += 1
    switch fault {
    case .requestLost:
      throw Bool.random(using: &generator)
        ? .transport(.timedOut) : .transport(.interrupted("the request was lost"))
    case .unreachable: throw .transport(.unreachable("no route"))
    case .portal: throw .notOurs("a redirection to a login page")
    case .slowDown:
      throw .refused(
        Problem(.slowDown, status: 429, detail: "too many requests", retryAfterSeconds: 1))
    case .replyLost:
      _ = try await forward(request)
      throw Bool.random(using: &generator)
        ? .transport(.timedOut) : .transport(.interrupted("the reply was lost"))
    case .unavailable:
      _ = try await forward(request)
      throw .refused(Problem(.unavailable, status: 503, detail: "a proxy gave up"))
    case .repeated:
      _ = try await forward(request)
      return try await forward(request)
    case .cut:
      return try damaged(try await forward(request), by: fault, to: request.action)
    case .garbled, .bundleCut, .bundleGarbled, .older, .withheld, .reordered, .misjudged:
      let older = pages
      guard case .page(let page) = try await forward(request) else {
        throw .transport(.interrupted("the reply was lost"))
      }
      if fault == .garbled { return try damaged(.page(page), by: fault, to: request.action) }
      return .page(altered(page, by: fault, older: older))
    }
  }

  private func forward(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply = try await base.send(request)
    if case .page(let page) = reply { pages.append(page) }
    return reply
  }

  /// Returns what is read of a reply whose body was damaged on its way.
  private func damaged(
    _ reply: HubReply, by fault: Fault, to action: HubRequest.Action
  ) throws(HubFailure) -> HubReply {
    var http = reply.http()
    if http.body.isEmpty { return reply }
    let place = Int.random(in: 0..<http.body.count, using: &generator)
    if fault == .cut {
      http.body.removeSubrange(place...)
    } else {
      http.body[place] ^= UInt8.random(in: 1...255, using: &generator)
    }
    return try HubReply(http: http, to: action)
  }

  private func altered(_ page: Page, by fault: Fault, older: [Page]) -> Page {
    var page = page
    if fault == .older { return older.randomElement(using: &generator) ?? page }
    if fault == .misjudged { page.hasMore.toggle() }
    if fault == .reordered { page.bundles.shuffle(using: &generator) }
    guard let victim = page.bundles.indices.randomElement(using: &generator),
      let place = page.bundles[victim].indices.randomElement(using: &generator)
    else { return page }
    switch fault {
    case .bundleCut: page.bundles[victim].removeSubrange(place...)
    case .bundleGarbled:
      page.bundles[victim][place] ^= UInt8.random(in: 1...255, using: &generator)
    case .withheld: page.bundles.remove(at: victim)
    default: break
    }
    return page
  }
}
