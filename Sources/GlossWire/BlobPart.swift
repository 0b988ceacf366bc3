/// Some of the bytes of a sealed blob, on their way to a hub or from it.
///
/// A part without bytes asks what is held; from a hub it says that there was no room for any.
public struct BlobPart: Equatable, Sendable {
  /// What the blob is called: 32 bytes.
  public var name: [UInt8]
  /// The SHA-256 of the whole sealed blob: 32 bytes. Empty where somebody asks about the name alone.
  public var digest: [UInt8]
  /// The number of bytes of the whole sealed blob.
  public var size: Int
  /// Where these bytes begin.
  public var offset: Int
  public var bytes: [UInt8]

  public init(name: [UInt8], digest: [UInt8], size: Int, offset: Int, bytes: [UInt8]) {
    self.name = name
    self.digest = digest
    self.size = size
    self.offset = offset
    self.bytes = bytes
  }

  /// The question whether a whole blob of this name is held.
  public init(asking name: [UInt8]) {
    self.init(name: name, digest: [], size: 0, offset: 0, bytes: [])
  }

  /// Where the bytes end.
  package var end: Int { offset + bytes.count }

  /// The number of bytes of a blob's name.
  package static let nameByteCount = 32
}

/// What a hub holds of a blob.
public struct BlobHolding: Equatable, Sendable {
  /// What the blob is called: 32 bytes.
  public var name: [UInt8]
  /// How many bytes are held, from the start: of the blob with the digest that was asked about, or of the whole one.
  public var held: Int
  /// Whether a whole blob of this name is held, be it with another digest.
  public var isComplete: Bool

  public init(name: [UInt8], held: Int, isComplete: Bool) {
    self.name = name
    self.held = held
    self.isComplete = isComplete
  }
}

/// A blob that somebody wants, from a byte on.
public struct BlobWant: Equatable, Sendable {
  /// What the blob is called: 32 bytes.
  public var name: [UInt8]
  /// How many bytes are there already.
  public var offset: Int

  public init(name: [UInt8], offset: Int = 0) {
    self.name = name
    self.offset = offset
  }
}
