// The difference of two sequences
// ===============================
//
// Problem: to find what two sequences of words have in common, in an order that both have, without trying all pairs.
//
// Idea: Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, in its linear-space form: paths from both ends of the
// grid of pairs are extended by one difference at a time, each as far as it goes on each diagonal; where they meet is a point of
// a shortest path, and both sides of it are compared in the same way.
//
// The work grows with the square of the number of differences, so it is bounded twice. A search that has found more than
// `searchLimit` differences is cut where it has come furthest (as GNU diff does), which gives up the shortest result and not a
// good one. And all searches together have a budget of steps; once that is used up, what is left counts as different. Any result
// is a right one: runs are equal, and in order in both.

/// What two sequences have in common.
struct SequenceDiff {
  /// Elements that are equal one by one.
  struct Run: Equatable {
    var old: Int
    var new: Int
    var count: Int
  }

  private struct Box {
    var old: Range<Int>
    var new: Range<Int>
  }

  private enum Item {
    case box(Box)
    case run(Run)
  }

  private let old: [Int32]
  private let new: [Int32]
  private var budget: Int
  private var forward: [Int] = []
  private var backward: [Int] = []
  private var runs: [Run] = []

  /// The differences after which a search takes the best that it has.
  private static let searchLimit = 2_048

  /// Returns the runs that some elements of both have in common, in order.
  ///
  /// - Parameter budget: How many steps it may take; those that it took are subtracted.
  static func runs(
    _ old: [Int32], _ oldRange: Range<Int>, _ new: [Int32], _ newRange: Range<Int>,
    budget: inout Int
  ) -> [Run] {
    var diff = SequenceDiff(old: old, new: new, budget: budget)
    diff.compare(Box(old: oldRange, new: newRange))
    budget = diff.budget
    return diff.runs
  }

  private init(old: [Int32], new: [Int32], budget: Int) {
    self.old = old
    self.new = new
    self.budget = budget
  }

  private mutating func compare(_ whole: Box) {
    var waiting: [Item] = [.box(whole)]
    while let item = waiting.popLast() {
      switch item {
      case .run(let run): add(run)
      case .box(var box):
        add(trimStart(of: &box))
        let end = trimEnd(of: &box)
        if end.count > 0 { waiting.append(.run(end)) }
        guard !box.old.isEmpty, !box.new.isEmpty, let (x, y) = split(box) else { continue }
        waiting.append(.box(Box(old: x..<box.old.upperBound, new: y..<box.new.upperBound)))
        waiting.append(.box(Box(old: box.old.lowerBound..<x, new: box.new.lowerBound..<y)))
      }
    }
  }

  private mutating func add(_ run: Run) {
    guard run.count > 0 else { return }
    if let last = runs.last, last.old + last.count == run.old, last.new + last.count == run.new {
      runs[runs.count - 1].count += run.count
    } else {
      runs.append(run)
    }
  }

  private func trimStart(of box: inout Box) -> Run {
    let most = min(box.old.count, box.new.count)
    let (x, y) = (box.old.lowerBound, box.new.lowerBound)
    var count = 0
    while count < most, old[x + count] == new[y + count] { count += 1 }
    box.old = x + count..<box.old.upperBound
    box.new = y + count..<box.new.upperBound
    return Run(old: x, new: y, count: count)
  }

  private func trimEnd(of box: inout Box) -> Run {
    let most = min(box.old.count, box.new.count)
    let (x, y) = (box.old.upperBound, box.new.upperBound)
    var count = 0
    while count < most, old[x - 1 - count] == new[y - 1 - count] { count += 1 }
    box.old = box.old.lowerBound..<x - count
    box.new = box.new.lowerBound..<y - count
    return Run(old: x - count, new: y - count, count: count)
  }

  /// Returns a point of a path through the box, in the coordinates of the sequences, or `nil` where the budget is used up.
  ///
  /// - Precondition: The box is not empty in either direction, and its first and last elements differ.
  private mutating func split(_ box: Box) -> (Int, Int)? {
    let (n, m) = (box.old.count, box.new.count)
    let (left, top) = (box.old.lowerBound, box.new.lowerBound)
    let delta = n - m
    let limit = min((n + m + 1) / 2, Self.searchLimit)
    // Diagonals go from -(limit + 1) to limit + 1.
    let zero = limit + 1
    forward = Array(repeating: 0, count: 2 * zero + 1)
    backward = forward
    for d in 0...limit {
      budget -= 2 * d + 1
      guard budget > 0 else { return nil }
      for k in stride(from: -d, through: d, by: 2) {
        var x = Self.next(forward, k, d, zero)
        var y = x - k
        let start = (x, y)
        while x < n, y < m, old[left + x] == new[top + y] {
          x += 1
          y += 1
        }
        budget -= x - start.0
        forward[zero + k] = x
        let other = delta - k
        if !delta.isMultiple(of: 2), abs(other) < d, x + backward[zero + other] >= n {
          return (left + start.0, top + start.1)
        }
      }
      for k in stride(from: -d, through: d, by: 2) {
        var x = Self.next(backward, k, d, zero)
        var y = x - k
        let start = x
        while x < n, y < m, old[left + n - 1 - x] == new[top + m - 1 - y] {
          x += 1
          y += 1
        }
        budget -= x - start
        backward[zero + k] = x
        let other = delta - k
        if delta.isMultiple(of: 2), abs(other) <= d, x + forward[zero + other] >= n {
          return (left + n - x, top + m - y)
        }
      }
    }
    return furthest(limit, n, m, zero).map { (left + $0.0, top + $0.1) }
  }

  /// Returns where the forward paths of `limit` differences have come furthest within the box.
  private func furthest(_ limit: Int, _ n: Int, _ m: Int, _ zero: Int) -> (Int, Int)? {
    var best: (Int, Int)?
    for k in stride(from: -limit, through: limit, by: 2) {
      let x = forward[zero + k]
      let y = x - k
      guard x <= n, (0...m).contains(y), x + y > best.map({ $0.0 + $0.1 }) ?? 0, x + y < n + m
      else { continue }
      best = (x, y)
    }
    return best
  }

  private static func next(_ reach: [Int], _ k: Int, _ d: Int, _ zero: Int) -> Int {
    if d == 0 { return 0 }
    if k == -d || k != d && reach[zero + k - 1] < reach[zero + k + 1] { return reach[zero + k + 1] }
    return reach[zero + k - 1] + 1
  }
}
