// Merging by words
// ================
//
// Problem: several machines changed one text, each in places of its own, and nobody wants to copy that together by hand. But
// where two changed the same place nobody but a person can say what it should be.
//
// Idea: diff3, as Khanna, Kunal and Pierce describe it ("A Formal Investigation of Diff3", 2007), by words instead of lines and
// for any number of sides. Each side is compared with the ancestor. Differences of all sides that overlap or touch in the
// ancestor are one place: where one side alone changed it, or all that did changed it alike, their words stand; otherwise the
// place is open and keeps the words of every side and of the ancestor. Where differences touch, with nothing but white space
// between them, nobody can say in which order they belong, or whether one still goes with the other, so that is open too.
//
// What follows: a side equal to the ancestor changes nothing, equal sides merge to themselves, and the order of the sides says
// nothing but the order in which they are named.

/// Several texts that were made from one, put together by words.
public struct TextMerge: Sendable {
  /// The pieces of the result, in order.
  public let chunks: [Chunk]
  /// How many texts were merged.
  public let sideCount: Int

  /// A piece of the result.
  public enum Chunk: Hashable, Sendable {
    /// Words that need no decision.
    case settled(String)
    /// A place that several sides changed: what it was, `nil` where there is no ancestor, and what each side has there.
    case open(base: String?, sides: [String])
  }

  /// Merges texts that were made from `base`.
  ///
  /// - Complexity: That of ``WordDiff`` for each side.
  public init(base: String, sides: [String]) {
    let base = TextTokens(base)
    let comparisons = sides.map { TextComparison(base, TextTokens($0)) }
    var merging = Merging(base: base, comparisons: comparisons)
    merging.run()
    chunks = merging.chunks
    sideCount = sides.count
  }

  /// Sets texts beside each other that have no known ancestor: what all have is settled, and nothing else.
  public init(unrelated sides: [String]) {
    sideCount = sides.count
    guard let first = sides.first else {
      chunks = []
      return
    }
    guard sides.count == 2 else {
      let isOne = sides.allSatisfy { $0.utf8.elementsEqual(first.utf8) }
      chunks = isOne ? [.settled(first)] : [.open(base: nil, sides: sides)]
      return
    }
    let comparison = TextComparison(TextTokens(first), TextTokens(sides[1]))
    var chunks: [Chunk] = []
    var start = 0
    for hunk in comparison.hunks {
      if start < hunk.old.lowerBound {
        chunks.append(.settled(comparison.old.text(start..<hunk.old.lowerBound)))
      }
      let sides = [comparison.old.text(hunk.old), comparison.new.text(hunk.new)]
      chunks.append(.open(base: nil, sides: sides))
      start = hunk.old.upperBound
    }
    if start < comparison.old.count {
      chunks.append(.settled(comparison.old.text(start..<comparison.old.count)))
    }
    self.chunks = chunks
  }

  /// The merged text, or `nil` where a place is open.
  public var text: String? {
    var result = ""
    for chunk in chunks {
      guard case .settled(let text) = chunk else { return nil }
      result += text
    }
    return result
  }

  /// The number of places that a person has to decide about.
  public var openCount: Int {
    chunks.count { if case .open = $0 { true } else { false } }
  }
}

/// The walk over the differences of all sides.
private struct Merging {
  let base: TextTokens
  let comparisons: [TextComparison]
  private(set) var chunks: [TextMerge.Chunk] = []
  /// Of each side, the next of its hunks, and how far its tokens are ahead of the ancestor's before that.
  private var next: [Int]
  private var shift: [Int]
  private var settled: [UInt8] = []

  init(base: TextTokens, comparisons: [TextComparison]) {
    self.base = base
    self.comparisons = comparisons
    next = comparisons.map { _ in 0 }
    shift = next
  }

  mutating func run() {
    var position = 0
    while let start = comparisons.indices.compactMap({ hunk($0)?.old.lowerBound }).min() {
      settled += base[position..<start]
      position = takePlace(from: start)
    }
    settled += base[position..<base.count]
    flush()
  }

  private func hunk(_ side: Int) -> TextComparison.Hunk? {
    let hunks = comparisons[side].hunks
    return next[side] < hunks.count ? hunks[next[side]] : nil
  }

  /// Takes all differences that overlap or touch the one that begins at `start`, and returns where they end in the ancestor.
  private mutating func takePlace(from start: Int) -> Int {
    let shiftBefore = shift
    var end = start
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for side in comparisons.indices {
        while let hunk = hunk(side), hunk.old.lowerBound <= base.endOfSpace(from: end) {
          end = max(end, hunk.old.upperBound)
          shift[side] += hunk.new.count - hunk.old.count
          next[side] += 1
          isGrowing = true
        }
      }
    }
    let old = base[start..<end]
    let sides = comparisons.indices.map { side in
      comparisons[side].new[start + shiftBefore[side]..<end + shift[side]]
    }
    let changed = sides.filter { $0 != old }
    if let first = changed.first, changed.allSatisfy({ $0 == first }) {
      settled += first
    } else if changed.isEmpty {
      settled += old
    } else {
      flush()
      chunks.append(
        .open(
          base: String(decoding: old, as: UTF8.self),
          sides: sides.map { String(decoding: $0, as: UTF8.self) }))
    }
    return end
  }

  private mutating func flush() {
    guard !settled.isEmpty else { return }
    chunks.append(.settled(String(decoding: settled, as: UTF8.self)))
    settled = []
  }
}

extension TextTokens {
  /// Where the white space ends that begins at a token; there, where none does.
  fileprivate func endOfSpace(from token: Int) -> Int {
    token < count && kinds[token] == .space ? token + 1 : token
  }
}
