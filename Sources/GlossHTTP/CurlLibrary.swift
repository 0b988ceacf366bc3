internal import CGlossCurl
internal import Glibc

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

  /// The version of the libcurl that is there, such as `7.88.1`; `nil` where there is none.
  package static var version: String? {
    guard let library = dlopen("libcurl.so.4", RTLD_NOW),
      let symbol = dlsym(library, "curl_version")
    else { return nil }
    typealias Function = @convention(c) () -> UnsafePointer<CChar>?
    guard let text = unsafeBitCast(symbol, to: Function.self)() else { return nil }
    // `libcurl/7.88.1 OpenSSL/3.0.17 zlib/1.2.13 ...`
    let first = String(cString: text).prefix { $0 != " " }
    return first.split(separator: "/").last.map(String.init)
  }
}
