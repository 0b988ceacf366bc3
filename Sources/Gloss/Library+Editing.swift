public import GlossCore
public import GlossStore

extension Library {
  /// Adds an article.
  ///
  /// One with the address of an article that is there already adds to that one: what the draft says is written to it, and
  /// if it was deleted it is shown again. The address is kept in its one form (``URLIdentity``), so that two machines that
  /// add two spellings of it leave no conflict.
  ///
  /// - Returns: The record, and whether it is new.
  /// - Throws: ``LibraryError/notAURL(_:)``, ``LibraryError/notADate(_:)``, ``LibraryError/notATag(_:)``.
  @discardableResult
  public func add(_ draft: ArticleDraft) throws(LibraryError) -> (id: RecordID, isNew: Bool) {
    let id: RecordID
    var address: String?
    if let url = draft.url {
      address = URLIdentity.normalised(url)
      guard let known = URLIdentity.record(url) else { throw .notAURL(url) }
      id = known
    } else {
      id = randomRecord()
    }
    if let date = draft.published { try Self.checkDate(date) }
    let key = RecordKey(Article.kind.name, id)
    var values: [Name: Value] = [
      ReadingField.url: Value(address), ReadingField.title: Value(draft.title),
      ReadingField.author: Value(draft.author), ReadingField.site: Value(draft.site),
      ReadingField.language: Value(draft.language),
      ReadingField.published: Value(draft.published),
    ].filter { $0.value != .null }
    for tag in draft.tags { values[try Self.tagField(tag)] = .bool(true) }
    let now = clock()
    return try writing { edits in
      if let text = draft.text {
        values[ReadingField.text] = .blob(try edits.addBlob(Array(text.utf8)))
      }
      let existing = try edits.snapshot.record(key)
      if existing == nil {
        values[ReadingField.saved] = .integer(Int64(clamping: now))
        values[ReadingField.state] = .integer(ReadState.unread.rawValue)
      }
      try edits.add(key, values)
      return (id, existing == nil)
    }
  }

  /// Marks a quote of an article; see ``Anchor/init(of:in:occurrence:)`` for how it is found.
  @discardableResult
  public func highlight(
    _ quote: String, occurrence: Int? = nil, in articleID: RecordID, colour: String? = nil,
    note: String? = nil, tags: [String] = []
  ) throws(LibraryError) -> (highlight: RecordID, note: RecordID?) {
    guard let article = try article(articleID) else { throw .noSuchRecord("\(articleID)") }
    guard let text = try text(article) else {
      throw article.textID == nil ? .noText(articleID) : .textMissing(articleID)
    }
    if let note { try Self.checkNote(note) }
    let anchor = try Anchor(of: quote, in: text, occurrence: occurrence)
    let key = RecordKey(Highlight.kind.name, randomRecord())
    let noteKey = RecordKey(Note.kind.name, randomRecord())
    let now = Int64(clamping: clock())
    var values: [Name: Value] = [
      ReadingField.article: .record(articleID), ReadingField.anchor: .bytes(anchor.encoded),
      ReadingField.colour: Value(colour), ReadingField.saved: .integer(now),
    ]
    for tag in tags { values[try Self.tagField(tag)] = .bool(true) }
    return try writing { edits in
      try edits.add(key, values)
      guard let note else { return (key.id, nil) }
      try edits.add(
        noteKey,
        [
          ReadingField.article: .record(articleID), ReadingField.highlight: .record(key.id),
          ReadingField.body: .text(note), ReadingField.saved: .integer(now),
        ])
      return (key.id, noteKey.id)
    }
  }

  /// Adds a note about an article or, given a highlight, about that.
  @discardableResult
  public func addNote(
    _ body: String, to item: Item, tags: [String] = []
  ) throws(LibraryError) -> RecordID {
    try Self.checkNote(body)
    let about: (article: RecordID?, highlight: RecordID?) =
      switch item {
      case .article(let article): (article.id, nil)
      case .highlight(let highlight): (highlight.article, highlight.id)
      case .note(let note): (note.article, note.highlight)
      }
    let key = RecordKey(Note.kind.name, randomRecord())
    var values: [Name: Value] = [
      ReadingField.article: Value(about.article), ReadingField.highlight: Value(about.highlight),
      ReadingField.body: .text(body), ReadingField.saved: .integer(Int64(clamping: clock())),
    ]
    for tag in tags { values[try Self.tagField(tag)] = .bool(true) }
    try writing { try $0.add(key, values) }
    return key.id
  }

  /// Writes what was changed in a value that this library handed out.
  ///
  /// - Returns: Whether anything was.
  @discardableResult
  public func save(_ entry: some Entry) throws(LibraryError) -> Bool {
    try save([entry])[0]
  }

  /// Writes what was changed in values that this library handed out, all of it or nothing.
  ///
  /// - Parameter progress: Is told how many of them are done.
  /// - Returns: Of each whether anything was.
  @discardableResult
  public func save(
    _ entries: [any Entry], progress: WorkProgress? = nil
  ) throws(LibraryError) -> [Bool] {
    try edit(entries.map { ($0, $0.edits) }, progress)
  }

  /// Writes values to records as they were read.
  private func edit(
    _ edits: [(entry: any Entry, values: [Name: Value])], _ progress: WorkProgress?
  ) throws(LibraryError) -> [Bool] {
    for (_, values) in edits { try Self.check(values) }
    guard edits.contains(where: { !$0.values.isEmpty }) else { return edits.map { _ in false } }
    return try writing { writer in
      try edits.enumerated().map { done, edit in
        progress?(done, edits.count)
        let (entry, values) = edit
        return try !values.isEmpty && writer.edit(entry.key, values, basedOn: entry.basis)
      }
    }
  }

  /// Adds and removes tags.
  ///
  /// - Returns: Whether that changed anything.
  @discardableResult
  public func tag(
    _ item: Item, adding added: [String], removing removed: [String] = []
  ) throws(LibraryError) -> Bool {
    try tag([item], adding: added, removing: removed)[0]
  }

  /// Adds tags to records and removes tags from them, all of it or nothing.
  ///
  /// - Parameter progress: Is told how many of them are done.
  /// - Returns: Of each whether that changed anything.
  @discardableResult
  public func tag(
    _ items: [Item], adding added: [String], removing removed: [String] = [],
    progress: WorkProgress? = nil
  ) throws(LibraryError) -> [Bool] {
    let adding = try added.map(Self.tagField)
    let removing = try removed.map { tag throws(LibraryError) in (tag, try Self.tagField(tag)) }
    return try edit(
      items.map { item in
        let entry = item.entry
        var values: [Name: Value] = [:]
        for (tag, field) in removing where entry.tags.contains(where: tag.hasSameBytes) {
          values[field] = .bool(false)
        }
        for field in adding { values[field] = .bool(true) }
        return (entry, values)
      }, progress)
  }

  /// Deletes a record as it was read, and the ones that belong to it.
  ///
  /// - Returns: All that was deleted, the record itself first.
  @discardableResult
  public func delete(_ item: Item) throws(LibraryError) -> [RecordKey] {
    try delete([item])[0]
  }

  /// Deletes records as they were read, and the ones that belong to them: all of them or none.
  ///
  /// - Parameter progress: Is told how many of them are done.
  /// - Returns: Of each all that was deleted, the record itself first; nothing of one that went with an earlier one.
  @discardableResult
  public func delete(
    _ items: [Item], progress: WorkProgress? = nil
  ) throws(LibraryError) -> [[RecordKey]] {
    try eachOnce(items, progress) { try $0.delete($1.key, basedOn: $1.entry.basis) }
  }

  /// Shows a deleted record again, and those that were deleted with it.
  ///
  /// - Returns: All that is shown again; nothing where the record was not deleted.
  @discardableResult
  public func undelete(_ item: Item) throws(LibraryError) -> [RecordKey] {
    try undelete([item])[0]
  }

  /// Shows deleted records again, and those that were deleted with them: all of them or none.
  ///
  /// - Parameter progress: Is told how many of them are done.
  /// - Returns: Of each all that is shown again; nothing of one that was not deleted, or came with an earlier one.
  @discardableResult
  public func undelete(
    _ items: [Item], progress: WorkProgress? = nil
  ) throws(LibraryError) -> [[RecordKey]] {
    try eachOnce(items, progress) { try $0.undelete($1.key, basedOn: $1.entry.basis) }
  }

  /// Does to records what takes others along, to each once: a note of a highlight belongs to the article as well.
  private func eachOnce(
    _ items: [Item], _ progress: WorkProgress?,
    _ body: (inout Edits, Item) throws -> [RecordKey]
  ) throws(LibraryError) -> [[RecordKey]] {
    try writing { edits in
      var done: Set<RecordKey> = []
      return try items.enumerated().map { number, item in
        progress?(number, items.count)
        guard !done.contains(item.key) else { return [] }
        return try body(&edits, item).filter { done.insert($0).inserted }
      }
    }
  }

  /// Refuses texts that their fields cannot have.
  static func check(_ values: [Name: Value]) throws(LibraryError) {
    if case .text(let date)? = values[ReadingField.published] { try checkDate(date) }
    if case .text(let body)? = values[ReadingField.body] { try checkNote(body) }
    if case .text(let url)? = values[ReadingField.url], URLIdentity.normalised(url) == nil {
      throw .notAURL(url)
    }
  }

  private static func checkNote(_ body: String) throws(LibraryError) {
    guard !body.allSatisfy(\.isWhitespace) else { throw .emptyNote }
  }

  /// Tags are 1 to 150 bytes of text without control characters and without space at the ends.
  private static func tagField(_ tag: String) throws(LibraryError) -> Name {
    guard (1...150).contains(tag.utf8.count), tag.first?.isWhitespace == false,
      tag.last?.isWhitespace == false,
      !tag.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw .notATag(tag) }
    return ReadingField.tags.field(tag)
  }

  private static func checkDate(_ date: String) throws(LibraryError) {
    let parts = date.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
    }
    let days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard numbers.count == parts.count, (1...3).contains(parts.count), parts[0].utf8.count == 4,
      parts.dropFirst().allSatisfy({ $0.utf8.count == 2 }),
      numbers.count < 2 || (1...12).contains(numbers[1]),
      numbers.count < 3 || (1...days[numbers[1] - 1]).contains(numbers[2])
    else { throw .notADate(date) }
  }
}
