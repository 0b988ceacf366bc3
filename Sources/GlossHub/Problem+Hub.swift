internal import GlossWire

extension Problem {
  /// No such library, or not its token: nobody learns which.
  static let unauthorised = Problem(
    .unauthorised, status: 401, detail: "this token is not one of this library")

  static let libraryExists = Problem(
    .libraryExists, status: 409, detail: "this library has another token")

  static let registrationClosed = Problem(
    .registrationClosed, status: 403, detail: "this hub creates a library for an unused invitation")

  static func quotaExceeded(_ byteLimit: Int) -> Problem {
    Problem(
      .quotaExceeded, status: 507, detail: "this hub keeps \(byteLimit) bytes of a library",
      limit: UInt64(byteLimit))
  }

  static func slowDown(_ seconds: Int) -> Problem {
    Problem(
      .slowDown, status: 429, detail: "this library pushed too many bundles in the last minute",
      retryAfterSeconds: seconds)
  }

  static let enrolmentRefused = Problem(
    .enrolmentRefused, status: 403, detail: "this secret is unknown, used or too old")

  static let cursorUnknown = Problem(
    .cursorUnknown, status: 409, detail: "the log has no such place")

  static let keyringConflict = Problem(
    .keyringConflict, status: 409,
    detail: "this epoch is not the one after the newest, or has another entry")

  static let compacted = Problem(
    .compacted, status: 409, detail: "the log behind this place was dropped; a snapshot has it")

  static let noSnapshot = Problem(
    .noSnapshot, status: 404, detail: "there is no such snapshot of this library")

  static func snapshotRefused(_ detail: String) -> Problem {
    Problem(.snapshotRefused, status: 409, detail: detail)
  }

  static let badPiece = Problem(
    .malformed, status: 400, detail: "the body is not the piece that the path names")

  static let unavailable = Problem(
    .unavailable, status: 503, detail: "the hub's storage failed; try again later",
    retryAfterSeconds: 30)
}
