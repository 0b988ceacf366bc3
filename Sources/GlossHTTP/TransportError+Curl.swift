internal import CGlossCurl
internal import GlossWire

extension TransportError {
  /// Says in the words of the protocol what a code of libcurl's means; `detail` is libcurl's text.
  init(_ code: CURLcode, at place: String, detail: String) {
    let text = "\(place): \(detail)"
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
      CURLE_PROXY, CURLE_INTERFACE_FAILED:
      self = .unreachable(text)
    case CURLE_OPERATION_TIMEDOUT:
      self = .timedOut
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CLIENTCERT,
      CURLE_USE_SSL_FAILED:
      self = .insecure(text)
    case CURLE_URL_MALFORMAT:
      self = .badAddress(text)
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      // The scheme was checked before, so what is not supported is what the server speaks.
      self = .interrupted("\(place): what came back is not HTTP")
    default:
      self = .interrupted(text)
    }
  }
}
