package import GlossCore
package import GlossWire

/// What a hub keeps: libraries, who may use them, and their logs.
///
/// Secrets come here as digests only (SHA-256, 32 bytes). Times are milliseconds since the Unix epoch, and the caller's. The
/// rules of appending, of pages, of cursors, of snapshots, of blobs and of enrolment are values beside this file that every
/// store uses (``LogState``, ``PageAssembly``, ``LogStart``, ``SnapshotShelf``, ``BlobState``, ``KeyringHead``,
/// ``EnrolmentOffer``), so a store only fetches what they ask about and writes down what they decide. One suite of tests runs
/// over all stores.
///
/// Every function but ``check()`` and ``close()`` may throw a `Problem`, which is the answer to the client. Any other error
/// is the store's own trouble, after which nothing of the call is kept. What a function has returned from is durable.
///
/// A call that needs a token throws `unauthorised` alike where there is no such library and where it has no such token, and
/// before any other problem.
package protocol HubStorage: Sendable {
  /// Where the store announces what was appended, by this process or by others.
  var appends: Appends { get }

  /// Creates a library with its first token; a repeat with any of its tokens changes nothing.
  ///
  /// - Parameter log: The name of its log, 16 bytes.
  /// - Throws: `libraryExists` where it has other tokens; `registrationClosed` where `admission` does not let it be created,
  ///   which goes first if that is ``Admission/closed``.
  func createLibrary(
    _ library: LibraryID, token: [UInt8], log: [UInt8], admission: Admission, now: Int64)
    async throws

  /// Returns where the token is one of the library.
  func authorise(_ token: [UInt8], for library: LibraryID) async throws

  /// Lets the secret with this digest enrol one device, from now on; a repeat begins the time anew.
  ///
  /// - Parameter expiry: Offers from this time or before that nobody took up are forgotten.
  func offerEnrolment(
    _ library: LibraryID, secret: [UInt8], token: [UInt8], now: Int64, expiry: Int64) async throws

  /// Enrols the device with this token's digest for an offered secret; a repeat with the same token changes nothing.
  ///
  /// - Throws: `enrolmentRefused` as ``EnrolmentOffer`` says.
  func enrol(
    _ library: LibraryID, token: [UInt8], secret: [UInt8], now: Int64, expiry: Int64) async throws

  /// Appends the bundles, in order, up to the first that cannot follow.
  ///
  /// - Returns: The page after the push's cursor of the log that it leaves, with nothing that others append later. The cursor
  ///   passes the push's own bundles, and nothing else about the page counts them.
  /// - Throws: `cursorUnknown` and `compacted` with nothing appended; `bundleGap`, `bundleFork` and `quotaExceeded` with the
  ///   bundles in front appended.
  func append(_ push: Push) async throws -> Page

  /// Returns the entries after the cursor that fit a page: at least one where there is one.
  ///
  /// - Throws: `cursorUnknown` and `compacted`.
  func page(
    of library: LibraryID, token: [UInt8], after cursor: Cursor?, byteLimit: Int
  ) async throws -> Page

  /// Returns what is held of each origin and the end of the log, or what was held when the log had so many entries.
  ///
  /// What was held then is what ``PastVector`` says.
  ///
  /// - Throws: `cursorUnknown` and `compacted` where the log has no such place, or none any more.
  func vector(of library: LibraryID, at index: UInt64?, token: [UInt8]) async throws -> HubVector

  /// Keeps pieces of blobs, in order, as ``BlobState`` says, and returns what is held of each part's blob then.
  ///
  /// - Parameters:
  ///   - expiry: What came of blobs that are not whole and was not added to since this time is forgotten.
  ///   - byteLimit: How many bytes the library may have, or `nil` for any number.
  /// - Throws: `quotaExceeded` with the parts in front kept, and `malformed` with those in front kept and what came of this
  ///   part's blob removed.
  func keep(
    _ parts: [BlobPart], of library: LibraryID, token: [UInt8], now: Int64, expiry: Int64,
    byteLimit: Int?
  ) async throws -> [BlobHolding]

  /// Returns what is held as a whole of the wanted blobs, of each as many bytes as ``BlobPage`` has room for.
  func blobs(
    _ wants: [BlobWant], of library: LibraryID, token: [UInt8], byteLimit: Int
  ) async throws -> [BlobPart]

  /// Returns the devices that may use a library, in the order of their tokens' digests.
  func devices(of library: LibraryID, token: [UInt8]) async throws -> [HubDevice]

  /// Takes a device's token from it; one that is no device's changes nothing.
  func revoke(_ device: [UInt8], of library: LibraryID, token: [UInt8]) async throws

  /// Keeps the card of the device with the token.
  func putCard(_ card: [UInt8], of library: LibraryID, token: [UInt8]) async throws

  /// Puts an entry behind the library's keyring, as ``KeyringHead`` says, and announces that; a repeat changes nothing.
  ///
  /// - Throws: `keyringConflict`.
  func putEntry(_ entry: [UInt8], epoch: UInt32, of library: LibraryID, token: [UInt8]) async throws

  /// Returns the entries of the keyring after an epoch that fit a reply: at least one where there is one.
  func keyring(
    of library: LibraryID, after epoch: UInt32, byteLimit: Int, token: [UInt8]
  ) async throws -> HubKeyring

  /// Writes down when devices were seen. Those that are gone are passed over.
  func record(_ sightings: [Sighting]) async throws

  /// Keeps a piece of a snapshot; a repeat replaces it, and where the snapshot is complete nothing changes.
  ///
  /// - Parameter byteLimit: How many bytes the library may have, or `nil` for any number.
  /// - Throws: `quotaExceeded`.
  func keep(_ piece: PushedPiece, token: [UInt8], byteLimit: Int?, now: Int64) async throws

  /// Lets go of the snapshot that a piece is of, unless it is complete.
  func abandonSnapshot(of piece: PushedPiece) async throws

  /// Makes a snapshot whose pieces are here the newest.
  ///
  /// - Throws: `cursorUnknown` and `compacted` where its cursor is no place in the log, `snapshotRefused` as
  ///   ``SnapshotShelf`` says.
  func complete(
    _ snapshot: SnapshotDescription, of library: LibraryID, token: [UInt8], now: Int64) async throws

  /// Returns what the newest snapshot is.
  ///
  /// - Throws: `noSnapshot`.
  func newestSnapshot(of library: LibraryID, token: [UInt8]) async throws -> SnapshotDescription

  /// Returns a piece of a snapshot that is complete.
  ///
  /// - Throws: `noSnapshot` where it is not here.
  func piece(
    _ index: UInt32, of snapshot: SnapshotID, in library: LibraryID, token: [UInt8]
  ) async throws -> [UInt8]

  /// Lets go of snapshots and of entries of the log that nobody needs any more, as ``SnapshotShelf`` says: of so many entries
  /// at most, so that nobody waits for long.
  ///
  /// - Parameter retention: How long the log is kept after a snapshot was made of it, in milliseconds; `nil` for ever.
  /// - Returns: Whether there is more to let go of.
  func tidy(
    _ library: LibraryID, retention: Int64?, entryLimit: Int, now: Int64
  ) async throws -> Bool

  /// Whether the store answers and what it holds is in order: what an operator asks after a fault of the disk.
  func check() async throws -> Bool

  /// Lets go of the store. Calls after that throw.
  func close() async throws
}
