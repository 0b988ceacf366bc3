/// Guesses at what was meant.
package enum Spelling {
  /// Returns the known word that is nearest to what was written, the first of several; `nil` where none is near.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let limit = max(1, min(word.count, 12) / 3)
    guard word.utf8.count <= 24 else { return nil }
    let distances = known.map { (word: $0, distance: distance(word, $0)) }
    guard let nearest = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return nearest.distance <= limit && nearest.distance < nearest.word.count ? nearest.word : nil
  }

  /// The least number of letters to insert, delete, change, or swap with their neighbour (optimal string alignment).
  private static func distance(_ first: String, _ second: String) -> Int {
    let (left, right) = (Array(first.unicodeScalars), Array(second.unicodeScalars))
    var before: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var next = [row + 1]
      for column in right.indices {
        let change = last[column] + (left[row] == right[column] ? 0 : 1)
        var least = min(change, last[column + 1] + 1, next[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = min(least, before[column - 1] + 1)
        }
        next.append(least)
      }
      (before, last) = (last, next)
    }
    return last[right.count]
  }
}
