import GlossCommandTesting

/// A call of the system that fails, in strace's words.
struct Fault: CustomStringConvertible, Sendable {
  /// The call, as strace names it.
  var call: String
  /// Which of a thread's calls of that name fails, from 1.
  var number: Int
  var effect: Effect

  enum Effect: Hashable, Sendable {
    /// The call fails with this error, once or from then on.
    case failure(String, forGood: Bool)
    /// The process is killed instead of the call.
    case kill
  }

  var isKill: Bool { effect == .kill }

  /// Whether messages may not come out either: they are written, too.
  var silences: Bool {
    if case .failure(_, forGood: true) = effect { call == "write" } else { false }
  }

  /// What strace is asked to do.
  var expression: String {
    switch effect {
    case .failure(let error, let forGood):
      "inject=\(call):error=\(error):when=\(number)\(forGood ? "+" : "")"
    case .kill: "inject=\(call):signal=SIGKILL:when=\(number)"
    }
  }

  var description: String { String(expression.dropFirst("inject=".count)) }

  /// Every way in which a call can fail.
  static func effects(of call: String) -> [Effect] {
    let errors: [String] =
      switch call {
      case "pwrite64", "write", "openat", "ftruncate", "fallocate", "fdatasync", "fsync", "mkdir",
        "rename", "link":
        ["ENOSPC", "EIO"]
      case "mmap": ["ENOMEM"]
      case "flock", "fcntl": ["ENOLCK"]
      case "connect": ["ECONNREFUSED", "ENETUNREACH"]
      case "socket": ["EMFILE"]
      case "recvfrom": ["ECONNRESET"]
      default: ["EIO"]
      }
    // Without any memory from some point on a program cannot go on, and need not.
    let durations = call == "mmap" ? [false] : [false, true]
    return errors.flatMap { error in durations.map { Effect.failure(error, forGood: $0) } }
      + [.kill]
  }
}

/// strace, which makes calls fail.
enum Strace {
  /// The calls that matter for what is on the disk, and those of the network.
  ///
  /// `sendto` is not among them: by it curl also wakes its own thread, which cannot fail, and a number does not tell which it is.
  static let calls = [
    "openat", "pread64", "pwrite64", "read", "write", "fdatasync", "fsync", "ftruncate",
    "fallocate", "unlink", "rename", "link", "mkdir", "mmap", "flock", "fcntl", "socket",
    "connect", "recvfrom",
  ]

  /// The words in front of a command that is traced: it and strace end after a minute at the latest.
  ///
  /// No `--seccomp-bpf`, which would be faster: strace 6.1 sends no signals with it.
  static func prefix(to trace: String, calls: [String], inject fault: Fault? = nil) -> [String] {
    ["/usr/bin/timeout", "-s", "KILL", "60", "/usr/bin/strace", "-f", "-qq", "-yy"]
      + ["-o", trace, "-e", "trace=" + calls.joined(separator: ",")]
      + (fault.map { ["-e", $0.expression] } ?? [])
  }

  /// Returns the calls of a trace that concern files in `folder` or the network, with the number that each has among the
  /// calls of its name in its thread: what can be made to fail.
  ///
  /// A number counts in every thread. One that would be met while the first thread still loads the program is left out.
  static func places(in trace: String, folder: String) -> [(call: String, number: Int)] {
    var counts: [String: Int] = [:]
    var loading: [String: Int] = [:]
    var first: Substring?
    var isLoading = true
    var places: [(call: String, number: Int)] = []
    var seen: Set<String> = []
    for line in trace.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
      guard parts.count == 2, let end = parts[1].firstIndex(of: "(") else { continue }
      let call = String(parts[1][..<end].trimmingPrefix(while: { $0 == " " }))
      guard calls.contains(call) else { continue }
      if first == nil { first = parts[0] }
      counts["\(parts[0]) \(call)", default: 0] += 1
      let isOurs = concerns(parts[1], folder: folder)
      isLoading = isLoading && !isOurs && parts[0] == first
      if isLoading { loading[call, default: 0] += 1 }
      let number = counts["\(parts[0]) \(call)", default: 0]
      guard isOurs, number > loading[call, default: 0] else { continue }
      if seen.insert("\(call) \(number)").inserted { places.append((call, number)) }
    }
    return places
  }

  private static func concerns(_ line: Substring, folder: String) -> Bool {
    if line.hasPrefix("fcntl") { return line.contains("SETLK") && line.contains(folder) }
    if line.hasPrefix("socket(") { return line.contains("AF_INET") }
    // The folder is also where the command runs: only files in it count.
    return line.contains("\"\(folder)/") || line.contains("<\(folder)/")
      || line.contains("<TCP")
  }
}
