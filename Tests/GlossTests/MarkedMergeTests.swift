import Gloss
import GlossTesting
import Testing

/// Merges as texts with marks.
@Suite struct MarkedMergeTests {
  @Test func `marks stand around whole lines, which are settled but for the open place`() {
    let merge = TextMerge(
      base: "one\nA quick brown fox.\ntwo\n",
      sides: ["ONE\nA quick red fox.\ntwo\n", "one\nA quick grey fox!\ntwo\n"])
    let marked = MarkedMerge(merge, labels: ["1 lap", "2 desk"])
    #expect(
      marked.text == """
        ONE
        <<<<<<< 1 lap
        A quick red fox!
        ||||||| ancestor
        A quick brown fox!
        =======
        A quick grey fox!
        >>>>>>> 2 desk
        two

        """)
    #expect(marked.leavesMarks(in: marked.text))
    #expect(!marked.leavesMarks(in: "ONE\nA quick red fox!\ntwo\n"))
  }

  @Test func `two open places of one line are one`() {
    let merge = TextMerge(base: "a b c d e", sides: ["a x c y e", "a v c w e"])
    #expect(merge.openCount == 2)
    #expect(
      MarkedMerge(merge, labels: ["1", "2"]).text == """
        <<<<<<< 1
        a x c y e
        ||||||| ancestor
        a b c d e
        =======
        a v c w e
        >>>>>>> 2

        """)
  }

  @Test func `what is settled has no marks`() {
    let merge = TextMerge(base: "a b", sides: ["a b c", "a b"])
    let marked = MarkedMerge(merge, labels: ["1", "2"])
    #expect(marked.text == "a b c")
    #expect(!marked.leavesMarks(in: marked.text))
  }

  @Test func `a text that looks like marks makes the marks longer`() {
    let heading = "Title\n=======\n"
    let merge = TextMerge(base: heading + "a", sides: [heading + "b", heading + "c"])
    let marked = MarkedMerge(merge, labels: ["1", "2"])
    #expect(marked.markLength == 8)
    #expect(marked.text.contains("\n========\nc\n>>>>>>>> 2\n"))
    #expect(!marked.leavesMarks(in: heading + "b"))
    #expect(marked.leavesMarks(in: heading + "b\n========\n"))
  }

  @Test func `without an ancestor there is no part for it, and each further side has its name`() {
    let merge = TextMerge(unrelated: ["a", "b", "c"])
    #expect(
      MarkedMerge(merge, labels: ["1 lap", "2 desk", "3 phone"]).text == """
        <<<<<<< 1 lap
        a
        ======= 2 desk
        b
        ======= 3 phone
        c
        >>>>>>> end

        """)
  }

  @Test(arguments: 0..<8)
  func `what stands between marks is what each side has there`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let words = ["a", "b", "c", " ", " ", "\n", "."]
    func text(_ count: Int) -> String {
      (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined()
    }
    for _ in 0..<40 {
      let base = text(30)
      var sides = [base, base].map(Array.init)
      for index in sides.indices {
        let place = Int.random(in: 0...sides[index].count, using: &random)
        sides[index].insert(contentsOf: text(3), at: place)
      }
      let merge = TextMerge(base: base, sides: sides.map { String($0) })
      let marked = MarkedMerge(merge, labels: ["1", "2"])
      for side in 0..<2 {
        let whole = merge.chunks.map { chunk in
          switch chunk {
          case .settled(let text): text
          case .open(_, let sides): sides[side]
          }
        }.joined()
        let picked = Self.pick(side, of: marked.text)
        #expect(picked == whole || picked == whole + "\n", "\(marked.text)")
      }
    }
  }

  /// The text with one side's lines in place of all that is between marks.
  private static func pick(_ side: Int, of text: String) -> String {
    var result = ""
    var part: Int?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("<<<<<<<") {
        part = 0
      } else if line.hasPrefix("|||||||") {
        part = 2
      } else if line.hasPrefix("=======") {
        part = 1
      } else if line.hasPrefix(">>>>>>>") {
        part = nil
      } else if part == nil || part == side {
        result += line + "\n"
      }
    }
    result.removeLast()
    return result
  }
}
