internal import GlossCore
internal import GlossCrypto
internal import GlossWire

/// What an upload has to know of a library's blobs, and what it adds.
///
/// A blob comes in parts, and counts once all of it is here and has the digest that its parts said. Parts of one name with
/// different digests are different uploads that do not disturb one another: two devices seal the same content differently.
/// The first that is whole is the blob, and never changes again.
///
/// A store that has the library locked fetches what is held of the parts' names (``hold(blob:byteCount:)`` and
/// ``hold(_:size:held:)``), offers one part after another, and writes what each comes to. Where a part is the last of its blob
/// the store puts the blob together and asks ``complete(_:body:)``.
struct BlobState: Sendable {
  /// The bytes of one blob, as some device sealed it.
  struct Upload: Hashable, Sendable {
    let name: [UInt8]
    let digest: [UInt8]
  }

  /// What a part comes to.
  enum Effect: Equatable, Sendable {
    /// Nothing is to be written.
    case none
    /// These bytes go behind the `start` that are held.
    case piece(start: Int, bytes: [UInt8])
    /// The same, and then the blob is here as a whole.
    case last(start: Int, bytes: [UInt8])
  }

  /// The bytes that the library has: of its bundles, its blobs, and what of blobs is here so far.
  private(set) var byteCount: Int

  private let library: LibraryID
  private let byteLimit: Int?
  private var blobs: [[UInt8]: Int] = [:]
  private var uploads: [Upload: (size: Int, held: Int)] = [:]

  /// - Parameter byteLimit: How many bytes the library may have, or `nil` for any number.
  init(of library: LibraryID, byteCount: Int, byteLimit: Int?) {
    self.library = library
    self.byteCount = byteCount
    self.byteLimit = byteLimit
  }

  /// Takes in that a whole blob is held.
  mutating func hold(blob name: [UInt8], byteCount: Int) {
    blobs[name] = byteCount
  }

  /// Takes in how much is held of a blob that is not whole.
  mutating func hold(_ upload: Upload, size: Int, held: Int) {
    uploads[upload] = (size, held)
  }

  /// Takes in that uploads of so many bytes, of which no more came, were removed.
  mutating func forget(byteCount: Int) {
    self.byteCount -= byteCount
  }

  /// Decides about a part.
  ///
  /// - Throws: `quotaExceeded`; nothing is to be written then.
  mutating func offer(_ part: BlobPart) throws(Problem) -> Effect {
    let upload = Upload(part)
    let held = uploads[upload]?.held ?? 0
    guard blobs[part.name] == nil, part.offset <= held, part.end > held,
      uploads[upload].map({ $0.size == part.size }) ?? true
    else { return .none }
    let bytes = Array(part.bytes.dropFirst(held - part.offset))
    if let byteLimit, byteCount + bytes.count > byteLimit { throw .quotaExceeded(byteLimit) }
    byteCount += bytes.count
    uploads[upload] = (part.size, part.end)
    return part.end == part.size
      ? .last(start: held, bytes: bytes) : .piece(start: held, bytes: bytes)
  }

  /// Decides whether what has come of a part's blob is the blob; either way its uploads are to be removed: all of its name
  /// where it is, the part's own where it is not.
  ///
  /// - Returns: Why it is not.
  mutating func complete(_ part: BlobPart, body: [UInt8]) -> Problem? {
    let header = try? BlobHeader(of: body)
    guard sha256(body) == part.digest, header?.library == library, header?.name == part.name else {
      byteCount -= uploads.removeValue(forKey: Upload(part))?.held ?? 0
      return .alteredBlob
    }
    for (upload, extent) in uploads where upload.name == part.name {
      byteCount -= extent.held
      uploads[upload] = nil
    }
    byteCount += body.count
    blobs[part.name] = body.count
    return nil
  }

  /// Says what is held of a part's blob.
  func holding(of part: BlobPart) -> BlobHolding {
    let blob = blobs[part.name]
    return BlobHolding(
      name: part.name, held: blob ?? uploads[Upload(part)]?.held ?? 0, isComplete: blob != nil)
  }
}

extension BlobState.Upload {
  init(_ part: BlobPart) {
    self.init(name: part.name, digest: part.digest)
  }
}

extension Problem {
  fileprivate static let alteredBlob = Problem(
    .malformed, status: 400,
    detail: "what came of a blob is not what its digest, its name and this library say")
}
