/// Two texts and what they have in common, in tokens.
///
/// Short texts are compared word by word. Long ones are compared line by line first, and word by word between the lines that
/// both have, each stretch with its share of the work that is allowed; so two texts of any size are compared in bounded time.
struct TextComparison {
  let old: TextTokens
  let new: TextTokens
  /// Where the texts differ, in order; between two of them lies at least one token that both have.
  let hunks: [Hunk]

  struct Hunk: Equatable {
    var old: Range<Int>
    var new: Range<Int>
  }

  /// The tokens of two texts up to which they are compared word by word at once.
  private static let directTokenCount = 30_000
  /// The steps that one comparison takes at most: less than a second.
  private static let stepLimit = 60_000_000

  init(_ old: TextTokens, _ new: TextTokens) {
    self.old = old
    self.new = new
    var names = TokenNames()
    let (oldNames, newNames) = (names.names(of: old), names.names(of: new))
    let runs =
      old.count + new.count <= Self.directTokenCount
      ? Self.direct(oldNames, newNames) : Self.byLines(old, oldNames, new, newNames)
    hunks = Self.hunks(between: runs.filter { $0.count > 0 }, old, new)
  }

  private static func direct(_ old: [Int32], _ new: [Int32]) -> [SequenceDiff.Run] {
    var budget = stepLimit
    return SequenceDiff.runs(old, old.indices, new, new.indices, budget: &budget)
  }

  private static func byLines(
    _ old: TextTokens, _ oldNames: [Int32], _ new: TextTokens, _ newNames: [Int32]
  ) -> [SequenceDiff.Run] {
    var names = TokenNames()
    let (oldLines, newLines) = (old.lineStarts, new.lineStarts)
    let (oldLineNames, newLineNames) = (
      names.names(ofLines: oldLines, in: old), names.names(ofLines: newLines, in: new)
    )
    var budget = stepLimit / 2
    let lineRuns = SequenceDiff.runs(
      oldLineNames, oldLineNames.indices, newLineNames, newLineNames.indices, budget: &budget)
    var runs: [SequenceDiff.Run] = []
    var (x, y) = (0, 0)
    let share = max(1, stepLimit / 2 / max(1, old.count + new.count))
    func compareUpTo(_ oldEnd: Int, _ newEnd: Int) {
      var budget = max(10_000, share * (oldEnd - x + newEnd - y))
      runs += SequenceDiff.runs(oldNames, x..<oldEnd, newNames, y..<newEnd, budget: &budget)
    }
    for run in lineRuns {
      let (oldStart, newStart) = (oldLines[run.old], newLines[run.new])
      compareUpTo(oldStart, newStart)
      let count = oldLines[run.old + run.count] - oldStart
      runs.append(SequenceDiff.Run(old: oldStart, new: newStart, count: count))
      (x, y) = (oldStart + count, newStart + count)
    }
    compareUpTo(old.count, new.count)
    return runs
  }

  /// What lies between the runs. A run of white space and signs between two differences on one line is part of them: to read
  /// or to merge word by word what was written anew as a whole helps nobody.
  private static func hunks(
    between runs: [SequenceDiff.Run], _ old: TextTokens, _ new: TextTokens
  ) -> [Hunk] {
    var hunks: [Hunk] = []
    var (x, y) = (0, 0)
    func add(upTo oldEnd: Int, _ newEnd: Int) {
      guard x < oldEnd || y < newEnd else { return }
      if let last = hunks.last, !old.hasWordOrLineEnd(in: last.old.upperBound..<x) {
        hunks[hunks.count - 1] = Hunk(
          old: last.old.lowerBound..<oldEnd, new: last.new.lowerBound..<newEnd)
      } else {
        hunks.append(Hunk(old: x..<oldEnd, new: y..<newEnd))
      }
    }
    for run in runs {
      add(upTo: run.old, run.new)
      (x, y) = (run.old + run.count, run.new + run.count)
    }
    add(upTo: old.count, new.count)
    return hunks
  }
}

extension TextTokens {
  /// The token that each line begins with, and the number of tokens.
  fileprivate var lineStarts: [Int] {
    var starts = [0]
    for index in kinds.indices where kinds[index] == .lineEnd { starts.append(index + 1) }
    if starts.last != count { starts.append(count) }
    return starts
  }

  fileprivate func hasWordOrLineEnd(in tokens: Range<Int>) -> Bool {
    kinds[tokens].contains { $0 == .word || $0 == .letter || $0 == .lineEnd }
  }
}

/// Numbers for pieces of text, equal where their bytes are.
private struct TokenNames {
  private var numbers: [Piece: Int32] = [:]

  mutating func names(of tokens: TextTokens) -> [Int32] {
    (0..<tokens.count).map { name(of: tokens[$0..<$0 + 1]) }
  }

  mutating func names(ofLines starts: [Int], in tokens: TextTokens) -> [Int32] {
    zip(starts, starts.dropFirst()).map { name(of: tokens[$0..<$1]) }
  }

  private mutating func name(of bytes: ArraySlice<UInt8>) -> Int32 {
    let piece = Piece(bytes: bytes)
    if let known = numbers[piece] { return known }
    let number = Int32(numbers.count)
    numbers[piece] = number
    return number
  }

  /// Bytes that are hashed at once: a hash of an array takes them one by one, which is most of the time that a text takes.
  private struct Piece: Hashable {
    let bytes: ArraySlice<UInt8>

    func hash(into hasher: inout Hasher) {
      bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
  }
}
