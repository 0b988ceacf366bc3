internal import Glibc
internal import GlossCore

/// Lets a person scroll through what a command prints: standard output goes through the program in `GLOSS_PAGER` or `PAGER`, or
/// `less` where neither is set.
///
/// Only on a terminal, and not with `--no-pager`, an empty variable or `cat`. `less` leaves what fits on one screen alone, and shows
/// colours (`LESS=FRX` where LESS is not set, as git does).
enum Pager {
  /// The pager's process, once there is one.
  private static let process = Locked<pid_t?>(nil)

  /// Whether what is printed goes through one.
  static var isRunning: Bool { process.withLock { $0 != nil } }

  /// Starts it, where one is wanted, for all that is printed from here on.
  static func start() {
    guard Terminal.output.isTerminal, !Wishes.current.withLock(\.isPagerUnwanted),
      !isRunning, let command
    else { return }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    defer { for end in ends { close(end) } }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    if Surroundings.variable("LESS") == nil { setenv("LESS", "FRX", 1) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    let words = ["sh", "-c", command]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var started: pid_t = 0
    guard posix_spawn(&started, "/bin/sh", &actions, nil, &arguments, environ) == 0 else { return }
    // The pager takes Ctrl-C for itself.
    signal(SIGINT, SIG_IGN)
    dup2(ends[1], STDOUT_FILENO)
    let id = started
    process.withLock { $0 = id }
  }

  /// Waits until the person has seen enough. Standard output has been written out.
  static func finish() {
    guard let id = process.withLock(\.self) else { return }
    close(STDOUT_FILENO)
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    process.withLock { $0 = nil }
  }

  /// The command to run; `nil` where there is none, or it would change nothing.
  private static var command: String? {
    // A variable that is set and empty says that no pager is wanted.
    for name in ["GLOSS_PAGER", "PAGER"] {
      guard let value = getenv(name) else { continue }
      let command = String(cString: value)
      guard !command.isEmpty, command != "cat" else { return nil }
      if isThere(command) { return command }
      Output.note("hint: \(name) names \(Text.line(command, width: 40)), which is not there")
      return nil
    }
    return Surroundings.hasProgram("less") ? "less" : nil
  }

  /// Whether the program that a command begins with can be run; where it begins with more than a name, the shell will know.
  private static func isThere(_ command: String) -> Bool {
    let name = command.prefix { !$0.isWhitespace }
    guard name.allSatisfy({ $0.isLetter || $0.isNumber || "/._+-".contains($0) }) else {
      return true
    }
    return name.contains("/")
      ? access(String(name), X_OK) == 0 : Surroundings.hasProgram(String(name))
  }
}
