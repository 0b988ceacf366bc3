internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossSync

/// `gloss devices`
struct DevicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Show the machines that have the library, rename or revoke one.",
    discussion: """
      EXAMPLE
        gloss devices
        gloss devices rename laptop "old laptop"
      """,
    subcommands: [List.self, Rename.self, Revoke.self], defaultSubcommand: List.self)

  /// `gloss devices list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Show each machine, when it was last heard from, and how far it is.",
      discussion: """
        A machine that has the library's newest key has the current key. One that
        waits for the new key gets it with its next sync.

        EXAMPLE
          gloss devices list
        """)

    @OptionGroup var options: LibraryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let library = try options.open()
      let devices = try await library.devicesAtHub()
      if output.isJSON {
        return JSON.print([("devices", .array(devices.map(DevicesCommand.json)))])
      }
      MachineList(
        rows: devices.map { device in
          (
            DevicesCommand.digits(device) + "  " + DevicesCommand.name(device),
            DevicesCommand.state(device)
          )
        }
      ).print()
      if try library.isKeyDue() {
        Output.note("a machine was revoked, and the others do not have a new key yet")
        Output.note("hint: run gloss devices revoke again for the same machine")
      }
    }
  }

  /// `gloss devices rename`
  struct Rename: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rename", abstract: "Give a machine another name.",
      discussion: """
        EXAMPLE
          gloss devices rename laptop "old laptop"
        """)

    @OptionGroup var options: LibraryOptions
    @Argument(
      help: "The machine's name, or the first digits that gloss devices shows.",
      completion: .device)
    var device: String
    @Argument(help: "What to call it.") var name: String

    func run() async throws {
      guard !name.isEmpty else { throw ValidationError("a name is not empty") }
      let library = try options.open()
      let found = try DevicesCommand.one(device, of: try await library.devices())
      guard let id = found.id else { return }
      try library.nameDevice(id, name)
      Output.note("\(DevicesCommand.name(found)) is \(Text.line(name, width: 24)) now")
    }
  }

  /// `gloss devices revoke`
  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "revoke", abstract: "Shut a machine out, and give the others a new key.",
      discussion: """
        The hub accepts the machine's token no more. The other machines get a new
        key, each with its next sync, and what they send from then on the revoked
        machine cannot read, not even with all that the hub has. It keeps what it
        has, and could read what was sent before. What it wrote stays. It can join
        again with a code: gloss pair, gloss join.

        Look who gets the new key: a machine could let others in until now. If the
        command is interrupted, run it again.

        EXAMPLE
          gloss devices revoke "old laptop"
        """)

    @OptionGroup var options: LibraryOptions
    @Argument(
      help: "The machine's name, or the first digits that gloss devices shows.",
      completion: .device)
    var device: String

    func run() async throws {
      let library = try options.open()
      let found = try DevicesCommand.one(device, of: try await library.devicesAtHub())
      guard !found.isThis else {
        throw Failure(
          .usage, "this is the machine that you are on",
          hint: "run gloss devices revoke on another machine")
      }
      guard try found.account != nil || library.isKeyDue() else {
        throw Failure(
          .noMatch, "the hub does not let \(DevicesCommand.name(found)) in anyway",
          hint: "gloss devices shows who is let in")
      }
      let transport = try library.transport()
      try await transport.closing {
        try library.unlockIfLocked()
        let revocation =
          if let account = found.account {
            try await library.revoke(account, over: transport)
          } else {
            try await library.beginEpoch(over: transport)
          }
        Output.note("revoked \(DevicesCommand.name(found)); it keeps what it has")
        DevicesCommand.report(revocation, among: try await library.devices(over: transport))
      }
    }
  }

  /// Says who gets the new key, and who does not.
  private static func report(_ revocation: Revocation, among devices: [Device]) {
    func names(_ digests: [[UInt8]]) -> [String] {
      devices.filter { device in
        digests.contains { $0 == device.account?.tokenDigest }
      }.map { name($0) }
    }
    let holders = names(revocation.keyHolders)
    Output.note("the new key is for " + holders.joined(separator: ", "))
    let others = names(revocation.leftOut)
    guard !others.isEmpty else { return }
    Output.note("no key of theirs is known: " + others.joined(separator: ", "))
    Output.note("hint: they have to join again: gloss pair here, gloss join there")
  }
}

extension DevicesCommand {
  static func name(_ device: Device) -> String {
    device.name.map { Text.line($0, width: 24) } ?? "(not heard of yet)"
  }

  /// The digits by which a person names a machine: of its replica, or of its token where the replica is not known.
  private static func digits(_ device: Device) -> String {
    String((device.id.map { "\($0)" } ?? hexadecimal(device.account?.tokenDigest ?? [])).prefix(8))
  }

  private static func state(_ device: Device) -> String {
    let own = device.isThis ? "  (this machine)" : ""
    guard let account = device.account else { return "not let in by the hub" + own }
    let behind =
      account.bundlesBehind == 0
      ? "up to date" : Shown.count(Int(clamping: account.bundlesBehind), "bundle") + " behind"
    let key =
      switch account.key {
      case .current: "  current key"
      case .waiting: "  waiting for the new key"
      case .missing: "  without the key: join again"
      case nil: ""
      }
    return CivilTime.minute(account.lastSeen) + "  " + behind + key + own
  }

  private static func json(_ device: Device) -> JSON {
    .object([
      ("id", JSON(device.id.map { "\($0)" })), ("name", JSON(device.name)),
      ("isThis", .bool(device.isThis)),
      ("token", JSON(device.account.map { hexadecimal($0.tokenDigest) })),
      ("lastSeen", JSON(device.account.map { CivilTime.exact($0.lastSeen) })),
      ("key", JSON(device.account?.key.map { "\($0)" })),
      ("bundlesBehind", device.account.map { JSON(Int(clamping: $0.bundlesBehind)) } ?? .null),
    ])
  }

  /// Returns the one machine of this name, or with these first digits.
  private static func one(_ text: String, of devices: [Device]) throws -> Device {
    let named = devices.filter { $0.name?.hasSameBytes(as: text) ?? false }
    let matching =
      named.isEmpty && text.utf8.count >= 4
      ? devices.filter {
        let digest = hexadecimal($0.account?.tokenDigest ?? [])
        return ($0.id.map { "\($0)" } ?? digest).hasPrefix(text.lowercased())
      } : named
    guard let first = matching.first else {
      throw Failure(
        .noMatch, "no machine is called \(Text.repeated(text))", hint: "gloss devices shows them")
    }
    guard matching.count == 1 else {
      throw Failure(
        .noMatch, "\(Text.repeated(text)) names more than one machine",
        details: matching.map { digits($0) + "  " + name($0) }, hint: "give the digits instead")
    }
    return first
  }
}

extension Library {
  fileprivate func devicesAtHub() async throws -> [Device] {
    let transport = try transport()
    return try await transport.closing { try await devices(over: transport) }
  }
}
