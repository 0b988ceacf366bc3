internal import Gloss
internal import GlossCore
internal import GlossStore

/// Goes through conflicts with a person: shows each and asks what to keep.
struct Questions {
  let library: Library
  let naming: Naming

  /// What a person answered.
  private enum Answer {
    case way(Settlement.Way)
    case skip, quit
  }

  func ask(about conflicts: [LibraryConflict]) throws {
    var settled = 0
    var open = 0
    var hasQuit = false
    for conflict in conflicts {
      guard !hasQuit, let now = try library.renewed(conflict) else {
        open += hasQuit ? 1 : 0
        continue
      }
      if settled + open > 0 { Output.line() }
      try ConflictPage(conflict: now, library: library, naming: naming).print()
      Output.line()
      switch try settle(now) {
      case .way: settled += 1
      case .skip: open += 1
      case .quit:
        open += 1
        hasQuit = true
      }
    }
    if conflicts.isEmpty { Output.note("no conflicts") }
    if open > 0 { Output.note("\(settled) settled, \(open) left open") }
  }

  /// Asks until the conflict is settled or the person goes on.
  private func settle(_ conflict: LibraryConflict) throws -> Answer {
    let settlement = Settlement(library: library, naming: naming, mayAsk: true, isDryRun: false)
    while true {
      Output.flush()
      guard let line = try Prompt.answer(question(conflict) + " ") else {
        Output.complain("")
        return .quit
      }
      guard let answer = try answer(line, to: conflict) else {
        Output.complain(help(conflict))
        continue
      }
      guard case .way(let way) = answer else { return answer }
      do {
        Output.note(try settlement.settle(conflict, by: way).message)
        return answer
      } catch {
        guard let failure = Failure(error), failure.isForAPerson else { throw error }
        failure.report()
      }
    }
  }

  private func question(_ conflict: LibraryConflict) -> String {
    if let parent = conflict.parent {
      let move = conflict.item.kind == .note ? ", [m]ove to another" : ""
      return "[b]ring the \(parent.kind.rawValue) back, [d]elete this too\(move), [s]kip, [q]uit?"
    }
    if conflict.isAboutStaying { return "[k]eep, [d]elete, [s]kip, [q]uit?" }
    let numbers = conflict.versions.enumerated().map { number, version in
      "[\(number + 1)] \(naming.device(version.source.replica))"
    }
    // Of many only the numbers, so that the question stays one.
    let keep = numbers.count > 4 ? "1 to \(numbers.count)" : numbers.joined(separator: ", ")
    let texts =
      (conflict.takesBoth ? ", [b]oth" : "") + (conflict.isOfTexts ? ", [m]erge, [e]dit" : "")
    return "keep \(keep)\(texts), [s]kip, [q]uit?"
  }

  private func help(_ conflict: LibraryConflict) -> String {
    if let parent = conflict.parent {
      return "b brings the \(parent.kind.rawValue) back, with what was deleted with it; "
        + "d deletes this too"
    }
    if conflict.isAboutStaying { return "k keeps the record as it is; d deletes it" }
    return "a number keeps that value"
      + (conflict.takesBoth ? "; b keeps one after the other" : "")
      + (conflict.isOfTexts ? "; m merges word by word; e opens an editor" : "")
  }

  private func answer(_ line: String, to conflict: LibraryConflict) throws -> Answer? {
    let word = line.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
    switch word {
    case "s", "skip": return .skip
    case "q", "quit": return .quit
    default: break
    }
    if conflict.parent != nil {
      switch word {
      case "b", "bring": return .way(.keep("current"))
      case "d", "delete": return .way(.keep("deleted"))
      case "m", "move":
        guard conflict.item.kind == .note else { return nil }
        let target = try Prompt.answer("to which article or highlight (ID)? ")
        return target.map { .way(.value($0)) } ?? .quit
      default: return nil
      }
    }
    if conflict.isAboutStaying {
      switch word {
      case "k", "keep": return .way(.keep("edited"))
      case "d", "delete": return .way(.keep("deleted"))
      default: return nil
      }
    }
    switch word {
    case "b", "both": return conflict.takesBoth ? .way(.keep("both")) : nil
    case "m", "merge": return .way(.merge)
    case "e", "edit": return .way(.edit)
    default:
      let isNumber = Int(word).map { (1...conflict.versions.count).contains($0) } ?? false
      return isNumber ? .way(.keep(word)) : nil
    }
  }
}
