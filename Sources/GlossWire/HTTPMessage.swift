/// A request as HTTP carries it, without the hub's address.
package struct HTTPRequest: Equatable, Sendable {
  package var method: String
  /// Path and query, beginning with a slash; it goes after the hub's base address.
  package var target: String
  /// Names in lowercase.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  /// For how many seconds the other side may be silent before it answers, beside what a transport allows anyway. It is no part of
  /// what is sent.
  package var patienceSeconds = 0

  package init(
    method: String, target: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.method == right.method && left.target == right.target && left.body == right.body
      && left.headers.elementsEqual(right.headers, by: ==)
  }
}

/// A reply as HTTP carries it, its body complete.
package struct HTTPReply: Equatable, Sendable {
  package var status: Int
  /// Names in lowercase.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]

  package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.status == right.status && left.body == right.body
      && left.headers.elementsEqual(right.headers, by: ==)
  }
}
