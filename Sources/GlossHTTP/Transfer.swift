internal import CGlossCurl
internal import GlossWire

/// One request under way: libcurl's handle, all memory that libcurl points to, and what came in.
///
/// Lives on the transfer thread only. From ``begin(on:)`` to ``end(on:)`` libcurl holds a reference
/// to it.
final class Transfer {
  let submission: Submission
  let easy: UnsafeMutableRawPointer

  private let address: HubAddress
  private let options: CurlTransport.Options
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var head = ReplyHead()
  private var body: [UInt8] = []
  /// The limit that the reply went over.
  private var exceededLimit: Int?
  /// What was told of so far; see ``CurlTransport/Options/onBytes``.
  private var told = (sent: 0, received: 0)

  /// Makes a handle ready for a request, or returns `nil` if libcurl has no memory for it or is too
  /// old to keep the rules.
  init?(_ submission: Submission, address: HubAddress, options: CurlTransport.Options) {
    guard let easy = gloss_curl_easy_init() else { return nil }
    self.submission = submission
    self.address = address
    self.options = options
    self.easy = easy
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    guard configure() else { return nil }
  }

  deinit {
    gloss_curl_easy_cleanup(easy)
    gloss_curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  /// Hands the transfer to `multi`.
  func begin(on multi: UnsafeMutableRawPointer) -> CURLMcode {
    let context = Unmanaged.passRetained(self)
    _ = gloss_curl_set_pointer(easy, CURLOPT_WRITEDATA, context.toOpaque())
    _ = gloss_curl_set_pointer(easy, CURLOPT_HEADERDATA, context.toOpaque())
    _ = gloss_curl_set_pointer(easy, CURLOPT_XFERINFODATA, context.toOpaque())
    let code = gloss_curl_multi_add_handle(multi, easy)
    if code != CURLM_OK { context.release() }
    return code
  }

  /// Takes the transfer back from `multi`: called exactly once for each ``begin(on:)`` that
  /// succeeded.
  func end(on multi: UnsafeMutableRawPointer) {
    _ = gloss_curl_multi_remove_handle(multi, easy)
    _ = gloss_curl_set_pointer(easy, CURLOPT_WRITEDATA, nil)
    _ = gloss_curl_set_pointer(easy, CURLOPT_HEADERDATA, nil)
    _ = gloss_curl_set_pointer(easy, CURLOPT_XFERINFODATA, nil)
    Unmanaged.passUnretained(self).release()
  }

  /// Returns what came of the transfer, which ended with `code`.
  func outcome(_ code: CURLcode) -> Result<HTTPReply, TransportError> {
    if let exceededLimit { return .failure(.tooLarge(limit: exceededLimit)) }
    if code == CURLE_FILESIZE_EXCEEDED { return .failure(.tooLarge(limit: options.replyByteLimit)) }
    guard code == CURLE_OK else {
      let text = String(cString: errorText)
      return .failure(
        TransportError(
          code, at: address.hostAndPort,
          detail: text.isEmpty ? String(cString: gloss_curl_easy_strerror(code)) : text))
    }
    if let problem = head.problem(bodyByteCount: body.count) {
      return .failure(.interrupted("\(address.hostAndPort): \(problem)"))
    }
    return .success(HTTPReply(status: head.status, headers: head.headers, body: body))
  }

  // MARK: What libcurl calls

  private static let receiveHeader: gloss_curl_receiver = { bytes, size, count, context in
    receive(bytes, size * count, context) { transfer, line in
      transfer.head.take(line)
      return transfer.head.byteCount <= transfer.options.headerByteLimit
        ? nil : transfer.options.headerByteLimit
    }
  }

  private static let receiveBody: gloss_curl_receiver = { bytes, size, count, context in
    receive(bytes, size * count, context) { transfer, content in
      guard content.count <= transfer.options.replyByteLimit - transfer.body.count else {
        return transfer.options.replyByteLimit
      }
      transfer.body.append(contentsOf: content)
      return nil
    }
  }

  private static let measure: gloss_curl_meter = { context, _, received, _, sent in
    guard let context else { return 0 }
    Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      .tell(sent: Int(sent), received: Int(received))
    return 0
  }

  private func tell(sent: Int, received: Int) {
    guard sent > told.sent || received > told.received else { return }
    options.onBytes?(max(0, sent - told.sent), max(0, received - told.received))
    told = (max(sent, told.sent), max(received, told.received))
  }

  /// Returns how many bytes were taken in: all of them, or none where `take` returns a limit.
  private static func receive(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    take: (Transfer, UnsafeRawBufferPointer) -> Int?
  ) -> Int {
    guard let bytes, let context, count > 0 else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    guard let limit = take(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) else {
      return count
    }
    transfer.exceededLimit = limit
    return 0
  }

  // MARK: Set-up

  /// Sets every option; returns whether libcurl took them all.
  private func configure() -> Bool {
    configureConnection() && configureRequest() && configureReply()
      && (options.onBytes == nil || gloss_curl_set_meter(easy, Self.measure) == CURLE_OK)
  }

  private func configureConnection() -> Bool {
    let seconds = options.stallTimeoutSeconds + submission.request.patienceSeconds
    var isSet =
      set(CURLOPT_PROTOCOLS_STR, "http,https")
      && set(CURLOPT_NOSIGNAL, 1)
      // A lookup that nobody waits for any more must not hold up the thread.
      && set(CURLOPT_QUICK_EXIT, 1)
      && set(CURLOPT_PROXY, options.proxy ?? "")
      && set(CURLOPT_NOPROXY, "")
      && set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
      && set(CURLOPT_CONNECTTIMEOUT_MS, options.connectTimeoutMilliseconds)
      && set(CURLOPT_LOW_SPEED_LIMIT, options.slowestBytesPerSecond)
      && set(CURLOPT_LOW_SPEED_TIME, seconds)
      && set(CURLOPT_TCP_KEEPALIVE, 1)
      && set(CURLOPT_SSL_VERIFYPEER, 1)
      && set(CURLOPT_SSL_VERIFYHOST, 2)
      && set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
      && set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    if let file = options.certificateAuthorityFile {
      isSet =
        isSet && set(CURLOPT_CAINFO, file)
        && gloss_curl_set_string(easy, CURLOPT_CAPATH, nil) == CURLE_OK
    }
    return isSet
  }

  private func configureRequest() -> Bool {
    let request = submission.request
    precondition(
      request.target.hasPrefix("/") && Self.isVisible(request.target, from: 0x21),
      "a target begins with a slash and is visible ASCII")
    let isSet =
      set(CURLOPT_URL, address.text + request.target)
      && set(CURLOPT_PATH_AS_IS, 1)
      && set(CURLOPT_USERAGENT, options.userAgent)
    if request.method == "GET" {
      precondition(request.body.isEmpty, "a GET has no body")
      return isSet && set(CURLOPT_HTTPGET, 1) && setHeaders(of: request)
    }
    let isCopied = request.body.withUnsafeBytes { bytes in
      // With a size set before, curl copies as many bytes; it asks for an address even of none.
      var none: UInt8 = 0
      return withUnsafeMutablePointer(to: &none) { none in
        set(CURLOPT_POST, 1)
          && gloss_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            == CURLE_OK
          && gloss_curl_set_pointer(
            easy, CURLOPT_COPYPOSTFIELDS,
            UnsafeMutableRawPointer(mutating: bytes.baseAddress) ?? UnsafeMutableRawPointer(none))
            == CURLE_OK
      }
    }
    return isSet && isCopied && set(CURLOPT_CUSTOMREQUEST, request.method)
      && setHeaders(of: request)
  }

  private func configureReply() -> Bool {
    set(CURLOPT_FOLLOWLOCATION, 0)
      && set(CURLOPT_HTTP09_ALLOWED, 0)
      && set(CURLOPT_HTTP_CONTENT_DECODING, 0)
      && gloss_curl_set_offset(
        easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(options.replyByteLimit)) == CURLE_OK
      && gloss_curl_set_receiver(easy, CURLOPT_HEADERFUNCTION, Self.receiveHeader) == CURLE_OK
      && gloss_curl_set_receiver(easy, CURLOPT_WRITEFUNCTION, Self.receiveBody) == CURLE_OK
      && gloss_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText) == CURLE_OK
  }

  private func setHeaders(of request: HTTPRequest) -> Bool {
    // Not every server answers `Expect: 100-continue`, and curl then waits a second.
    var lines = ["Expect:"]
    if !request.headers.contains(where: { $0.name == "content-type" }) {
      lines.append("Content-Type:")
    }
    for (name, value) in request.headers {
      precondition(
        Self.isVisible(name, from: 0x21) && !name.contains(":")
          && Self.isVisible(value, from: 0x20),
        "headers are checked where they are made")
      lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    for line in lines {
      guard let longer = gloss_curl_slist_append(headerList, line) else { return false }
      headerList = longer
    }
    return gloss_curl_set_list(easy, CURLOPT_HTTPHEADER, headerList) == CURLE_OK
  }

  private func set(_ option: CURLoption, _ value: Int) -> Bool {
    gloss_curl_set_long(easy, option, value) == CURLE_OK
  }

  private func set(_ option: CURLoption, _ value: String) -> Bool {
    gloss_curl_set_string(easy, option, value) == CURLE_OK
  }

  private static func isVisible(_ text: String, from first: UInt8) -> Bool {
    text.utf8.allSatisfy { (first...0x7E).contains($0) }
  }
}
