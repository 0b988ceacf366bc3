internal import Gloss
internal import GlossStore
internal import GlossSync

extension Library {
  /// Fetches the text of an article that was left on the hub, if it was.
  func fetchTextIfMissing(_ article: Article) async throws {
    guard try isTextMissing(article) else { return }
    let outcome: LargeValueOutcome
    do {
      let transport = try transport()
      outcome = try await transport.closing {
        try unlockIfLocked()
        return try await fetchText(article, over: transport, sleep: Surroundings.sleep)
      }
    } catch {
      throw Failure(error).map(Failure.textMissing(because:)) ?? error
    }
    switch outcome {
    case .held: return
    case .missing: throw Failure.textNotSent
    case .refused: throw Failure.textMissing(because: .alteredTexts(1))
    }
  }
}
