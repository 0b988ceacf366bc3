package import GlossCore

extension Sequence {
  /// Returns the elements in their order, in as few parts as they need of which each fits into one change.
  ///
  /// - Parameter value: The value that an element writes.
  package func changeParts(_ value: (Element) -> Value) -> [[Element]] {
    var parts: [[Element]] = []
    var byteCount = 0
    for element in self {
      let size = value(element).byteCount
      if let last = parts.last, last.count < Limits.writes,
        byteCount + size <= Limits.changeByteCount
      {
        parts[parts.count - 1].append(element)
        byteCount += size
      } else {
        parts.append([element])
        byteCount = size
      }
    }
    return parts
  }
}
