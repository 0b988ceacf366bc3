#if PostgreSQL
  import Foundation

  /// A PostgreSQL server for the tests of this process, on a socket in a folder of its own.
  ///
  /// A shell starts it, as the user `postgres` where we are root, because it refuses to run as root. The shell stops it and
  /// removes the folder when its standard input ends, which it does however this process ends.
  actor PostgresServer {
    static let shared = PostgresServer()

    private static let binaries: String? = {
      let root = "/usr/lib/postgresql"
      let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
      return versions.sorted { Int($0) ?? 0 < Int($1) ?? 0 }.map { "\(root)/\($0)/bin" }
        .last { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
    }()

    /// Whether this machine has Debian's package `postgresql`.
    static let isInstalled = {
      // A quiet test run says nothing of what it leaves out.
      if binaries == nil { print("skipped: PostgreSQL (Debian's package is not installed)") }
      return binaries != nil
    }()

    struct Failed: Error {
      let reply: String
    }

    private var shell: (input: FileHandle, output: FileHandle, folder: String)?
    private var databaseCount = 0

    /// Creates an empty database and returns its name.
    func createDatabase() throws -> String {
      databaseCount += 1
      let name = "test\(databaseCount)"
      try run("CREATE DATABASE \(name) TEMPLATE template0")
      return name
    }

    /// Ends all connections to a database, as a restart of the server does.
    func disconnectAll(from name: String) throws {
      try run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
    }

    /// What libpq needs to know to connect.
    func conninfo(_ name: String) throws -> String {
      "host=\(try started().folder) user=postgres dbname=\(name)"
    }

    /// Runs SQL, in the server's own database by default.
    func run(_ sql: String, in database: String = "postgres") throws {
      let shell = try started()
      try shell.input.write(contentsOf: Data("\(database) \(sql)\n".utf8))
      let reply = Self.line(from: shell.output)
      guard reply == "done" else { throw Failed(reply: reply) }
    }

    private func started() throws -> (input: FileHandle, output: FileHandle, folder: String) {
      if let shell { return shell }
      guard let binaries = Self.binaries else { throw Failed(reply: "not installed") }
      let process = Process()
      let (input, output) = (Pipe(), Pipe())
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", Self.script, "sh", binaries]
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      let folder = Self.line(from: output.fileHandleForReading)
      guard folder.hasPrefix("/") else { throw Failed(reply: folder) }
      let shell = (input.fileHandleForWriting, output.fileHandleForReading, folder)
      self.shell = shell
      return shell
    }

    private static func line(from file: FileHandle) -> String {
      var bytes: [UInt8] = []
      while let byte = try? file.read(upToCount: 1)?.first, byte != 0x0A { bytes.append(byte) }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// Says the folder once the server runs, then runs each line, a database and SQL, and says `done`.
    ///
    /// The data lives for seconds, so it need not survive the machine: `fsync` is off.
    private static let script = """
      folder=$(mktemp -d /tmp/gloss-postgres.XXXXXX)
      log=$folder/log
      cd /
      if [ "$(id -u)" = 0 ]; then
        chown postgres "$folder"
        as="setpriv --reuid=postgres --regid=postgres --clear-groups --"
      fi
      trap '' INT TERM
      $as "$1/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --no-locale --no-sync \
        >/dev/null 2>&1 &&
        $as "$1/pg_ctl" -w -D "$folder/data" -l "$log" start -o "-k $folder -c listen_addresses= \
        -c fsync=off -c max_connections=500" >/dev/null 2>&1 &&
        echo "$folder" || echo "cannot start: $(tail -n 1 "$log")"
      while read -r database sql; do
        "$1/psql" -q -h "$folder" -U postgres -d "$database" -c "$sql" >/dev/null 2>&1 && echo done || echo failed
      done
      $as "$1/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
      rm -rf "$folder"
      """
  }
#endif
