internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

// Completion in shells
// ====================
//
// A shell's script, which `gloss --generate-completion-script` prints, runs the program again for a word that only the library
// can complete. What comes back is a line for each candidate, in the form of the shell that asks: fish shows what stands behind a
// tab, zsh what stands behind a colon, and bash shows words alone, which `BashCompletion` puts into the line as they are: there
// every word is quoted, and a tag named `$(reboot)` is not offered. A word with a control character is offered to nobody. Where the
// library cannot be read nothing is offered, and nothing is said in the middle of what somebody types.

/// What is offered to somebody who types at a shell.
struct Completing {
  /// One word, and what it stands for where the shell shows that.
  struct Candidate {
    var word: String
    var meaning = ""
  }

  /// The words of the command line, as a program gets them.
  let words: [String]
  /// What was typed of the word in question.
  private let typed: ShellWord
  /// What that means so far.
  var start: String { typed.meaning }
  let library: Library

  /// How many records are offered at most: more than fits a screen helps nobody.
  static let limit = 200

  private init(_ words: [String], _ index: Int) throws {
    self.words = words.map { ShellWord($0).meaning }
    typed = ShellWord(words.indices.contains(index) ? Self.value(in: words[index]) : "")
    var options = LibraryOptions()
    options.path = Self.path(in: self.words)
    library = try Library.open(
      at: options.resolved.path, access: .readOnly, clock: Surroundings.clock,
      randomness: Surroundings.randomness)
  }

  /// Candidates for a word, in the form that the shell wants which asks.
  static func offer(
    _ words: [String], _ index: Int, _ find: (Completing) throws -> [Candidate]
  ) -> [String] {
    guard let completing = try? Completing(words, index),
      let candidates = try? find(completing)
    else { return [] }
    return candidates.filter { candidate in
      candidate.word.utf8.starts(with: completing.start.utf8)
        && !candidate.word.unicodeScalars.contains { Text.isUnsafe($0) || $0 == "\n" || $0 == "\t" }
        && (CompletionShell.requesting != .bash || !candidate.word.contains(where: isActive))
    }.compactMap { completing.line($0, for: CompletionShell.requesting) }
  }

  private func line(_ candidate: Candidate, for shell: CompletionShell?) -> String? {
    let (word, meaning) = (candidate.word, Text.line(candidate.meaning, width: 60))
    switch shell {
    case .bash?:
      let rest = word.utf8.dropFirst(start.utf8.count)
      return typed.goingOn(with: String(decoding: rest, as: UTF8.self))
    case .zsh?:
      let escaped = word.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
      // zsh takes a backslash in a meaning for one of its own, too.
      return meaning.isEmpty ? escaped : escaped + ":" + meaning.replacing("\\", with: "\\\\")
    case .fish?: return meaning.isEmpty ? word : word + "\t" + meaning
    default: return word
    }
  }

  /// Whether bash acts on the character where it is not quoted: words with such are offered to zsh and fish only.
  private static func isActive(_ character: Character) -> Bool {
    "$`\\!;|&<>()".contains(character)
  }

  /// What shells complete of a word: of an option with its value, `--tag=read`, the value.
  private static func value(in word: String) -> String {
    guard word.hasPrefix("--"), let sign = word.firstIndex(of: "=") else { return word }
    return String(word[word.index(after: sign)...])
  }

  /// The library that the command line names.
  private static func path(in words: [String]) -> String? {
    for (place, word) in words.enumerated() {
      var path: String?
      if word == "--library", place + 1 < words.count { path = words[place + 1] }
      if word.hasPrefix("--library=") { path = String(word.dropFirst("--library=".count)) }
      guard let path else { continue }
      guard path.hasPrefix("~/"), let home = Surroundings.variable("HOME") else { return path }
      return home + path.dropFirst()
    }
    return nil
  }
}

extension Completing {
  func records(_ kinds: [ReadingKind], includingDeleted: Bool = false) throws -> [Candidate] {
    let items = try library.candidates(
      hexPrefix: start, kinds: kinds, limit: Self.limit, includesDeleted: includingDeleted)
    return try candidates(for: items)
  }

  func conflicted() throws -> [Candidate] {
    var seen: Set<RecordKey> = []
    return try candidates(
      for: try library.conflicts().map(\.item).filter { seen.insert($0.key).inserted })
  }

  private func candidates(for items: [Item]) throws -> [Candidate] {
    let naming = try Naming(items.map(\.key), in: library)
    return items.map { item in
      // Digits that were typed beyond the name stay.
      let name = naming.short(item.key)
      let word = name.count < start.count ? String("\(item.key.id)".prefix(start.count)) : name
      return Candidate(word: word, meaning: "\(item.kind.rawValue) \(item.headline)")
    }
  }

  func tags() throws -> [Candidate] {
    try library.tags(beginningWith: start, limit: Self.limit).map { Candidate(word: $0) }
  }

  /// Tags behind the sign that adds or removes them.
  func signedTags() throws -> [Candidate] {
    let sign = start.hasPrefix("-") ? "-" : "+"
    let tags = try library.tags(beginningWith: String(start.dropFirst()), limit: Self.limit)
    return tags.map { Candidate(word: sign + $0) }
  }

  /// What a conflict can be settled on, besides what a machine wrote.
  static let sides = [
    Candidate(word: "current", meaning: "what is shown"),
    Candidate(word: "other", meaning: "the other of two"),
    Candidate(word: "newest", meaning: "what was written last"),
    Candidate(word: "both", meaning: "two texts, one after the other"),
    Candidate(word: "edited", meaning: "keep what was deleted, too"),
    Candidate(word: "deleted", meaning: "let go what was edited, too"),
  ]

  func devices() throws -> [Candidate] {
    try library.deviceNames().sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map {
      Candidate(word: $0.value, meaning: "\($0.key.shortText)")
    }
  }
}

extension CompletionKind {
  /// Any record.
  static let record = custom { words, index, _ in
    Completing.offer(words, index) { try $0.records(ReadingKind.allCases, includingDeleted: true) }
  }

  static let article = custom { words, index, _ in
    Completing.offer(words, index) { try $0.records([.article]) }
  }

  /// What a note can be about.
  static let articleOrHighlight = custom { words, index, _ in
    Completing.offer(words, index) { try $0.records([.article, .highlight]) }
  }

  /// A record that somebody has to decide about.
  static let conflictedRecord = custom { words, index, _ in
    Completing.offer(words, index) { try $0.conflicted() }
  }

  static let tag = custom { words, index, _ in
    Completing.offer(words, index) { try $0.tags() }
  }

  /// Any record, and behind a sign a tag.
  static let recordOrSignedTag = custom { words, index, _ in
    Completing.offer(words, index) { completing in
      guard let sign = completing.start.first, "+-".contains(sign) else {
        return try completing.records(ReadingKind.allCases)
      }
      return try completing.signedTags()
    }
  }

  /// What a query goes on with.
  static let query = custom { words, index, _ in
    Completing.offer(words, index) { try $0.query() }
  }

  static let savedQuery = custom { words, index, _ in
    Completing.offer(words, index) { try $0.savedQueries() }
  }

  static let conflictedRecordOrQuery = custom { words, index, _ in
    Completing.offer(words, index) {
      try $0.words.contains("--all") ? $0.query() : $0.conflicted()
    }
  }

  static let device = custom { words, index, _ in
    Completing.offer(words, index) { try $0.devices() }
  }

  /// Which side of a conflict stays.
  static let side = custom { words, index, _ in
    Completing.offer(words, index) {
      try Completing.sides + $0.devices()
    }
  }

  /// A field of an article, a highlight or a note.
  static let field = list(
    Set(
      ReadingKind.allCases.flatMap { Schema.reading[$0.name]?.fields.map(\.name.text) ?? [] }
    ).sorted())
}
