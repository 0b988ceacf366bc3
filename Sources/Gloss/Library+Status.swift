public import GlossStore

/// When a hub was heard of last, and what its clock said.
public struct HubContact: Equatable, Sendable {
  /// When a sync came to its end, in milliseconds since the Unix epoch, by this machine's clock.
  public var milliseconds: UInt64

  /// How far this machine's clock was ahead of the hub's, in milliseconds; negative where it was behind, `nil` where the hub did not
  /// say. Replies have whole seconds, so less than two says nothing.
  public var clockDifference: Int64?

  public init(milliseconds: UInt64, clockDifference: Int64?) {
    self.milliseconds = milliseconds
    self.clockDifference = clockDifference
  }
}

extension Library {
  /// Returns what is held of each machine, in the order in which this one heard of them.
  public func origins() throws(LibraryError) -> [HeldOrigin] {
    try reading { try $0.origins() }
  }

  /// Returns how much the hub is not known to have.
  public func unsent() throws(LibraryError) -> Unsent {
    try reading { try $0.unsent() }
  }

  /// Returns what has to be decided, without the values that there are to choose from.
  public func openConflicts() throws(LibraryError) -> Set<OpenConflict> {
    try reading { Set(try $0.conflicts()) }
  }

  /// Returns when the last sync came to its end, as it was noted, or `nil`.
  public func lastContact() throws(LibraryError) -> HubContact? {
    let bytes = try Self.translating(replica.path) { try replica.setting(Self.contactSetting) }
    guard let bytes, bytes.count == 8 || bytes.count == 16 else { return nil }
    let numbers = stride(from: 0, to: bytes.count, by: 8).map { start in
      bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    return HubContact(
      milliseconds: numbers[0],
      clockDifference: numbers.count == 2 ? Int64(bitPattern: numbers[1]) : nil)
  }

  /// Notes when a sync came to its end, for this machine.
  public func noteContact(_ contact: HubContact) throws(LibraryError) {
    let numbers =
      [contact.milliseconds] + (contact.clockDifference.map { [UInt64(bitPattern: $0)] } ?? [])
    let bytes = numbers.flatMap { number in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    try Self.translating(replica.path) {
      try replica.setSetting(Self.contactSetting, to: bytes)
    }
  }

  private static let contactSetting = "contact"
}
