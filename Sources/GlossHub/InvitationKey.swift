internal import Foundation

/// The file that makes invitations good: 32 random bytes, readable by its owner only.
///
/// It is read anew for each invitation, so removing it ends all that are out, without a restart.
package struct InvitationKey: Sendable {
  /// Why there is no key. The text is the system's.
  package struct Failure: Error, Equatable, Sendable {
    package let path: String
    package let reason: String
  }

  private static let byteCount = 32
  private let path: String

  /// - Parameter directory: The hub's data directory.
  package init(directory: String) {
    path = directory + "/invitation.key"
  }

  /// Returns the key, or `nil` where nobody was invited yet.
  package func read() throws(Failure) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw failure()
    }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Self.byteCount + 1)
    let count = Foundation.read(file, &bytes, bytes.count)
    guard count >= 0 else { throw failure() }
    guard count == Self.byteCount else {
      throw Failure(path: path, reason: "it has not \(Self.byteCount) bytes")
    }
    return Array(bytes[..<count])
  }

  /// Returns the key, which is made where there is none. Of several programs that make one, the first has made it.
  package func readOrMake(
    using generator: inout some RandomNumberGenerator
  ) throws(Failure) -> [UInt8] {
    if let key = try read() { return key }
    let key = (0..<Self.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    var template = Array((path + ".XXXXXX").utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { throw failure() }
    let draft = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      close(file)
      unlink(draft)
    }
    guard write(file, key, key.count) == key.count, fsync(file) == 0 else { throw failure() }
    // The hub has to read it, also where root invites.
    var owner = stat()
    let directory = String(path.dropLast("/invitation.key".count))
    if geteuid() == 0, stat(directory, &owner) == 0,
      fchown(file, owner.st_uid, owner.st_gid) != 0
    {
      throw failure()
    }
    guard link(draft, path) == 0 || errno == EEXIST else { throw failure() }
    return try read() ?? key
  }

  private func failure() -> Failure {
    Failure(path: path, reason: String(cString: strerror(errno)))
  }
}
