import GlossTesting

/// What the proxy does to one connection.
enum NetworkFault: Sendable {
  case none
  /// The connection ends once so many bytes have come back.
  case cutReply(after: Int)
  /// The connection ends once so many bytes have gone to the hub.
  case cutRequest(after: Int)
  /// Each piece waits for so many milliseconds.
  case delay(milliseconds: Int)
  /// Pieces of so many bytes, one after the other.
  case throttle(byteCount: Int)
  /// The first request goes to the hub twice, and the first reply to nobody.
  case repeated
  /// The first request gets this status from the proxy, after the hub has had it or without.
  case status(Int, hubHasIt: Bool)
  /// The client is killed once so many bytes have come back.
  case killClient(after: Int)
  /// The hub is killed once so many bytes have gone to it.
  case killHub(after: Int)

  /// The name under which it is counted.
  var name: String {
    switch self {
    case .none: "none"
    case .cutReply: "cut reply"
    case .cutRequest: "cut request"
    case .delay: "delay"
    case .throttle: "throttle"
    case .repeated: "repeat"
    case .status: "5xx"
    case .killClient: "kill client"
    case .killHub: "kill hub"
    }
  }

  static func random(using generator: inout SeededGenerator) -> NetworkFault {
    // Most conversations are of one to three thousand bytes each way: short offsets are the usual ones.
    let offset = Int.random(in: 0..<Int.random(in: 1...3_000, using: &generator), using: &generator)
    switch Int.random(in: 0..<10, using: &generator) {
    case 0, 1: return .cutReply(after: offset)
    case 2, 3: return .cutRequest(after: offset)
    case 4: return .delay(milliseconds: Int.random(in: 1...40, using: &generator))
    case 5: return .throttle(byteCount: Int.random(in: 1...200, using: &generator))
    case 6: return .repeated
    case 7:
      return .status(
        [500, 502, 503, 504].randomElement(using: &generator) ?? 503,
        hubHasIt: generator.happens(percent: 50))
    case 8: return .killClient(after: offset)
    default: return .killHub(after: offset)
    }
  }
}
