package import GlossCore

/// Tells whoever waits for news of a library that bundles were appended to it.
///
/// A store announces what it has appended once that is durable and readable, and what other processes appended to the same
/// store, if there can be any. Who waits subscribes *before* it reads what there is: an append in between is then
/// announced to it, and one before is read. A waiter costs no thread, and an announcement nothing where nobody waits.
package actor Appends {
  /// What a waiter gets: an element after appends, whichever number of them, and the end once it has waited for long enough.
  package struct Subscription: Sendable {
    package let news: AsyncStream<Void>
    fileprivate let id: UInt64
    fileprivate let library: LibraryID
    fileprivate let continuation: AsyncStream<Void>.Continuation

    /// Ends ``news``, after what was announced already.
    package func end() { continuation.finish() }
  }

  private var waiters: [LibraryID: [UInt64: AsyncStream<Void>.Continuation]] = [:]
  private var lastID: UInt64 = 0

  package init() {}

  /// The number of waiters.
  package var count: Int { waiters.values.reduce(0) { $0 + $1.count } }

  /// Wakes those who wait for news of these libraries.
  package func announce(_ libraries: some Sequence<LibraryID>) {
    for library in libraries {
      for waiter in (waiters[library] ?? [:]).values { waiter.yield() }
    }
  }

  /// Wakes everybody: the store cannot say what others appended.
  package func announceAll() {
    announce(Array(waiters.keys))
  }

  /// Returns news of the library from now on. Whoever takes it gives it back with ``unsubscribe(_:)``.
  func subscribe(to library: LibraryID) -> Subscription {
    lastID += 1
    let (news, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    waiters[library, default: [:]][lastID] = continuation
    return Subscription(news: news, id: lastID, library: library, continuation: continuation)
  }

  /// Ends a subscription.
  func unsubscribe(_ subscription: Subscription) {
    waiters[subscription.library]?[subscription.id] = nil
    if waiters[subscription.library]?.isEmpty == true { waiters[subscription.library] = nil }
  }
}
