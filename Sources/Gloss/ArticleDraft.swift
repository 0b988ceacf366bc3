/// What is known of an article that is about to be added.
public struct ArticleDraft: Sendable {
  /// An `http` or `https` address, by which machines that add the same article meet in one record.
  public var url: String?
  public var title: String?
  public var author: String?
  public var site: String?
  public var language: String?
  /// `2026-11-24`, `2026-11` or `2026`.
  public var published: String?
  public var text: String?
  public var tags: [String] = []

  public init() {}
}
