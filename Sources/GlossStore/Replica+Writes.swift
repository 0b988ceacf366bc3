@preconcurrency internal import Dispatch
internal import Glibc
internal import GlossCore

extension Replica {
  /// A new stream that has an element whenever anybody, in this process or another one, may have written to the file since the
  /// element before.
  ///
  /// It watches the file's write-ahead log (inotify). Where the system has no watch to give, the stream stays silent.
  package var writes: AsyncStream<Void> {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let name = (path.split(separator: "/").last.map(String.init) ?? path) + "-wal"
    return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
      guard descriptor >= 0 else { return }
      guard
        inotify_add_watch(
          descriptor, folder.isEmpty ? "/" : folder,
          UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO)) >= 0
      else {
        Glibc.close(descriptor)
        return
      }
      let source = DispatchSource.makeReadSource(
        fileDescriptor: descriptor, queue: DispatchQueue(label: "gloss.writes"))
      source.setEventHandler {
        if Self.names(from: descriptor).contains(name) { continuation.yield() }
      }
      source.setCancelHandler { Glibc.close(descriptor) }
      continuation.onTermination = { _ in source.cancel() }
      source.resume()
    }
  }

  /// Whether there are changes that the hub has not acknowledged.
  package func hasUnsent() throws -> Bool {
    try read { snapshot in
      let vector = try snapshot.vector()
      return try snapshot.transaction.pushedSeqs().contains { vector[$0.replica] > $0.seq }
    }
  }

  /// Returns the names of the files that the events of a watch are about.
  private static func names(from descriptor: Int32) -> Set<String> {
    var names: Set<String> = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return names }
      var place = 0
      // An event is a head of 16 bytes, whose last 4 say how long the name behind it is with the zeros that fill it up.
      while place + 16 <= count {
        let length = buffer[place + 12..<place + 16].reversed().reduce(0) { $0 << 8 | Int($1) }
        let name = buffer[place + 16..<min(place + 16 + length, count)].prefix { $0 != 0 }
        names.insert(String(decoding: name, as: UTF8.self))
        place += 16 + length
      }
    }
  }
}
