internal import Gloss
internal import GlossCore
internal import GlossStore
internal import GlossSync

extension Library {
  /// Fetches the text of an article that was left on the hub, if it was.
  func fetchTextIfMissing(_ article: Article) async throws {
    guard try isTextMissing(article), let id = article.textID else { return }
    switch try await fetch([id], called: "the article's text is").first {
    case nil, .held?: return
    case .missing?: throw Failure.textNotSent
    case .refused?:
      throw Failure.textMissing("the article's text is", because: .alteredTexts(1))
    }
  }

  /// Fetches texts that were left on the hub, and returns what came of each.
  ///
  /// - Parameter what: What is not here, as in `the article's text is`.
  func fetch(_ ids: [BlobID], called what: String) async throws -> [LargeValueOutcome] {
    do {
      let transport = try transport()
      return try await transport.closing {
        try unlockIfLocked()
        var outcomes: [LargeValueOutcome] = []
        for id in ids {
          outcomes.append(
            try await fetchText(id, over: transport, sleep: Surroundings.sleep))
        }
        return outcomes
      }
    } catch {
      throw Failure(error).map { Failure.textMissing(what, because: $0) } ?? error
    }
  }
}
