import Gloss
import Testing

@Suite struct URLIdentityTests {
  @Test(arguments: [
    ("HTTP://Example.COM:80", "http://example.com/"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("https://example.com:8443/a", "https://example.com:8443/a"),
    ("https://example.com:/a", "https://example.com/a"),
    ("https://example.com./a#top", "https://example.com/a"),
    ("https://example.com?b=2", "https://example.com/?b=2"),
    ("https://example.com/a?utm_source=x&id=7&fbclid=y&UTM_Medium=z", "https://example.com/a?id=7"),
    ("https://example.com/a?gclid=1", "https://example.com/a"),
    ("https://example.com/a?", "https://example.com/a"),
    ("https://example.com/a?gclids=1", "https://example.com/a?gclids=1"),
    ("https://example.com/%c3%a9%zz", "https://example.com/%C3%A9%zz"),
    ("https://example.com/é b", "https://example.com/%C3%A9%20b"),
    ("  https://example.com/a \n", "https://example.com/a"),
    ("http://[::1]:80/a", "http://[::1]/a"),
    ("https://user@example.com/a", "https://user@example.com/a"),
    ("https://example.com/A/b/?x=1&a=2", "https://example.com/A/b/?x=1&a=2"),
  ])
  func `an address has one form`(given: String, form: String) {
    #expect(URLIdentity.normalised(given) == form)
  }

  @Test(arguments: [
    ("HTTP://Example.COM:80/é?utm_a=1"), ("https://example.com./%c3%a9?b=%zz&a"),
    ("https://EXAMPLE.com/%%41"),
  ])
  func `the form of a form is itself`(given: String) throws {
    let form = try #require(URLIdentity.normalised(given))
    #expect(URLIdentity.normalised(form) == form)
  }

  @Test(arguments: [
    "", "example.com", "ftp://example.com/", "https:example.com", "https://", "https://:80/",
    "https://example.com:99999/", "https://example.com:8x/", "https://exa mple.com/",
    "https://example.com/\u{1}",
  ])
  func `what is no web address has no form`(given: String) {
    #expect(URLIdentity.normalised(given) == nil)
    #expect(URLIdentity.record(given) == nil)
  }

  @Test func `the identity is the start of the digest of the form`() {
    // printf 'http://example.com/' | sha256sum
    #expect(
      URLIdentity.record("HTTP://EXAMPLE.com").map { "\($0)" }
        == "2a1b402420ef46577471cdc7409b0fa2")
  }
}
