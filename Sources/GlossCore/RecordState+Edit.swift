/// What the author of an edit saw: the heads of every register of a record.
///
/// A program gets one with each value that it reads and gives it back with the edit, so that the edit replaces what its
/// author saw and never what has come in between.
public struct Basis: Hashable, Sendable {
  /// The heads of each field, the displayed one first.
  public var heads: [Name: [Dot]]

  /// How often changes had been given other names in the file that it was read from: a replica's changes are, where others have
  /// changes of the same names. With it the file finds them again.
  public var renamingCount = 0

  /// What is known of a record that does not exist yet: nothing.
  public static let nothing = Basis(heads: [:])

  public init(heads: [Name: [Dot]]) {
    self.heads = heads
  }

  /// Every head of every register, in order: what a delete covers.
  public var dots: [Dot] { Set(heads.values.joined()).sorted() }
}

extension RecordState {
  /// What somebody who looks at the record now sees.
  public var basis: Basis {
    Basis(heads: registers.mapValues { $0.heads.map(\.dot) }.filter { !$0.value.isEmpty })
  }

  /// Returns the write by which an author who saw `basis` puts `value` into a field, or `nil` where that is what is shown.
  ///
  /// Under ``Policy/keep`` the write names the value that was shown, with every head of the same bytes, so that equal
  /// concurrent writes leave no conflict and different ones stay open. Under ``Policy/latest`` it names all heads seen.
  ///
  /// - Parameter valueOf: The value that a change wrote to the field, or `nil` where it is not held.
  public func edit<Failure: Error>(
    _ field: Name, to value: Value, policy: Policy, basedOn basis: Basis,
    valueOf: (Dot) throws(Failure) -> Value?
  ) throws(Failure) -> Write? {
    let seen = basis.heads[field] ?? []
    let heads = registers[field]?.heads.map(\.dot) ?? []
    guard let displayed = seen.first, let shown = try valueOf(displayed) else {
      return Write(field, value, parents: folding(heads, leaving: []))
    }
    if shown == value { return nil }
    var parents: [Dot]
    switch policy {
    case .latest:
      parents = seen
    case .keep:
      parents = [displayed]
      for head in heads where head != displayed {
        if try valueOf(head) == shown { parents.append(head) }
      }
    }
    parents = Array(parents.prefix(Limits.parents))
    return Write(field, value, parents: folding(heads, leaving: parents))
  }

  /// Returns the write that settles a register on `value`, closing exactly the heads that its author was shown, or `nil`
  /// where that one value is all there was.
  public func resolution<Failure: Error>(
    _ field: Name, to value: Value, basedOn basis: Basis, valueOf: (Dot) throws(Failure) -> Value?
  ) throws(Failure) -> Write? {
    let seen = basis.heads[field] ?? []
    if seen.count == 1, let only = seen.first, try valueOf(only) == value { return nil }
    return Write(field, value, parents: Array(seen.prefix(Limits.parents)))
  }

  /// Returns the least timestamp that writes to `fields` have to be above, or `nil` where none was written.
  public func floor(of fields: some Sequence<Name>) -> Timestamp? {
    guard !registers.isEmpty else { return nil }
    return fields.compactMap { registers[$0]?.heads.first?.timestamp }.max()
  }

  /// Adds to `parents` the least of the heads that would stay open beyond ``Limits/heads``.
  private func folding(_ heads: [Dot], leaving parents: [Dot]) -> [Dot] {
    let named = Set(parents)
    let open = heads.filter { !named.contains($0) }
    let room = Limits.parents - parents.count
    return parents + open.dropFirst(Limits.heads - 1).suffix(room)
  }
}
