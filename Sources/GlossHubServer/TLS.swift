internal import HummingbirdCore

#if TLS
  internal import Foundation
  internal import HummingbirdTLS
  internal import Logging
  internal import NIOConcurrencyHelpers
  internal import NIOCore
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

  /// Returns `base` behind TLS 1.2 or later with the certificate and the key in `files`, whatever is in them when a connection
  /// begins.
  ///
  /// - Throws: ``Failure/tlsUnusable(_:)``.
  static func withTLS(
    _ base: HTTPServerBuilder, files: TLSFiles, log: HubLog
  ) throws(Failure) -> HTTPServerBuilder {
    #if TLS
      do {
        let certificate = try RenewableCertificate(files, log: log)
        var configuration = try RenewableCertificate.configuration(of: files)
        configuration.sslContextCallback = { _, promise in
          // On another thread: files that do not fit leave an error with this one, for which BoringSSL would end the handshake.
          promise.completeWithTask { certificate.current }
        }
        return try .tls(base, tlsConfiguration: configuration)
      } catch {
        throw .tlsUnusable("\(error)")
      }
    #else
      throw .tlsUnusable("this program was built without TLS")
    #endif
  }
}

#if TLS
  /// A certificate and its key, read anew when their files were changed.
  ///
  /// Certificates last weeks and hubs run for longer. The files are looked at when a connection begins. What is in them has to
  /// fit together, or the certificate of before goes on: one file is renewed after the other.
  private final class RenewableCertificate: Sendable {
    private struct State {
      var override: NIOSSLContextConfigurationOverride
      /// Which files they were when they were last read, when those were changed, and how large they were.
      var stamps: [Stamp]
    }

    private struct Stamp: Equatable {
      let path: String
      let modified: Date?
      let byteCount: Int?

      /// - Parameter path: The file, or a link to it, as tools that renew certificates leave one.
      init(_ path: String) {
        self.path = URL(filePath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: self.path)
        modified = attributes?[.modificationDate] as? Date
        byteCount = attributes?[.size] as? Int
      }
    }

    private let files: HubServer.TLSFiles
    private let log: HubLog
    private let state: NIOLockedValueBox<State>

    init(_ files: HubServer.TLSFiles, log: HubLog) throws {
      self.files = files
      self.log = log
      let stamps = Self.stamps(of: files)
      state = NIOLockedValueBox(State(override: try Self.override(of: files), stamps: stamps))
    }

    /// What a connection that begins now has to use.
    var current: NIOSSLContextConfigurationOverride {
      let stamps = Self.stamps(of: files)
      return state.withLockedValue { state in
        guard stamps != state.stamps else { return state.override }
        state.stamps = stamps
        do {
          state.override = try Self.override(of: files)
          log.logger.notice("certificate renewed")
        } catch {
          log.logger.error("certificate unusable", metadata: ["error": "\(error)"])
        }
        return state.override
      }
    }

    /// Reads the files.
    ///
    /// - Throws: What is wrong with them, such as a key of another certificate.
    static func configuration(of files: HubServer.TLSFiles) throws -> TLSConfiguration {
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map {
          .certificate($0)
        },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      // Making the context is what notices a key of another certificate.
      _ = try NIOSSLContext(configuration: configuration)
      return configuration
    }

    private static func override(
      of files: HubServer.TLSFiles
    ) throws -> NIOSSLContextConfigurationOverride {
      let configuration = try configuration(of: files)
      var override = NIOSSLContextConfigurationOverride()
      override.certificateChain = configuration.certificateChain
      override.privateKey = configuration.privateKey
      return override
    }

    private static func stamps(of files: HubServer.TLSFiles) -> [Stamp] {
      [Stamp(files.certificate), Stamp(files.key)]
    }
  }
#endif
