import Gloss
import GlossCommandTesting
import GlossCore
import GlossStore
import GlossTesting
import Testing

/// A machine whose library has conflicts, made by edits of which none saw the other, as two machines make them.
///
/// The library is open only while it is written to or read here: the command would share its file with this process otherwise.
final class ConflictedMachine {
  let machine: Machine
  private let time = Locked<UInt64>(1_800_000_000_000)
  private let seed = Locked<UInt64>(1)

  init() throws { machine = try Machine.ready() }

  private func library<T>(_ body: (Library) throws -> T) throws -> T {
    let (time, seed) = (time, seed)
    let library = try Library.open(
      at: machine.libraryPath,
      clock: {
        time.withLock {
          $0 += 60_000
          return $0
        }
      },
      randomness: {
        seed.withLock {
          $0 += 1
          return SeededGenerator(seed: $0)
        }
      })
    let result = try body(library)
    try library.close()
    return result
  }

  /// Adds an article, and returns its name.
  func article(
    _ title: String?, author: String? = nil, text: String? = nil, url: String? = nil
  ) throws -> String {
    var draft = ArticleDraft()
    draft.title = title
    draft.author = author
    draft.text = text
    draft.url = url
    return "\(try library { try $0.add(draft).id })"
  }

  /// Adds a note with several bodies, each written by somebody who saw `base`.
  func note(_ base: String, _ bodies: String..., on article: String? = nil) throws -> String {
    let owner = try article ?? self.article("Owner")
    return try library { library in
      let id = try library.addNote(base, to: try library.item(hexPrefix: owner))
      let seen = try #require(try library.note(id))
      for body in bodies {
        var note = seen
        note.body = body
        try library.save(note)
      }
      return "\(id)"
    }
  }

  /// Writes several values into a field of a record, each as somebody who saw the record as it is now.
  func write(_ values: [Value], into field: Name, of name: String) throws {
    try library { library in
      let item = try library.item(hexPrefix: name)
      for (minute, value) in values.enumerated() {
        _ = try library.replica.write(at: 1_900_000_000_000 + UInt64(minute) * 60_000) {
          try $0.edit(item.key, [field: value], basedOn: item.entry.basis)
        }
      }
    }
  }

  /// Writes several texts as that of an article.
  func write(texts: [String], of name: String) throws {
    try library { library in
      let item = try library.item(hexPrefix: name)
      for text in texts {
        try library.replica.write(at: 1_900_000_000_000) { edits in
          let blob = try edits.addBlob(Array(text.utf8))
          try edits.edit(item.key, [ReadingField.text: .blob(blob)], basedOn: item.entry.basis)
        }
      }
    }
  }

  /// Gives an article another title and an author, and deletes it as somebody who did not see that.
  func editAndDelete(_ name: String, title: String, author: String? = nil) throws {
    let seen = try item(name)
    try write([.text(title)], into: ReadingField.title, of: name)
    if let author { try write([.text(author)], into: ReadingField.author, of: name) }
    _ = try library { try $0.delete(seen) }
  }

  /// Marks a place in an article's text, and moves the mark to each of the others at once.
  func movedHighlight(_ quotes: [String], in text: String) throws -> String {
    let article = try item(try article("Text", text: text))
    let id = try library { try $0.highlight(quotes[0], in: article.key.id).highlight }
    let anchors = try quotes.dropFirst().map {
      Value.bytes(try Anchor(of: $0, in: text).encoded)
    }
    try write(anchors, into: ReadingField.anchor, of: "\(id)")
    return "\(id)"
  }

  /// Deletes a record and adds a note to it as somebody who did not see that.
  func orphan(of name: String, _ body: String) throws -> String {
    let owner = try item(name)
    return try library {
      try $0.delete(owner)
      return "\(try $0.addNote(body, to: owner))"
    }
  }

  /// The fields that are in conflict.
  var conflicts: [String] {
    get throws { try library { try $0.conflicts().map { $0.conflict.field.text } } }
  }

  func body(_ note: String) throws -> String? {
    guard case .note(let note) = try item(note) else { return nil }
    return note.body
  }

  func item(_ name: String) throws -> Item { try library { try $0.item(hexPrefix: name) } }

  func text(_ article: String) throws -> String? {
    guard case .article(let article) = try item(article) else { return nil }
    return try library { try $0.text(article) }
  }

  /// A command that writes `text` to the file that is its last argument, for a variable such as `EDITOR`.
  func writer(_ text: String) throws -> String {
    let content = try machine.file("written-\(text.utf8.count)", text)
    let path = try machine.file(
      "writer-\(text.utf8.count).sh", "for last; do :; done\ncp \(content) \"$last\"\n")
    return "/bin/sh \(path)"
  }
}
