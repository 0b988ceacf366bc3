public import GlossCore
public import GlossSync

/// A machine that has a copy of the library.
public struct Device: Hashable, Sendable {
  /// The replica, `nil` for one of which the hub knows and nothing has arrived here.
  public let id: ReplicaID?

  /// What it is called, `nil` while that has not arrived.
  public let name: String?

  /// Whether it is this machine.
  public let isThis: Bool

  /// What the hub knows of it, `nil` where the hub does not let it in: it never came, or was revoked.
  public let account: Account?

  /// What a hub knows of a machine.
  public struct Account: Hashable, Sendable {
    /// The SHA-256 of its token.
    public let tokenDigest: [UInt8]

    /// About when it last asked for anything, in milliseconds since the Unix epoch.
    public let lastSeen: UInt64

    /// The number of bundles that the hub has and the machine had not fetched when it last asked.
    public let bundlesBehind: UInt64

    /// The number of bundles that the hub has and of which the machine has not told yet that it applied them. It tells with its next
    /// request, so that one that is up to date may have some; and all where the hub is older than this question.
    public let bundlesUnconfirmed: UInt64

    /// Whether it has the library's newest key; `nil` where this machine cannot tell, because its own key is locked.
    public let key: KeyState?
  }
}
