import Foundation
import GlossCommandTesting
import GlossCore
import GlossHTTP
import GlossWire
import Testing

/// A hub that was built with TLS, which `make test-tls` names; an ordinary build has none.
private let tlsHub = ProcessInfo.processInfo.environment["GLOSS_TLS_HUB"]

@Suite(.enabled(if: tlsHub != nil, "make test-tls builds the hub that this needs"))
struct TLSTests {
  private let machine: Machine

  /// Makes an authority, a certificate of its for this machine, and a key that is nobody's.
  init() throws {
    machine = try Machine()
    _ = try machine.file("names", "subjectAltName=IP:127.0.0.1")
    try certify("hub", by: "authority")
    try openssl("ecparam -name prime256v1 -genkey -noout -out other.key")
  }

  /// Makes an authority and a certificate of its, with their keys.
  private func certify(_ name: String, by authority: String) throws {
    let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    try openssl(
      "req -x509 \(newKey) -days 1 -subj /CN=\(authority) -keyout \(authority).key -out \(authority).pem"
    )
    try openssl("req \(newKey) -subj /CN=hub -keyout \(name).key -out \(name).csr")
    try openssl(
      "x509 -req -in \(name).csr -CA \(authority).pem -CAkey \(authority).key -CAcreateserial -days 1 "
        + "-extfile names -out \(name).pem")
  }

  private func openssl(_ command: String) throws {
    let outcome = try machine.run(
      "/usr/bin/openssl", command.split(separator: " ").map(String.init))
    try #require(outcome.status == 0, "\(outcome)")
  }

  private func flags(certificate: String = "hub.pem", key: String = "hub.key") -> [String] {
    [
      "--tls-certificate", "\(machine.folder)/\(certificate)", "--tls-key",
      "\(machine.folder)/\(key)",
    ]
  }

  private func transport(to hub: HubProcess, trusting authority: String?) throws -> CurlTransport {
    var options = CurlTransport.Options(userAgent: "test")
    options.certificateAuthorityFile = authority.map { "\(machine.folder)/\($0)" }
    return try CurlTransport(address: hub.address, options: options)
  }

  @Test func `our client uses a hub whose certificate it trusts, and no other`() async throws {
    let hub = try HubProcess(flags(), executable: tlsHub)
    #expect(hub.address.hasPrefix("https://127.0.0.1:"))
    let good = try transport(to: hub, trusting: "authority.pem")
    let library = LibraryID(0xAA)
    #expect(try await good.send(HubRequest(.createLibrary(library), credential: "token")) == .done)
    let header = BundleHeader(
      library: library, epoch: 1, origin: ReplicaID(1), first: 1, last: 1,
      previousTip: [UInt8](repeating: 0, count: 32), tip: [UInt8](repeating: 1, count: 32))
    let bundle = header.bytes + [UInt8](repeating: 7, count: 700_000)
    _ = try await good.send(
      HubRequest(.push(library, bundles: [bundle], after: nil), credential: "token"))
    let reply = try await good.send(HubRequest(.pull(library, after: nil), credential: "token"))
    guard case .page(let page) = reply else { throw HubFailure.notOurs("no page") }
    #expect(page.bundles == [bundle])
    await good.close()
    let wary = try transport(to: hub, trusting: nil)
    do {
      _ = try await wary.send(HubRequest(.describe))
      Issue.record("a stranger's certificate is refused")
    } catch {
      guard case .transport(.insecure) = error else { throw error }
    }
    await wary.close()
    hub.terminate()
    #expect(hub.exitStatus() == 0)
  }

  @Test func `a certificate that was renewed is used without a restart, once its key is there`()
    async throws
  {
    let hub = try HubProcess(flags(), executable: tlsHub)
    func isTrusted(_ authority: String) async throws -> Bool {
      let transport = try transport(to: hub, trusting: authority)
      var isTrusted = true
      do {
        _ = try await transport.send(HubRequest(.describe))
      } catch {
        guard case .transport(.insecure) = error else { throw error }
        isTrusted = false
      }
      await transport.close()
      return isTrusted
    }
    func renew(_ kind: String) throws {
      let (old, new) = ("\(machine.folder)/hub.\(kind)", "\(machine.folder)/renewed.\(kind)")
      try Data(contentsOf: URL(filePath: new)).write(to: URL(filePath: old))
    }
    try certify("renewed", by: "successor")
    #expect(try await isTrusted("authority.pem"))
    #expect(try await !isTrusted("successor.pem"))
    try renew("pem")
    #expect(try await isTrusted("authority.pem"), "the new certificate has no key yet")
    #expect(hub.messages.contains("certificate unusable"))
    try renew("key")
    #expect(try await isTrusted("successor.pem"))
    #expect(try await !isTrusted("authority.pem"))
    #expect(hub.messages.contains("certificate renewed"))
  }

  @Test func `who speaks plain HTTP, or nothing, gets nothing`() throws {
    let hub = try HubProcess(flags() + ["--idle-timeout", "1"], executable: tlsHub)
    let plain = try hub.connect()
    plain.send("GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
    let silent = try hub.connect()
    for connection in [plain, silent] {
      let end = connection.readToEnd()
      #expect(end.isClosed)
      #expect(!end.text.contains("200"))
    }
  }

  @Test(arguments: [("hub.pem", "other.key"), ("hub.pem", "none.key"), ("hub.key", "hub.key")])
  func `files that do not fit are said before anything listens`(
    certificate: String, key: String
  ) throws {
    let outcome = try machine.run(
      #require(tlsHub),
      ["serve", "--data", "data", "--listen", "127.0.0.1:0"]
        + flags(certificate: certificate, key: key))
    #expect(outcome.status == 78, "\(outcome)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.messages.contains("cannot use the certificate or the key"), "\(outcome)")
  }
}
