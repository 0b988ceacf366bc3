package import GlossCore
package import GlossWire

/// What a hub keeps: libraries, who may use them, and their logs.
///
/// Secrets come here as digests only (SHA-256, 32 bytes). Times are milliseconds since the Unix epoch, and the caller's. The
/// rules of appending, of pages, of cursors and of enrolment are values beside this file that every store uses
/// (``LogState``, ``PageAssembly``, ``EnrolmentOffer``, ``KeyringHead``), so a store only fetches what they ask about and writes down what
/// they decide. One suite of tests runs over all stores.
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
  /// - Throws: `cursorUnknown` with nothing appended; `bundleGap`, `bundleFork` and `quotaExceeded` with the bundles in
  ///   front appended.
  func append(_ push: Push) async throws -> Page

  /// Returns the entries after the cursor that fit a page: at least one where there is one.
  ///
  /// - Throws: `cursorUnknown`.
  func page(
    of library: LibraryID, token: [UInt8], after cursor: Cursor?, byteLimit: Int
  ) async throws -> Page

  /// Returns what is held of each origin, and the end of the log.
  func vector(of library: LibraryID, token: [UInt8]) async throws -> HubVector

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

  /// Whether the store answers and what it holds is in order: what an operator asks after a fault of the disk.
  func check() async throws -> Bool

  /// Lets go of the store. Calls after that throw.
  func close() async throws
}
