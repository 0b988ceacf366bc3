import GlossCore
import GlossWire

// What HTTP carries. An input is text: a first line, a line for each header, an empty line, and the body.

/// `METHOD TARGET`, headers, body: as a hub reads it.
func fuzzRequest(_ input: [UInt8]) {
  guard let (lines, body) = split(input), let first = lines.first else { return }
  let words = first.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
  guard words.count == 2 else { return }
  let http = HTTPRequest(
    method: String(words[0]), target: String(words[1]), headers: headers(lines.dropFirst()),
    body: body)
  _ = HubRequest.allowedMethods(at: http.target)
  let request: HubRequest
  do throws(Problem) {
    request = try HubRequest(http: http)
  } catch {
    let reply = error.http
    check((400...599).contains(reply.status), "a refusal has the status of an error")
    do throws(HubFailure) {
      _ = try HubReply(http: reply, to: .describe)
      check(false, "a refusal is no reply")
    } catch {
      if case .refused = error { return }
      check(false, "a client reads a hub's refusal as one")
    }
    return
  }
  let again = try? HubRequest(http: request.http)
  check(again == request, "a request that was read is the same once sent and read")
}

/// The action's number (1 byte), then `STATUS`, headers, body: as a client reads it.
func fuzzReply(_ input: [UInt8]) {
  guard let number = input.first, let (lines, body) = split(Array(input.dropFirst())),
    let status = lines.first.flatMap({ Int($0) })
  else { return }
  let actions = Actions.all
  let action = actions[Int(number) % actions.count]
  let http = HTTPReply(status: status, headers: headers(lines.dropFirst()), body: body)
  guard let reply = try? HubReply(http: http, to: action) else { return }
  let again = try? HubReply(http: reply.http(), to: action)
  check(again == reply, "a reply that was read is the same once sent and read")
}

private enum Actions {
  /// An action of each kind, in the order that the seeds number them by.
  static let all: [HubRequest.Action] = {
    let library = LibraryID(1)
    let digest = [UInt8](repeating: 3, count: 32)
    let snapshot = SnapshotID(2)
    return [
      .describe, .createLibrary(library), .push(library, bundles: [], after: nil),
      .pull(library, after: nil), .vector(library), .uploadBlobs(library, parts: []),
      .fetchBlobs(library, wants: []), .devices(library),
      .revoke(library, tokenDigest: digest), .keyring(library, after: 0),
      .latestSnapshot(library), .piece(library, snapshot, index: 1),
    ]
  }()
}

/// Splits an input into the lines before its first empty one, and the bytes behind it.
private func split(_ input: [UInt8]) -> (lines: [String], body: [UInt8])? {
  var lines: [String] = []
  var rest = input[...]
  while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
    let line = rest[..<end]
    rest = rest[(end + 1)...]
    if line.isEmpty { return (lines, Array(rest)) }
    lines.append(String(decoding: line, as: UTF8.self))
  }
  return nil
}

private func headers(_ lines: ArraySlice<String>) -> [(name: String, value: String)] {
  lines.compactMap { line in
    guard let colon = line.firstIndex(of: ":") else { return nil }
    return (line[..<colon].lowercased(), String(line[line.index(after: colon)...]))
  }
}
