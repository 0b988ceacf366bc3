internal import ArgumentParser
internal import Glibc
internal import Gloss
internal import GlossHTTP
internal import GlossSeal
internal import GlossStore

/// `gloss pair`
struct PairCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pair", abstract: "Print the code with which one more machine joins.",
    discussion: """
      Who has the code can read the library: carry it over a way that you trust.

      EXAMPLE
        gloss pair | ssh laptop gloss join
      """)

  @OptionGroup var options: LibraryOptions

  func run() async throws {
    let library = try options.open()
    let transport = try library.transport()
    let code = try await transport.closing {
      try library.unlockIfLocked()
      return try await library.pairingCode(over: transport)
    }
    Output.line(code.text)
    Output.note(
      "hint: enter it on the other machine: gloss join. It lets one machine in; keep it secret")
  }
}

/// `gloss join`
struct JoinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "join", abstract: "Bring a library from another machine.",
    discussion: """
      The code is read from standard input, or asked for on a terminal. It is
      never an argument: arguments are visible to every user of the machine. A
      machine that has the library and whose token the hub does not accept any
      more joins again in the same way, and keeps what it has.

      EXAMPLE
        gloss join < code.txt && gloss sync
      """)

  @OptionGroup var options: LibraryOptions
  @Option(help: "What histories call this machine; its host name where not given.")
  var name: String?

  func run() async throws {
    let path = try options.pathForNew()
    let existing = access(path, F_OK) == 0 ? try options.open() : nil
    let code = try PairingCode(parsing: try readCode())
    if let existing, existing.replica.library != code.library {
      throw Failure(
        .cannotCreate, "\(Text.line(path)) is another library than the code's",
        hint: "name another place with --library PATH")
    }
    let transport = try Surroundings.transport(to: code.address)
    try await transport.closing {
      guard let existing else {
        _ = try await Library.join(
          at: path, with: code, deviceName: name ?? Surroundings.hostName, over: transport,
          clock: Surroundings.clock, randomness: Surroundings.randomness)
        return
      }
      try await existing.rejoin(with: code, over: transport)
    }
    guard existing == nil else {
      Output.note("joined again; what is here stays, and goes to the hub with gloss sync")
      return
    }
    Output.note("joined; the library is \(Text.line(path))")
    Output.note("hint: gloss sync brings its content")
  }

  private func readCode() throws -> String {
    if Prompt.isPossible { return try Prompt.secret("pairing code") }
    return try ImportedText.decode(try File.read("-", limit: 16_384)[...])
  }
}

extension CurlTransport {
  /// Does the work, then ends the transport's thread, so that no transfer runs while the program ends.
  func closing<T>(_ work: () async throws -> T) async throws -> T {
    do {
      let result = try await work()
      await close()
      return result
    } catch {
      await close()
      throw error
    }
  }
}

extension Library {
  /// Reaches the library's hub.
  ///
  /// - Parameters:
  ///   - hubClock: Is told what the hub's clock says.
  ///   - onBytes: Is told what is sent and received.
  func transport(
    hubClock: HubClock? = nil, onBytes: (@Sendable (_ sent: Int, _ received: Int) -> Void)? = nil
  ) throws -> CurlTransport {
    guard let address = try hubAddress() else {
      throw Failure(
        .noMatch, "this library has no hub",
        hint: "gloss hub connect URL makes the library known to one")
    }
    return try Surroundings.transport(to: address, hubClock: hubClock, onBytes: onBytes)
  }
}
