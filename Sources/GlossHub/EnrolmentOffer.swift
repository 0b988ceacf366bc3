internal import GlossWire

/// A secret that was offered for enrolment, as a store keeps it.
struct EnrolmentOffer: Sendable {
  /// The digest of the token that was enrolled for it.
  let usedBy: [UInt8]?
  let created: Int64

  /// Returns whether a device is to be enrolled for an offer: not where this very one was before.
  ///
  /// - Parameters:
  ///   - token: The digest of the device's token.
  ///   - isDevice: Whether that is one of the library's tokens. A device that was revoked does not come back by a repeat.
  ///   - expiry: Offers from this time or before are too old, unless this device took them up.
  /// - Throws: `enrolmentRefused`.
  static func admits(
    _ offer: EnrolmentOffer?, token: [UInt8], isDevice: Bool, expiry: Int64
  ) throws(Problem) -> Bool {
    if let usedBy = offer?.usedBy, usedBy == token, isDevice { return false }
    guard let offer, offer.usedBy == nil, offer.created > expiry else {
      throw .enrolmentRefused
    }
    return true
  }
}
