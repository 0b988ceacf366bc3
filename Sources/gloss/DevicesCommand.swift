internal import ArgumentParser
internal import Gloss
internal import GlossCore

/// `gloss devices`
struct DevicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Show the machines that have the library, rename or revoke one.",
    subcommands: [List.self, Rename.self, Revoke.self], defaultSubcommand: List.self)

  /// `gloss devices list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Show each machine, when it was last heard from, and how far it is.",
      discussion: """
        EXAMPLE
          gloss devices
        """)

    @OptionGroup var options: LibraryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let devices = try await options.open().devicesAtHub()
      if output.isJSON {
        return JSON.print([("devices", .array(devices.map(DevicesCommand.json)))])
      }
      let width = devices.map { Text.columns(DevicesCommand.name($0)) }.max() ?? 0
      for device in devices {
        Output.line(
          DevicesCommand.digits(device) + "  " + Text.padded(DevicesCommand.name(device), to: width)
            + "  " + DevicesCommand.state(device))
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
    @Argument(help: "The machine's name, or the first digits that gloss devices shows.")
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
      commandName: "revoke", abstract: "Shut a machine out: the hub accepts its token no more.",
      discussion: """
        The machine keeps what it has, and so the key with which it could read what
        it gets otherwise. What it wrote before stays. It can join again with a
        code: gloss pair, gloss join.

        EXAMPLE
          gloss devices revoke "old laptop"
        """)

    @OptionGroup var options: LibraryOptions
    @Argument(help: "The machine's name, or the first digits that gloss devices shows.")
    var device: String

    func run() async throws {
      let library = try options.open()
      let found = try DevicesCommand.one(device, of: try await library.devicesAtHub())
      guard !found.isThis else {
        throw Failure(
          .usage, "this is the machine that you are on",
          hint: "run gloss devices revoke on another machine")
      }
      guard let account = found.account else {
        throw Failure(
          .noMatch, "the hub does not let \(DevicesCommand.name(found)) in anyway",
          hint: "gloss devices shows who is let in")
      }
      let transport = try library.transport()
      try await transport.closing { try await library.revoke(account, over: transport) }
      Output.note("revoked \(DevicesCommand.name(found)); it keeps what it has")
    }
  }
}

extension DevicesCommand {
  private static func name(_ device: Device) -> String {
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
    return CivilTime.minute(account.lastSeen) + "  " + behind + own
  }

  private static func json(_ device: Device) -> JSON {
    .object([
      ("id", JSON(device.id.map { "\($0)" })), ("name", JSON(device.name)),
      ("isThis", .bool(device.isThis)),
      ("token", JSON(device.account.map { hexadecimal($0.tokenDigest) })),
      ("lastSeen", JSON(device.account.map { CivilTime.exact($0.lastSeen) })),
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
        .noMatch, "no machine is called \(Text.line(text))", hint: "gloss devices shows them")
    }
    guard matching.count == 1 else {
      throw Failure(
        .noMatch, "\(Text.line(text)) names more than one machine",
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
