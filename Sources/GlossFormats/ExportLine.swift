/// The words of `Protocol/export.md`.
enum ExportLine {
  static let version = 1

  static let header = "gloss-export"
  static let text = "text"
  static let leftOut = "left-out"
  static let change = "change"
  static let check = "check"
  static let end = "end"

  /// A check comes once there are as many changes since the last one, or as many bytes.
  static let batchChangeCount = 1_000
  static let batchByteCount = 1 << 20
}

extension JSONWriter {
  mutating func member(_ name: String, _ text: String) {
    self.name(name)
    self.text(text)
  }
}
