internal import Gloss

// Lines that an editor broke
// ==========================
//
// Many texts come with lines of some eighty characters that mean nothing, which look ragged on a terminal of another width. Others,
// poems and lists, have lines that mean something. A break that an editor made shows: the first word of the next line had no room
// before it. So such a break counts as a space, and every other one stays. How wide the editor's lines were is the widest line of the
// block, if that is wide enough to be one. What begins with white space or a mark of Markdown is no prose.

extension [Unicode.Scalar] {
  /// The text with a space in place of each break that an editor made. Every other code point stays where it is.
  var unwrapped: [Unicode.Scalar] {
    var result = self
    var block: [Range<Int>] = []
    var start = 0
    while start <= count {
      let end = self[start...].firstIndex(of: "\n") ?? count
      if isProse(start..<end) {
        block.append(start..<end)
      } else {
        joinLines(of: block, in: &result)
        block = []
      }
      start = end + 1
    }
    joinLines(of: block, in: &result)
    return result
  }

  private func joinLines(of block: [Range<Int>], in result: inout [Unicode.Scalar]) {
    let widths = block.map { Text.columns(String(String.UnicodeScalarView(self[$0]))) }
    guard let width = widths.max(), width >= 50 else { return }
    for (index, line) in block.enumerated().dropLast() {
      let word = self[block[index + 1]].prefix { $0 != " " }
      let needed = widths[index] + 1 + Text.columns(String(String.UnicodeScalarView(word)))
      let isWide = self[line].last.map { Text.columns(of: Character($0)) == 2 } ?? false
      if needed > width, !isWide { result[line.upperBound] = " " }
    }
  }

  private func isProse(_ line: Range<Int>) -> Bool {
    guard let first = self[line].first else { return false }
    return !first.properties.isWhitespace && !"#>-*+|`~=<:".unicodeScalars.contains(first)
  }
}
