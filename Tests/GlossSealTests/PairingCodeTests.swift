import GlossCore
import GlossSeal
import Testing

struct PairingCodeTests {
  private let code = PairingCode(
    address: "https://hub.example.org/gloss", library: Sample.library, root: Sample.root,
    enrolmentSecret: [UInt8](0xE0...0xEF))

  private func error(parsing text: String) -> PairingCodeError? {
    do throws(PairingCodeError) {
      _ = try PairingCode(parsing: text)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["", "h", "https://hub.example.org/gloss", "https://höb.example/🗝️"])
  func `a code is read back`(address: String) throws {
    var generator = SeededGenerator(state: 5)
    let code = PairingCode(
      address: address, library: .random(using: &generator), root: .random(using: &generator),
      using: &generator)
    #expect(try PairingCode(parsing: code.text) == code)
    #expect(code.text.hasPrefix("gloss1-"))
    #expect(code.text.allSatisfy { $0.isASCII && !$0.isWhitespace && !$0.isUppercase })
  }

  @Test func `an address of any length is read back`() throws {
    for count in Array(0..<20) + [126, 127, 128, 129, 16_383, 16_384] {
      let code = PairingCode(
        address: String(repeating: "a", count: count), library: Sample.library, root: Sample.root,
        enrolmentSecret: [UInt8](0..<16))
      #expect(try PairingCode(parsing: code.text) == code)
    }
  }

  @Test func `the credential is the secret in hexadecimal digits, new for each code`() {
    #expect(code.enrolmentCredential == "e0e1e2e3e4e5e6e7e8e9eaebecedeeef")
    var generator = SeededGenerator(state: 5)
    let credentials = (0..<10).map { _ in
      PairingCode(
        address: "", library: Sample.library, root: Sample.root, using: &generator
      ).enrolmentCredential
    }
    #expect(Set(credentials).count == 10)
    #expect(credentials.allSatisfy { $0.utf8.count == 32 })
  }

  @Test func `case, white space, line breaks and hyphens do not matter`() throws {
    let text = code.text
    let lines = String(text.enumerated().flatMap { $0 % 30 == 29 ? [$1, "\r\n"] : [$1] })
    let groups = String(text.enumerated().flatMap { $0 % 5 == 4 ? [$1, "-"] : [$1] })
    let mixed = String(text.enumerated().flatMap { $0 % 2 == 0 ? $1.uppercased() : "\($1)" })
    for spelling in [
      text.uppercased(), mixed, lines, groups, "\n\t \(text)\u{A0}\n",
      text.replacing("gloss1-", with: "GLOSS1"), text.replacing("gloss1-", with: "gloss 1 "),
    ] {
      #expect(try PairingCode(parsing: spelling) == code, "\(spelling)")
    }
  }

  @Test func `every single wrong character is noticed`() {
    let text = Array(code.text)
    for index in text.indices {
      for character in "abcdefghijklmnopqrstuvwxyz0123456789ſé\u{212A}"
      where character != text[index] {
        var altered = text
        altered[index] = character
        #expect(error(parsing: String(altered)) != nil, "\(character) at \(index)")
      }
    }
  }

  @Test func `every missing, doubled or swapped character is noticed`() {
    let text = Array(code.text)
    for index in text.indices where index != 6 {
      var shorter = text
      shorter.remove(at: index)
      #expect(error(parsing: String(shorter)) != nil, "without \(index)")
      var longer = text
      longer.insert(text[index], at: index)
      #expect(error(parsing: String(longer)) != nil, "double \(index)")
      guard index > 7, text[index] != text[index - 1] else { continue }
      var swapped = text
      swapped.swapAt(index, index - 1)
      #expect(error(parsing: String(swapped)) != nil, "swapped \(index)")
    }
  }

  @Test func `a code cut anywhere says so`() {
    let text = code.text
    for count in 0..<text.count {
      let expected: PairingCodeError = count < 6 ? .notACode : .cutShort
      #expect(error(parsing: String(text.prefix(count))) == expected, "\(count) characters")
    }
  }

  @Test func `a code with a long address that is cut anywhere says so`() {
    let text = PairingCode(
      address: String(repeating: "a", count: 200), library: Sample.library, root: Sample.root,
      enrolmentSecret: [UInt8](0..<16)
    ).text
    for count in 6..<text.count {
      #expect(error(parsing: String(text.prefix(count))) == .cutShort, "\(count) characters")
    }
  }
}
