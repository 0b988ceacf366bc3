import Gloss
import GlossCommandTesting
import GlossCore
import GlossStore
import Testing

/// The bar that a person sees while something lasts, with the real command.
@Suite(.timeLimit(.minutes(10))) struct BarTests {
  /// A machine with what `body` writes to its library.
  private func machine(_ body: (inout Edits) throws -> Void) throws -> Machine {
    let machine = try Machine.ready()
    let library = try Library.open(
      at: machine.libraryPath, clock: { 1_770_000_000_000 },
      randomness: { SystemRandomNumberGenerator() })
    try library.replica.write(at: 1_770_000_000_000, body)
    try library.close()
    return machine
  }

  @Test
  func `a terminal sees how far it is and nothing of it after, and nobody else sees anything`()
    throws
  {
    let count = 20_000
    let machine = try machine { edits in
      for number in 1...count {
        try edits.add(
          RecordKey(ReadingKind.article.name, RecordID(UInt128(number) << 100)),
          [ReadingField.title: .text("Title \(number)")])
      }
    }
    let result = "\(count + 1) changes, \(count + 1) records, 0 texts: all in order\n"

    let seen = try Screen(columns: 40).gloss("verify", on: machine)
    #expect(seen.status == 0)
    let bars = seen.output.matches(of: /\r([^\r\n\u{1B}]+)\u{1B}\[K/).map(\.1)
    #expect(bars.count > 1)
    for bar in bars {
      #expect(bar.count < 40)
      #expect(bar.contains(/^checking  \[#*-*\] +\d+%/), "\(bar)")
    }
    // What comes last takes it away.
    #expect(seen.output.hasSuffix("\r\u{1B}[K" + result))
    #expect(seen.plain == result)

    #expect(try Screen().gloss("verify", "--quiet", on: machine).output == result)
    let piped = try machine.gloss("verify")
    #expect(piped.output == result)
    #expect(piped.messages == "")
  }

  @Test func `what changes many records at once has a bar, and takes it away before it tells`()
    throws
  {
    let count = 6_000
    let conflicts = 600
    let machine = try machine { edits in
      for number in 1...count {
        let key = RecordKey(ReadingKind.article.name, RecordID(UInt128(number) << 100))
        try edits.add(key, [ReadingField.title: .text("Title \(number)")])
        guard number <= conflicts, let seen = try edits.snapshot.record(key)?.basis else {
          continue
        }
        for title in ["One", "Two"] {
          _ = try edits.edit(key, [ReadingField.title: .text(title)], basedOn: seen)
        }
      }
    }
    let all = ["--matching", "kind:article", "--yes"]
    for (title, words) in [
      ("tagging", ["tag"] + all + ["+many"]), ("undoing", ["undo", "--yes"]),
      ("editing", ["edit"] + all + ["--site", "Journal"]), ("deleting", ["delete"] + all),
      ("bringing back", ["undelete"] + all),
      ("settling", ["resolve", "--all", "--keep", "newest", "--yes"]),
    ] {
      let seen = try Screen(columns: 80).run(words, on: machine)
      #expect(seen.status == 0, "\(words): \(seen.output)")
      let bars = seen.output.matches(of: /\r([^\r\n\u{1B}]+)\u{1B}\[K/).map(\.1)
      #expect(!bars.isEmpty, "\(words)")
      #expect(bars.allSatisfy { $0.hasPrefix("\(title)  [") && $0.contains("%") }, "\(bars)")
      #expect(seen.plain.contains(/^[^\[]+\n/), "\(seen.plain)")
      #expect(!seen.plain.contains("[#"), "\(words)")
    }
  }
}
