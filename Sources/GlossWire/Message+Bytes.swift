internal import SwiftProtobuf

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension [UInt8] {
  /// The bytes in the form that generated messages hold them in.
  var asData: Data { Data(self) }
}

extension Message {
  /// The message's bytes.
  ///
  /// - Precondition: The message is under 2 GiB and has no required fields, as all of ours are.
  var encoded: [UInt8] {
    do {
      return try serializedBytes()
    } catch {
      preconditionFailure("a message without required fields has bytes: \(error)")
    }
  }
}
