internal import Glibc

/// How far something is that lasts, and how fast it goes.
struct Progress: Equatable, Sendable {
  /// What is done, in a word.
  let title: String
  /// What is counted, in the plural, said where nobody knows how many there are.
  let unit: String
  private let began: UInt64
  private(set) var done = 0
  private(set) var total: Int?
  /// So many a second, smoothed; `nil` until there is something to go by.
  private(set) var rate: Double?
  private var measured: (time: UInt64, done: Int)

  /// Over how many seconds the rate is smoothed: a change counts 63 % after that.
  private static let smoothing = 3.0

  /// Begins.
  ///
  /// - Parameter now: Milliseconds, from any moment on.
  init(_ title: String, unit: String, at now: UInt64) {
    self.title = title
    self.unit = unit
    began = now
    measured = (now, 0)
  }

  static func == (left: Progress, right: Progress) -> Bool {
    (left.title, left.unit, left.done, left.total, left.rate)
      == (right.title, right.unit, right.done, right.total, right.rate)
  }

  /// Takes in how much is done.
  ///
  /// - Parameter total: How much there is, where that is known.
  mutating func advance(to done: Int, of total: Int?, at now: UInt64) {
    if (total == nil) != (self.total == nil) {
      // Something else is counted from here on.
      rate = nil
      measured = (now, done)
    }
    self.done = done
    self.total = total.map { max($0, done) }
    let seconds = Double(now - min(now, measured.time)) / 1_000
    guard seconds >= 0.1 else { return }
    let current = Double(max(0, done - measured.done)) / seconds
    let weight = 1 - exp(-seconds / Self.smoothing)
    rate = rate.map { $0 + weight * (current - $0) } ?? current
    measured = (now, done)
  }

  /// The seconds that are left at this rate; `nil` where nobody knows.
  var secondsLeft: Int? {
    guard let total, let rate, rate > 0 else { return nil }
    let seconds = (Double(total - done) / rate).rounded(.up)
    return seconds < 360_000 ? Int(seconds) : nil
  }

  /// One line of at most `columns` less one, in which a terminal would break it. What does not fit is left out, the rate first and the
  /// bar after it.
  func line(columns: Int, at now: UInt64) -> String {
    let room = max(0, columns - 1)
    let speed = rate.map { "  " + Self.count(Int($0)) + "/s" } ?? ""
    guard let total else {
      let elapsed = "  " + Self.clock(Int((now - min(now, began)) / 1_000))
      let counted = "\(title)  \(Self.count(done)) \(unit)"
      let whole = counted + speed + elapsed
      return String((whole.count <= room ? whole : counted).prefix(room))
    }
    let percent = total == 0 ? 100 : Int(Double(done) / Double(total) * 100)
    let share =
      String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0) + "\(percent)%"
    let left = secondsLeft.map { "  " + Self.clock($0) + " left" } ?? ""
    for end in ["  " + share + speed + left, "  " + share + left] {
      let width = min(40, room - title.count - end.count - 4)
      guard width >= 8 else { continue }
      let filled = total == 0 ? width : Int(Double(width) * Double(done) / Double(total))
      let bar =
        String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
      return "\(title)  [\(bar)]\(end)"
    }
    return String("\(title)  \(share)".prefix(room))
  }

  /// `950`, `12k`, `3M`: three digits are enough for something that changes.
  private static func count(_ number: Int) -> String {
    switch number {
    case ..<10_000: "\(number)"
    case ..<10_000_000: "\(number / 1_000)k"
    default: "\(number / 1_000_000)M"
    }
  }

  /// `0:07`, `12:30`, `1:02:03`
  private static func clock(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(seconds % 60)
  }
}
