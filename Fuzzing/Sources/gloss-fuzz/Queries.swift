import Gloss

/// The query language: any text, as somebody types it or as another machine saved it.
func fuzzFilter(_ input: [UInt8]) {
  let text = String(decoding: input, as: UTF8.self)
  let filter: Filter
  do {
    filter = try Filter(parsing: text)
  } catch {
    check(error.place.upperBound <= text.utf8.count, "an error is about a part of the text")
    return
  }
  meanTimes(filter)
  let printed = filter.description
  // What was quoted may be longer once it is printed.
  guard printed.utf8.count <= Filter.byteLimit else { return }
  let again = try? Filter(parsing: printed)
  check(again == filter, "what is printed is read as the same: \(printed)")
  check(
    again?.description.utf8.elementsEqual(printed.utf8) == true,
    "what is printed is the one form: \(printed)")
}

/// Times are words until somebody says them, at whatever time by whatever clock.
private func meanTimes(_ filter: Filter) {
  switch filter {
  case .time(_, let time):
    for now in [0, 1_764_000_000_000, .max] as [UInt64] {
      for offset in [-1_439, 0, 1_439] {
        let reference = TimeReference(now: now, utcOffsetMinutes: offset)
        let range = time.range(at: reference)
        check(!(range.start == nil && range.end == nil), "a time has a bound")
      }
    }
  case .not(let filter): meanTimes(filter)
  case .and(let members), .or(let members): members.forEach(meanTimes)
  default: break
  }
}
