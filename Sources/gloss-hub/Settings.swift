internal import ArgumentParser

/// What flags leave open: the environment's word, or a default.
///
/// The variable of the flag `--idle-timeout` is `GLOSS_HUB_IDLE_TIMEOUT`. An empty variable counts as none.
struct Settings {
  private let environment: [String: String]

  init(environment: [String: String]) {
    self.environment = environment
  }

  /// Returns the flag's value, or else that of its variable, or else `nil`.
  func value<Value: ExpressibleByArgument>(_ flag: Value?, _ name: String) throws -> Value? {
    if let flag { return flag }
    let variable = "GLOSS_HUB_" + name.uppercased().replacing("-", with: "_")
    guard let text = environment[variable], !text.isEmpty else { return nil }
    guard let value = Value(argument: text) else {
      throw ValidationError(
        "The value '\(text)' of \(variable) is not valid: `gloss-hub serve --help` has --\(name).")
    }
    return value
  }

  /// Returns the flag's value, or else that of its variable, or else the default.
  func value<Value: ExpressibleByArgument>(
    _ flag: Value?, _ name: String, default fallback: Value
  ) throws -> Value {
    try value(flag, name) ?? fallback
  }

  /// Returns the flag's value, or else that of its variable.
  ///
  /// - Throws: `ValidationError` where neither is there.
  func required<Value: ExpressibleByArgument>(_ flag: Value?, _ name: String) throws -> Value {
    if let value = try value(flag, name) { return value }
    let variable = "GLOSS_HUB_" + name.uppercased().replacing("-", with: "_")
    throw ValidationError("Missing: --\(name), or the variable \(variable).")
  }
}
