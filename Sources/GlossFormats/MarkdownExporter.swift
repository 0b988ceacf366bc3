internal import Glibc
public import Gloss
public import GlossCore
internal import GlossStore

/// Keeps a folder of Markdown files, one an article, beside what a person writes into them.
public struct MarkdownExporter {
  private let library: Library
  private let folder: String
  private let edited: Edited

  /// What is done where somebody edited what is the exporter's.
  public enum Edited: Sendable {
    /// The file is left alone.
    case refuse
    /// What was edited is replaced.
    case overwrite
  }

  /// What was done.
  public struct Report: Hashable, Sendable {
    public var newCount = 0
    public var changedCount = 0
    public var unchangedCount = 0
    /// The files that were left alone, and why.
    public var refused: [Refusal] = []
  }

  /// A file that was left alone.
  public struct Refusal: Hashable, Sendable {
    /// The file's name in the folder.
    public var name: String
    public var reason: Reason

    public enum Reason: Hashable, Sendable {
      /// A line that begins or ends the exporter's part is missing, altered, or there twice.
      case markersDamaged
      /// Somebody edited what is the exporter's.
      case edited
      /// The file's name is of one article and its content of another.
      case otherArticle
      /// The file is not UTF-8 text.
      case notText
      /// It is no plain file, or could not be read or written; the system's number for why.
      case unusable(code: Int32)
      /// Another file has the article's part, too.
      case double(other: String)
    }
  }

  /// - Parameter folder: A folder; it is made where it is not there.
  public init(_ library: Library, into folder: String, edited: Edited = .refuse) {
    self.library = library
    self.folder = folder
    self.edited = edited
  }

  /// Writes what is not as it should be, and nothing else. Articles that are deleted are marked so where they have a file.
  ///
  /// - Parameters:
  ///   - articles: The articles, `nil` for all of the library. The files of others are left as they are, whatever these are like.
  ///   - progress: Is told of the number of articles.
  /// - Throws: `ExchangeError.file` where the folder cannot be used, or `LibraryError`.
  public func write(
    _ articles: [RecordID]? = nil, progress: (ExportProgress) -> Void = { _ in }
  ) throws -> Report {
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
      throw ExchangeError.file(path: folder, code: errno)
    }
    var report = Report()
    let ids = try articles ?? allArticles()
    let files = try self.files(of: Set(ids), &report)
    let refused = Set(report.refused.map(\.name))
    for (number, id) in ids.enumerated() {
      defer {
        progress(ExportProgress(doneCount: UInt64(number + 1), totalCount: UInt64(ids.count)))
      }
      guard let article = try library.article(id) else { continue }
      let name = files[id]
      guard name != nil || !article.isDeleted else { continue }
      if let name, refused.contains(name) { continue }
      let page = try self.page(article)
      do throws(FileProblem) {
        if let name {
          let isChanged = try update(name, page)
          report.changedCount += isChanged ? 1 : 0
          report.unchangedCount += isChanged ? 0 : 1
        } else {
          try put(Array(MarkdownFile.new(page).utf8), Self.name(of: article), mode: nil)
          report.newCount += 1
        }
      } catch {
        report.refused.append(Refusal(name: name ?? Self.name(of: article), reason: error.reason))
      }
    }
    report.refused.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return report
  }

  /// The name of an article's new file: words of its title, and its identifier, which alone makes it one of its own.
  ///
  /// Nothing of the title but letters and digits gets into it, at most 60 bytes, so it is no path, does not begin with a dot,
  /// and differs from all others where case does not count, too. It stays when the title changes.
  static func name(of article: Article) -> String {
    var slug = ""
    for scalar in (article.title ?? "").lowercased().unicodeScalars {
      let isKept = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      if !isKept {
        if !slug.isEmpty, slug.last != "-" { slug += "-" }
        continue
      }
      guard slug.utf8.count + UTF8.width(scalar) <= 60 else { break }
      slug.unicodeScalars.append(scalar)
    }
    while slug.hasSuffix("-") { slug.removeLast() }
    return (slug.isEmpty ? "" : slug + "-") + "\(article.id).md"
  }

  private func allArticles() throws -> [RecordID] {
    try library.replica.read { snapshot in
      try snapshot.keys(
        hexPrefix: "", kinds: [Article.kind.name], limit: .max, includesHidden: true
      ).map(\.id)
    }
  }

  private func page(_ article: Article) throws -> MarkdownPage {
    guard !article.isDeleted else { return MarkdownPage(article, highlights: [], notes: []) }
    let highlights = try library.highlights(of: article.id).map { highlight in
      (highlight, try library.notes(ofHighlight: highlight.id))
    }
    // A note of a highlight is listed with the article, too; one of a highlight that is gone is not lost.
    let shown = Set(highlights.flatMap { $0.1.map(\.id) })
    let notes = try library.notes(of: article.id).filter { !shown.contains($0.id) }
    return MarkdownPage(article, highlights: highlights.map { ($0, $1) }, notes: notes)
  }

  // MARK: Files

  private struct FileProblem: Error {
    let reason: Refusal.Reason
  }

  /// Finds the articles' files: by their names, or where somebody gave them others by what is in them.
  private func files(
    of articles: Set<RecordID>, _ report: inout Report
  ) throws -> [RecordID: String] {
    var files: [RecordID: String] = [:]
    for name in try names() {
      var article = Self.article(inName: name)
      if article == nil, let content = try? read(name).content {
        article = MarkdownFile.article(in: content)
      }
      guard let article, articles.contains(article) else { continue }
      if let other = files[article] {
        report.refused.append(Refusal(name: name, reason: .double(other: other)))
        report.refused.append(Refusal(name: other, reason: .double(other: name)))
      } else {
        files[article] = name
      }
    }
    return files
  }

  private static func article(inName name: String) -> RecordID? {
    let stem = name.dropLast(3)
    guard stem.utf8.count == 32 || stem.dropLast(32).last == "-" else { return nil }
    return RecordID(hex: String(stem.suffix(32)))
  }

  private func names() throws -> [String] {
    guard let directory = opendir(folder) else {
      throw ExchangeError.file(path: folder, code: errno)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let name, name.lowercased().hasSuffix(".md"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func read(_ name: String) throws(FileProblem) -> (content: [UInt8], mode: mode_t) {
    let descriptor = open(folder + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileProblem(reason: .unusable(code: errno)) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size < 1 << 26
    else {
      throw FileProblem(reason: .unusable(code: EINVAL))
    }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return (content, info.st_mode & 0o7777) }
      guard count > 0 || errno == EINTR else { throw FileProblem(reason: .unusable(code: errno)) }
      content += buffer[..<max(0, count)]
    }
  }

  /// Brings a file up to date, and returns whether it was not.
  private func update(_ name: String, _ page: MarkdownPage) throws(FileProblem) -> Bool {
    let (content, mode) = try read(name)
    let updated: [UInt8]
    do {
      updated = try MarkdownFile.updated(
        content, with: page, edited: edited == .refuse ? .refuse : .overwrite)
    } catch {
      let reason: Refusal.Reason =
        switch error {
        case .markersDamaged: .markersDamaged
        case .edited: .edited
        case .otherArticle: .otherArticle
        case .notText: .notText
        }
      throw FileProblem(reason: reason)
    }
    guard updated != content else { return false }
    try put(updated, name, mode: mode)
    return true
  }

  private func put(_ content: [UInt8], _ name: String, mode: mode_t?) throws(FileProblem) {
    do throws(ExchangeError) {
      let file = try AtomicFile(
        folder + "/" + name, existing: mode == nil ? .refuse : .replace)
      try file.setMode(mode ?? 0o666 & ~Self.mask)
      try file.write(content)
      try file.finish()
    } catch {
      switch error {
      case .file(_, let code): throw FileProblem(reason: .unusable(code: code))
      default: throw FileProblem(reason: .unusable(code: EEXIST))
      }
    }
  }

  /// The permissions that new files do not get. There is no way to read it but to set it.
  private static let mask: mode_t = {
    let mask = umask(0o077)
    umask(mask)
    return mask
  }()
}
