internal import Glibc
internal import Gloss
internal import GlossCore
internal import GlossHTTP
internal import GlossStore

/// What the program takes from where it runs: environment, time, randomness, names.
enum Surroundings {
  /// The milliseconds since the Unix epoch.
  static let clock: @Sendable () -> UInt64 = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
  }

  static let randomness: Library.Randomness = { SystemRandomNumberGenerator() }

  static func variable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// The machine's name, without its domain.
  static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unnamed" }
    let bytes = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    let name = String(decoding: bytes, as: UTF8.self).prefix { $0 != "." }
    return name.isEmpty ? "unnamed" : String(name)
  }

  /// Whether there is a program of this name, where a shell looks for it.
  static func hasProgram(_ name: String) -> Bool {
    (variable("PATH") ?? "/usr/bin:/bin").split(separator: ":").contains {
      access("\($0)/\(name)", X_OK) == 0
    }
  }

  /// The command line as a person could type it, without where the library is and how to print.
  static var commandWords: String {
    var words: [String] = []
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      switch argument {
      case "--library", "--color": arguments = arguments.dropFirst()
      case "--json", "--no-pager", "--quiet", "-q": break
      case _ where argument.hasPrefix("--library=") || argument.hasPrefix("--color="): break
      default:
        let isPlain = argument.utf8.allSatisfy {
          (0x2B...0x3A).contains($0) || (0x40...0x5A).contains($0) || (0x61...0x7A).contains($0)
            || $0 == 0x3D || $0 == 0x5F || $0 >= 0x80
        }
        words.append(
          isPlain && !argument.isEmpty
            ? argument
            : "'"
              + argument.split(separator: "'", omittingEmptySubsequences: false)
              .joined(separator: "'\\''") + "'")
      }
    }
    return words.joined(separator: " ")
  }

  /// - Parameters:
  ///   - hubClock: Is told what the hub's clock says.
  ///   - onBytes: Is told what is sent and received.
  static func transport(
    to address: String, hubClock: HubClock? = nil,
    onBytes: (@Sendable (_ sent: Int, _ received: Int) -> Void)? = nil
  ) throws -> CurlTransport {
    var options = CurlTransport.Options(userAgent: "gloss/\(Software.version)")
    options.onBytes = onBytes
    if let hubClock { options.onDate = { hubClock.note($0, at: clock()) } }
    return try CurlTransport(address: address, options: options)
  }

  static let sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
}

extension LibraryOptions {
  /// The library's file; whether it was named or is the one that is taken when none is.
  var resolved: (path: String, isDefault: Bool) {
    path.map { ($0, false) } ?? Self.usual
  }

  /// Where the library is when none is named: what `GLOSS_LIBRARY` says, or else the usual place, which is the default.
  static var usual: (path: String, isDefault: Bool) {
    if let path = Surroundings.variable("GLOSS_LIBRARY") { return (path, false) }
    let home = Surroundings.variable("HOME") ?? "."
    let data = Surroundings.variable("XDG_DATA_HOME") ?? home + "/.local/share"
    return (data + "/gloss/library.gloss", true)
  }

  func open(_ access: Replica.Access = .readWrite) throws -> Library {
    let library: Library
    let bar = ProgressBar.begin("updating the library")
    defer { ProgressBar.end(bar) }
    do {
      library = try Library.open(
        at: resolved.path, access: access, clock: Surroundings.clock,
        randomness: Surroundings.randomness, progress: { bar?.advance(to: $0, of: $1) })
    } catch .store(.readOnly) where access == .readOnly {
      // An earlier version wrote the file, and it has to be brought to this one first.
      return try open(.readWrite)
    }
    if access == .readOnly { Self.keep(library) }
    library.beginOperation(Surroundings.commandWords)
    if let renewal = library.renewal { try Notices.tell(of: renewal, in: library) }
    return library
  }

  /// Libraries that were opened to read stay open until the program ends, which closes them for less: who only reads leaves to
  /// SQLite nothing that has to be written.
  private static let kept = Locked<[Library]>([])

  private static func keep(_ library: Library) { kept.withLock { $0.append(library) } }

  /// The path for a library that is about to be made. The folders of the usual place are made where they are missing.
  func pathForNew() throws -> String {
    let (path, isDefault) = resolved
    guard isDefault else { return path }
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
        throw Failure(
          .cannotCreate, "\(folder) could not be made: \(String(cString: strerror(errno)))",
          hint: "choose another place with --library PATH")
      }
    }
    return path
  }
}
