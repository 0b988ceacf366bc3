/// The exit codes, most of them those of sysexits.h; `gloss --help` lists them.
enum Status: Int32, CaseIterable {
  case done = 0
  case noMatch = 1
  case nothingWritten = 2
  case needsDecision = 3
  case usage = 64
  case badInput = 65
  case noInput = 66
  case unreachable = 69
  case fault = 70
  case cannotCreate = 73
  case inputOutput = 74
  case busy = 75
  case notOurs = 76
  case refused = 77
  case tooOld = 78
}
