internal import HummingbirdCore

#if TLS
  internal import HummingbirdTLS
  internal import NIOSSL
#endif

// TLS is a trait of the package, because it brings a library of its own (BoringSSL) that doubles the build.

extension HubServer {
  /// Whether this program was built with TLS.
  package static var hasTLS: Bool {
    #if TLS
      true
    #else
      false
    #endif
  }

  /// Returns `base` behind TLS 1.2 or later with the certificate and the key in `files`.
  ///
  /// - Throws: ``Failure/tlsUnusable(_:)``.
  static func withTLS(
    _ base: HTTPServerBuilder, files: TLSFiles
  ) throws(Failure) -> HTTPServerBuilder {
    #if TLS
      do {
        var configuration = TLSConfiguration.makeServerConfiguration(
          certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map {
            .certificate($0)
          },
          privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Making the context is what notices a key of another certificate.
        _ = try NIOSSLContext(configuration: configuration)
        return try .tls(base, tlsConfiguration: configuration)
      } catch {
        throw .tlsUnusable("\(error)")
      }
    #else
      throw .tlsUnusable("this program was built without TLS")
    #endif
  }
}
