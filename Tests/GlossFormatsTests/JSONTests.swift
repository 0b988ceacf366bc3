import Gloss
import Testing

@testable import GlossFormats

@Suite struct JSONTests {
  private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `what is written has its commas, and comes back`() throws {
    let text = written { json in
      json.object { json in
        json.member("a", "x")
        json.name("b")
        json.array { json in
          json.integer(-5)
          json.real(0.1)
          json.bool(true)
          json.null()
          json.object { _ in }
        }
        json.name("c")
        json.base64([0xFF, 0, 1, 2])
      }
    }
    #expect(text == #"{"a":"x","b":[-5,0.1,true,null,{}],"c":"/wABAg=="}"#)
    let value = try JSONParser.parse(Array(text.utf8)[...])
    #expect(value["a"]?.text == "x")
    #expect(value["b"]?.array?[1].real == 0.1)
    #expect(value["c"]?.base64 == [0xFF, 0, 1, 2])
  }

  @Test(arguments: [
    "plain", "a\"b\\c\n\r\t\0\u{1}\u{7F}", "caf\u{E9} cafe\u{301} 中文 🙂👩‍👩‍👧",
    "\u{9B}31m\u{202E}x\u{2028}",
    "\u{E0041}", "",
  ])
  func `texts come back byte for byte, and none steers a terminal`(text: String) throws {
    let json = written { $0.text(text) }
    #expect(
      json.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
    #expect(!json.unicodeScalars.contains { [0x202E, 0x2028, 0xE0041].contains($0.value) })
    guard case .text(let bytes) = try JSONParser.parse(Array(json.utf8)[...]) else {
      Issue.record("no text")
      return
    }
    #expect(bytes.elementsEqual(text.utf8))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "-", "1.", ".5", "1e", "+1", "NaN",
    "tru",
    "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\n\"",
    "1 2",
    "{a:1}", "'a'", "[1 2]", "{\"a\" 1}", String(repeating: "[", count: 100_000),
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(Array(text.utf8)[...]) }
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    let broken: [[UInt8]] = [[0x22, 0xFF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]]
    for bytes in broken {
      #expect(throws: JSONParser.Malformed.self) { try JSONParser.parse(bytes[...]) }
    }
  }

  @Test func `base64 has one text for each bytes`() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
      let text = Base64.encode(bytes)
      #expect(Base64.decode(text) == bytes)
    }
    for text in ["A", "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA=A", "AA==AAAA", "A-AA"] {
      #expect(Base64.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test func `times are in UTC, and need no more than four digits for a year until there are more`()
  {
    #expect(CivilTime.exact(0) == "1970-01-01T00:00:00.000Z")
    #expect(CivilTime.exact(1_709_211_845_006) == "2024-02-29T13:04:05.006Z")
    #expect(CivilTime.exact(1 << 48 - 1) == "10889-08-02T05:31:50.655Z")
  }
}
