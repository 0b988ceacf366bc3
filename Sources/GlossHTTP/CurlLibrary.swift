internal import CGlossCurl

/// The libcurl of this machine, which is loaded when it is first needed.
package enum CurlLibrary {
  /// Returns why a library of this name cannot serve as libcurl, or `nil` if it can.
  package static func problem(loading name: String) -> String? {
    var text = [CChar](repeating: 0, count: 512)
    guard !gloss_curl_probe(name, &text, text.count) else { return nil }
    return text.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}
