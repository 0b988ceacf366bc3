/// Who may create libraries on a hub.
package enum Registration: Sendable {
  /// Everybody.
  case open
  /// Who has an ``Invitation`` under the key that the closure returns, asked each time; `nil` where nobody was invited yet.
  case invited(key: @Sendable () throws -> [UInt8]?)
}
