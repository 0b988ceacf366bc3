internal import Gloss
internal import GlossStore

/// What a command tells beside what it was asked for.
enum Notices {
  /// Says that the library's file turned out to be a copy.
  static func tell(of renewal: Renewal, in library: Library) throws {
    let naming = try Naming([], in: library)
    let remade =
      renewal.remadeCount == 0
      ? "" : "; \(Shown.count(renewal.remadeCount, "unsent change")) went over to it"
    Output.note(
      "note: this file is a copy of the one of \(naming.device(renewal.former)), or was moved or restored:"
    )
    Output.note("  it goes on as a device of its own, \(naming.device(renewal.id))\(remade)")
  }

  /// Says why values are missing that were replaced, where they are.
  static func tellOfDroppedValues(_ areMissing: Bool, in library: Library) throws {
    guard areMissing, let time = try library.compactionTime() else { return }
    Output.note("gloss compact dropped values from this machine, last on \(CivilTime.day(time))")
  }
}
