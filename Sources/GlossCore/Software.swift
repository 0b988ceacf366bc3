/// What the programs of Gloss say of themselves.
package enum Software {
  /// The version of all of them, by the rules of semver.org.
  package static let version = "0.1.0"
}
