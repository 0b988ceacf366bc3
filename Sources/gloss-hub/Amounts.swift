internal import ArgumentParser

/// A number of seconds, from 1 to a day.
struct Seconds: ExpressibleByArgument, Equatable {
  let value: Int64

  init(_ value: Int64) { self.value = value }

  init?(argument: String) {
    guard let value = count(argument), (1...86_400).contains(value) else { return nil }
    self.value = Int64(value)
  }
}

/// A number from 1 to a billion.
struct Count: ExpressibleByArgument, Equatable {
  let value: Int

  init(_ value: Int) { self.value = value }

  init?(argument: String) {
    guard let value = count(argument), (1...1_000_000_000).contains(value) else { return nil }
    self.value = value
  }
}

/// A number from 0 to a billion.
struct CountOrNone: ExpressibleByArgument, Equatable {
  let value: Int

  init(_ value: Int) { self.value = value }

  init?(argument: String) {
    guard let value = count(argument), (0...1_000_000_000).contains(value) else { return nil }
    self.value = value
  }
}

/// For how long something is kept: a number of days up to a hundred years, or "never", which lets go of nothing.
struct Retention: ExpressibleByArgument, Equatable {
  /// `nil` for ever.
  let milliseconds: Int64?

  private init(milliseconds: Int64?) { self.milliseconds = milliseconds }

  init(days: Int) { self.init(milliseconds: Int64(days) * 24 * 60 * 60 * 1_000) }

  init?(argument: String) {
    if argument == "never" {
      self.init(milliseconds: nil)
    } else if let days = count(argument), (0...36_500).contains(days) {
      self.init(days: days)
    } else {
      return nil
    }
  }
}

/// A number of bytes: digits, or digits with K, M or G for powers of 1,024.
struct ByteCount: ExpressibleByArgument, Equatable {
  let value: Int

  init(_ value: Int) { self.value = value }

  init?(argument: String) {
    let unit = ["K": 10, "M": 20, "G": 30].first { argument.hasSuffix($0.key) }
    let digits = unit == nil ? argument : String(argument.dropLast())
    guard let number = count(digits), number <= 1 << 30 || unit == nil else { return nil }
    value = number << (unit?.value ?? 0)
  }
}

/// Returns the number that digits, and nothing else, stand for.
private func count(_ digits: String) -> Int? {
  digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
}
