internal import GlossCore
internal import GlossCrypto
package import GlossWire

/// A hub: a request in, a reply out, over what its store holds.
///
/// It stores and forwards sealed bundles and never learns a key. Whatever it confirms is on disk.
package struct Hub: Sendable {
  /// What the hub holds its clients to.
  package let limits: HubLimits

  private let store: HubStore
  private let software: String
  private let clock: @Sendable () -> Int64
  private let randomness: Randomness
  private let report: @Sendable (any Error) -> Void

  /// Creates a hub.
  ///
  /// - Parameters:
  ///   - software: The program's name and version, which every client may read.
  ///   - clock: Milliseconds since the Unix epoch.
  ///   - generator: Where the names of new logs come from.
  ///   - report: Takes the error behind a reply of `unavailable`, which tells the client nothing about the disk.
  package init(
    store: HubStore, limits: HubLimits, software: String, clock: @escaping @Sendable () -> Int64,
    generator: some RandomNumberGenerator & Sendable,
    report: @escaping @Sendable (any Error) -> Void
  ) {
    self.store = store
    self.limits = limits
    self.software = software
    self.clock = clock
    self.randomness = Randomness(generator)
    self.report = report
  }

  /// Does what is asked and returns the reply.
  ///
  /// - Throws: Why not. After `unavailable` nothing of the request is kept; after `bundleGap` and `bundleFork` the
  ///   bundles in front of the refused one are.
  package func reply(to request: HubRequest) async throws(Problem) -> HubReply {
    let digest = sha256(Array(request.credential.utf8))
    switch request.action {
    case .describe:
      return .description(description)
    case .createLibrary(let library):
      guard !request.credential.isEmpty else { throw .unauthorised }
      let log = await randomness.nextLogName()
      try await store.write(report) { [clock] database in
        try database.createLibrary(library, token: digest, log: log, now: clock())
      }
      return .done
    case .offerEnrolment(let library, let secret):
      let expiry = clock() - limits.enrolmentMilliseconds
      try await store.write(report) { [clock] database in
        try database.offerEnrolment(
          library, secret: secret, token: digest, now: clock(), expiry: expiry)
      }
      return .done
    case .enrol(let library, let token):
      let expiry = clock() - limits.enrolmentMilliseconds
      try await store.write(report) { [clock] database in
        try database.enrol(library, token: token, secret: digest, now: clock(), expiry: expiry)
      }
      return .done
    case .push(let library, let bundles, let cursor):
      return .page(try await push(bundles, to: library, token: digest, after: cursor))
    case .pull(let library, let cursor):
      let limit = limits.pageByteCount
      return .page(
        try await store.read(report) { database in
          try database.page(
            of: try database.library(library, token: digest), after: cursor, byteLimit: limit)
        })
    case .vector(let library):
      return .vector(
        try await store.read(report) { database in
          try database.vector(of: try database.library(library, token: digest))
        })
    }
  }

  /// What the hub says of itself.
  package var description: HubDescription {
    HubDescription(
      software: software, versions: [HTTPBinding.protocolVersion],
      requestByteLimit: UInt64(limits.requestByteCount), pageByteLimit: UInt64(limits.pageByteCount)
    )
  }

  private func push(
    _ bundles: [[UInt8]], to library: LibraryID, token: [UInt8], after cursor: Cursor?
  ) async throws(Problem) -> Page {
    let pushed = Result<[PushedBundle], Problem> { () throws(Problem) in
      try PushedBundle.all(bundles, of: library)
    }
    try await store.write(report) { database in
      let row = try database.library(library, token: token)
      _ = try database.index(of: cursor, in: row)
      return try database.append(try pushed.get(), to: row)
    }
    let known = Set((try? pushed.get().map(\.run)) ?? [])
    let limit = limits.pageByteCount
    return try await store.read(report) { database in
      try database.page(
        of: try database.library(library, token: token), after: cursor, byteLimit: limit,
        leavingOut: known)
    }
  }
}

extension Problem {
  /// No such library, or not its token: nobody learns which.
  static let unauthorised = Problem(
    .unauthorised, status: 401, detail: "this token is not one of this library")
}

/// The generator, for one caller at a time.
private actor Randomness {
  private var generator: any RandomNumberGenerator & Sendable

  init(_ generator: some RandomNumberGenerator & Sendable) {
    self.generator = generator
  }

  /// Returns 16 bytes that name a new log.
  func nextLogName() -> [UInt8] {
    (0..<2).flatMap { _ in
      let number = generator.next()
      return (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
  }
}
