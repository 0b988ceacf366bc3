import GlossHTTP
import GlossWire
import Testing

/// Which addresses a hub may have.
struct HubAddressTests {
  @Test(arguments: [
    ("https://hub.example", "https://hub.example", "hub.example:443"),
    ("HTTPS://hub.example/", "https://hub.example", "hub.example:443"),
    ("http://hub.example:8080/a/b//", "http://hub.example:8080/a/b", "hub.example:8080"),
    ("http://[::1]:80", "http://[::1]:80", "[::1]:80"),
    ("http://127.0.0.1", "http://127.0.0.1", "127.0.0.1:80"),
  ])
  func `an address is read`(address: String, text: String, place: String) throws {
    let result = try HubAddress(address)
    #expect(result.text == text)
    #expect(result.hostAndPort == place)
  }

  @Test(arguments: [
    "", "hub.example", "ftp://hub.example", "file:///etc/passwd", "https://", "https:///a",
    "https://user@hub.example", "https://user:secret@hub.example", "https://hub.example?a",
    "https://hub.example/#a", "https://hub.example:0", "https://hub.example:65536",
    "https://hub.example:+1", "https://hub.example:", "https://hub example",
    "https://h\u{FC}b.example",
    "https://hub.example/a/../b", "https://hub.example/%2E%2e/b", "https://hub.example/\r\nX: y",
    "https://[::1", "https://[::1]x", "https://[hub.example]", "https://hub.example\\@evil.example",
  ])
  func `an address that is more or less than a base is refused`(address: String) {
    do throws(TransportError) {
      _ = try HubAddress(address)
      Issue.record("taken: \(address)")
    } catch {
      guard case .badAddress = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
