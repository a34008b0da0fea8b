import CCurl

/// One curl handle: sends a request, one at a time, and keeps its connections for the next.
///
/// The manual of the options: https://curl.se/libcurl/c/curl_easy_setopt.html
final class CurlTransfer {
  /// How a single exchange ended without an answer, or with half of one.
  struct Failure: Error {
    var code: CURLcode
    var message: String
    var osError: Int
  }

  /// What the callbacks of one exchange gather.
  private final class Exchange {
    var status = 0
    var headers: HTTPHeaders = [:]
    var body: [UInt8] = []
    var sink: ((HTTPResponse, UnsafeRawBufferPointer) throws -> Void)?
    var sinkError: (any Error)?

    /// Successes go to the sink; the bodies of errors are kept, to be shown.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
      guard let sink, (200..<300).contains(status) else {
        body.append(contentsOf: bytes)
        return true
      }
      do {
        try sink(HTTPResponse(status: status, headers: headers), bytes)
        return true
      } catch {
        sinkError = error
        return false
      }
    }

    func takeHeader(_ bytes: UnsafeRawBufferPointer) {
      let line = String(decoding: bytes, as: UTF8.self).trimmed
      if line.hasPrefix("HTTP/") {
        // An informational answer (100, 103) may precede the one that counts.
        status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        headers = [:]
      } else if let colon = line.firstIndex(of: ":") {
        headers.fields.append((String(line[..<colon]), String(line[line.index(after: colon)...]).trimmed))
      }
    }
  }

  private static let hasStarted: Bool = scv_curl_start() == CURLE_OK
  private let handle: UnsafeMutableRawPointer?
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private let userAgent: String

  init(userAgent: String) {
    self.userAgent = userAgent
    handle = CurlTransfer.hasStarted ? scv_curl_open() : nil
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    if let handle { scv_curl_close(handle) }
    errorText.deallocate()
  }

  /// Sends `request` once and returns the answer; redirects are answers too.
  ///
  /// - Parameter sink: takes the body of a success as it comes, with status and headers beside; nil collects the body.
  /// - Throws: `Failure`, and what `sink` throws.
  func send(
    _ request: HTTPRequest, timeouts: HTTPTimeouts, sink: ((HTTPResponse, UnsafeRawBufferPointer) throws -> Void)? = nil
  ) throws -> HTTPResponse {
    guard let handle else { throw Failure(code: CURLE_FAILED_INIT, message: "libcurl cannot be loaded or started", osError: 0) }
    let exchange = Exchange()
    exchange.sink = sink
    // Resetting keeps connections, DNS and TLS session caches, and drops every option of the request before.
    scv_curl_reset(handle)
    errorText[0] = 0
    var list: UnsafeMutablePointer<curl_slist>?
    defer { scv_curl_free(list) }
    for field in request.headers.fields { list = scv_curl_append(list, "\(field.name): \(field.value)") ?? list }
    // Without this, bodies of some size wait for a "100 Continue".
    list = scv_curl_append(list, "Expect:") ?? list
    configure(handle, request, timeouts, isDownload: sink != nil)
    scv_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
    return try withExtendedLifetime(exchange) {
      let context = Unmanaged.passUnretained(exchange).toOpaque()
      scv_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
      scv_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
      scv_curl_set_data(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        return exchange.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
      }
      scv_curl_set_data(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        guard let context else { return 0 }
        Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
      }
      return try perform(handle, request, exchange)
    }
  }

  private func configure(_ handle: UnsafeMutableRawPointer, _ request: HTTPRequest, _ timeouts: HTTPTimeouts, isDownload: Bool) {
    scv_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
    scv_curl_set_string(handle, CURLOPT_URL, request.url)
    scv_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    scv_curl_set_string(handle, CURLOPT_USERAGENT, userAgent)
    // A download is resumed by byte ranges, which count encoded bytes: it is asked for as it lies there.
    if !isDownload { scv_curl_set_string(handle, CURLOPT_ACCEPT_ENCODING, "") }
    scv_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    scv_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
    scv_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
    scv_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
    scv_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
    scv_curl_set_long(handle, CURLOPT_BUFFERSIZE, 256 << 10)
    scv_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(timeouts.connect * 1_000))
    scv_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    scv_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, timeouts.stall)
    if !isDownload { scv_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(timeouts.total * 1_000)) }
    if let body = request.body {
      scv_curl_set_long(handle, CURLOPT_POST, 1)
      scv_curl_set_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      _ = body.withUnsafeBytes { scv_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress)) }
    }
    if request.method == "HEAD" { scv_curl_set_long(handle, CURLOPT_NOBODY, 1) }
    scv_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
  }

  private func perform(_ handle: UnsafeMutableRawPointer, _ request: HTTPRequest, _ exchange: Exchange) throws -> HTTPResponse {
    let code = scv_curl_perform(handle)
    if let error = exchange.sinkError { throw error }
    guard code == CURLE_OK else {
      var osError = 0
      scv_curl_get_long(handle, CURLINFO_OS_ERRNO, &osError)
      let told = String(cString: errorText)
      throw Failure(code: code, message: told.isEmpty ? String(cString: scv_curl_message(code)) : told, osError: osError)
    }
    return HTTPResponse(status: exchange.status, headers: exchange.headers, body: exchange.body, url: request.url)
  }

  /// Where a redirect leads, made absolute; nil if the last answer was none.
  var redirectURL: String? {
    guard let handle else { return nil }
    var text: UnsafePointer<CChar>?
    guard scv_curl_get_string(handle, CURLINFO_REDIRECT_URL, &text) == CURLE_OK, let text else { return nil }
    return String(cString: text)
  }

  /// The seconds since 1970 that an HTTP date (RFC 9110, section 5.6.7) stands for.
  static func seconds(ofDate text: String) -> Double? {
    guard hasStarted else { return nil }
    let time = scv_curl_seconds(text)
    return time < 0 ? nil : Double(time)
  }
}

extension String {
  /// The text without blanks and line ends around it.
  var trimmed: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
