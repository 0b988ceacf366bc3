public import GlossSeal

/// Reads a backup, whether it is sealed or not, as bytes that come one piece after another.
public struct BackupReader {
  private let source: () throws -> [UInt8]
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  /// - Parameter source: Returns the next bytes of the file, none at its end.
  public init(source: @escaping () throws -> [UInt8]) {
    self.source = source
  }

  /// Reads what the file begins with: the header of a sealed backup, `nil` of one that is not sealed.
  ///
  /// - Throws: `BackupError.notABackup`, `.newerVersion`, `.truncated`, or what the source throws.
  public mutating func header() throws -> BackupHeader? {
    try fill(BackupHeader.greatestByteCount)
    if buffer.starts(with: Array("SQLite format 3\0".utf8)) { return nil }
    let header = try BackupHeader(beginningOf: buffer)
    buffer.removeFirst(header.bytes.count)
    return header
  }

  /// Whether what is behind the header was sealed with this. Nothing is read that ``open(_:_:)`` does not read again.
  ///
  /// - Throws: `BackupError.truncated`, or what the source throws.
  public mutating func isSealed(with seal: BackupSeal) throws -> Bool {
    let commitment = try commitment()
    return (try? seal.check(commitment)) != nil
  }

  /// Opens what is behind the header, piece by piece.
  ///
  /// - Throws: `BackupError.wrongKey` before anything is opened; `.truncated` or `.altered`; what the closures throw.
  public mutating func open(_ seal: BackupSeal, _ sink: ([UInt8]) throws -> Void) throws {
    var seal = seal
    try seal.check(try commitment())
    buffer.removeFirst(BackupSeal.commitmentByteCount)
    while true {
      // One byte more tells whether the chunk is the last.
      try fill(BackupSeal.sealedChunkByteCount + 1)
      guard buffer.count > BackupSeal.sealedChunkByteCount else { break }
      let sealed = buffer.prefix(BackupSeal.sealedChunkByteCount)
      try sink(try opened(sealed, &seal, .within))
      buffer.removeFirst(BackupSeal.sealedChunkByteCount)
    }
    try sink(try opened(buffer[...], &seal, .last))
    buffer = []
  }

  /// Copies a backup that is not sealed.
  public mutating func copy(_ sink: ([UInt8]) throws -> Void) throws {
    while !buffer.isEmpty || !isAtEnd {
      if !buffer.isEmpty { try sink(buffer) }
      buffer = try source()
      isAtEnd = buffer.isEmpty
    }
  }

  /// What a sealed backup has behind its header.
  private mutating func commitment() throws -> [UInt8] {
    try fill(BackupSeal.commitmentByteCount)
    guard buffer.count >= BackupSeal.commitmentByteCount else { throw BackupError.truncated }
    return Array(buffer.prefix(BackupSeal.commitmentByteCount))
  }

  /// A chunk that opens in the other place means that the file was cut between two chunks.
  private func opened(
    _ sealed: ArraySlice<UInt8>, _ seal: inout BackupSeal, _ place: BackupSeal.Place
  ) throws -> [UInt8] {
    do {
      return try seal.open(sealed, place)
    } catch {
      var other = seal
      let isWithin = place == .last && (try? other.open(sealed, .within)) != nil
      throw isWithin || sealed.isEmpty ? BackupError.truncated : error
    }
  }

  private mutating func fill(_ count: Int) throws {
    while buffer.count < count, !isAtEnd {
      let more = try source()
      isAtEnd = more.isEmpty
      buffer += more
    }
  }
}
