internal import GlossCore
internal import GlossCrypto

/// Where in an article's text a highlight is.
///
/// All of it is one value of one field, for its parts make sense only together: two machines that move the same
/// highlight leave a conflict between two places, never a place that neither chose. Offsets count code points, which a
/// program in any language can do.
public struct Anchor: Hashable, Sendable {
  /// The marked words, exactly as the text has them.
  public let quote: String
  /// Up to ``contextCount`` code points before the quote.
  public let prefix: String
  /// Up to ``contextCount`` code points after it.
  public let suffix: String
  /// Where the quote begins in the text, in code points.
  public let start: Int
  /// Where it ends: the code point after its last.
  public let end: Int
  /// The SHA-256 of the text's UTF-8 bytes: 32 bytes.
  public let textDigest: [UInt8]

  /// How many code points of prefix and suffix an anchor carries.
  public static let contextCount = 32
}

extension Anchor {
  // The encoding, as the field `anchor` holds it: one byte 1, the version; then quote, prefix and suffix, each as its
  // number of UTF-8 bytes (LEB128) and the bytes; start and end - start (LEB128); and the 32 bytes of the digest.

  private static let version: UInt8 = 1

  /// The anchor as the bytes of its field.
  public var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.writeByte(Self.version)
    for part in [quote, prefix, suffix] { writer.writeCounted(Array(part.utf8)) }
    writer.writeVarint(UInt64(start))
    writer.writeVarint(UInt64(end - start))
    writer.write(textDigest)
    return writer.bytes
  }

  /// Reads the bytes of a field, or returns `nil` where a newer version wrote them or they are no anchor.
  public init?(encoded bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do {
      guard try reader.readByte() == Self.version,
        let quote = String(validating: try reader.readCounted(), as: UTF8.self),
        let prefix = String(validating: try reader.readCounted(), as: UTF8.self),
        let suffix = String(validating: try reader.readCounted(), as: UTF8.self),
        let start = Int(exactly: try reader.readVarint()),
        let count = Int(exactly: try reader.readVarint()), count <= Int.max - start
      else { return nil }
      let digest = try reader.read(sha256ByteCount)
      guard reader.isAtEnd else { return nil }
      self.init(
        quote: quote, prefix: prefix, suffix: suffix, start: start, end: start + count,
        textDigest: Array(digest))
    } catch {
      return nil
    }
  }
}

extension Anchor {
  /// Finds the one place of `quote` in `text`.
  ///
  /// Code points are compared as they are; where that finds nothing, any run of white space equals any other, so that a
  /// quote copied from a page that was laid out in other lines is found too.
  ///
  /// - Parameter occurrence: Which of several places is meant, from 1; `nil` where there has to be exactly one.
  /// - Throws: ``LibraryError/emptyQuote``, ``LibraryError/quoteNotFound(_:)``,
  ///   ``LibraryError/quoteAmbiguous(_:)``, ``LibraryError/noSuchOccurrence(_:count:)``.
  /// - Complexity: O(*n* · *m*) at worst in the sizes of text and quote, O(*n*) for prose.
  public init(
    of quote: String, in text: String, occurrence: Int? = nil
  ) throws(LibraryError) {
    let scalars = Array(text.unicodeScalars)
    let places = try Self.places(of: quote, in: scalars)
    let place: Range<Int>
    if let occurrence {
      guard places.indices.contains(occurrence - 1) else {
        throw .noSuchOccurrence(occurrence, count: places.count)
      }
      place = places[occurrence - 1]
    } else {
      guard places.count == 1 else {
        throw .quoteAmbiguous(places.map { QuotePlace($0, in: scalars) })
      }
      place = places[0]
    }
    let before = max(0, place.lowerBound - Self.contextCount)
    let after = min(scalars.count, place.upperBound + Self.contextCount)
    self.init(
      quote: String(scalars[place]), prefix: String(scalars[before..<place.lowerBound]),
      suffix: String(scalars[place.upperBound..<after]), start: place.lowerBound,
      end: place.upperBound, textDigest: sha256(Array(text.utf8)))
  }

  /// Returns every place of the quote, in order; there is at least one.
  private static func places(
    of quote: String, in text: [Unicode.Scalar]
  ) throws(LibraryError) -> [Range<Int>] {
    let wanted = Collapsed(Array(quote.unicodeScalars)).trimmed
    guard !wanted.isEmpty else { throw .emptyQuote }
    let exact = Array(quote.unicodeScalars)
    let found = matches(of: exact, in: text)
    if !found.isEmpty { return found.map { $0..<$0 + exact.count } }
    let collapsed = Collapsed(text)
    let places = matches(of: wanted, in: collapsed.scalars).map { index in
      collapsed.offsets[index]..<collapsed.offsets[index + wanted.count - 1] + 1
    }
    guard !places.isEmpty else { throw .quoteNotFound(quote) }
    return places
  }

  static func matches(of wanted: [Unicode.Scalar], in text: [Unicode.Scalar]) -> [Int] {
    guard let first = wanted.first, wanted.count <= text.count else { return [] }
    return text.withUnsafeBufferPointer { text in
      wanted.withUnsafeBufferPointer { wanted in
        var found: [Int] = []
        var place = 0
        while place <= text.count - wanted.count {
          if text[place] == first {
            var length = 1
            while length < wanted.count, text[place + length] == wanted[length] { length += 1 }
            if length == wanted.count { found.append(place) }
          }
          place += 1
        }
        return found
      }
    }
  }
}

/// A text with each run of white space as one space, and where its code points come from.
private struct Collapsed {
  private(set) var scalars: [Unicode.Scalar] = []
  private(set) var offsets: [Int] = []

  init(_ text: [Unicode.Scalar]) {
    scalars.reserveCapacity(text.count)
    offsets.reserveCapacity(text.count)
    var isInSpace = false
    for (offset, scalar) in text.enumerated() {
      let isSpace = scalar.properties.isWhitespace
      if !isSpace || !isInSpace {
        scalars.append(isSpace ? " " : scalar)
        offsets.append(offset)
      }
      isInSpace = isSpace
    }
  }

  /// The code points without a space at either end.
  var trimmed: [Unicode.Scalar] {
    var rest = scalars[...]
    if rest.first == " " { rest.removeFirst() }
    if rest.last == " " { rest.removeLast() }
    return Array(rest)
  }
}

extension String {
  init(_ scalars: some Sequence<Unicode.Scalar>) {
    var view = UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }
}
