import CCurl
import Diagnostics

extension HTTPClient {
  /// The failure that an answer other than 2xx is.
  func refused(_ request: HTTPRequest, _ response: HTTPResponse) -> HTTPFailure {
    let (code, hint) = HTTPClient.reading(response.status)
    let reason = HTTPClient.reasons[response.status].map { " \($0)" } ?? ""
    return failure(
      .status(response.status), response,
      Diagnostic(
        .connector, code, "\(request.method) \(URLText.shown(request.url)) answered \(response.status)\(reason)", hint: hint,
        cause: HTTPClient.excerpt(response.body)))
  }

  /// The failure that an answer is which could not be decoded.
  func damaged(_ request: HTTPRequest, _ response: HTTPResponse, _ damage: DamagedBody) -> HTTPFailure {
    failure(
      .transfer, response,
      Diagnostic(
        .connector, "http.damaged-body",
        "the answer to \(request.method) \(URLText.shown(request.url)) is damaged: \(damage.problem.message)",
        hint: "the server, or a proxy before it, sends something else than its interface promises",
        cause: damage.problem.cause ?? HTTPClient.excerpt(response.body)))
  }

  /// The failure of a request whose header holds a line end or another control character, which would end the header early
  /// (RFC 9110, section 5.5).
  func unusable(_ request: HTTPRequest, header: String) -> HTTPFailure {
    failure(
      .request, nil,
      Diagnostic(
        .connector, "http.unusable-header", "\(request.method) \(URLText.shown(request.url)) cannot be sent: its header '\(header)' holds a line end",
        hint: "check the secret that goes there for a line end within or behind it"))
  }

  /// The failure that an exchange without a whole answer is (https://curl.se/libcurl/c/libcurl-errors.html).
  func broken(_ request: HTTPRequest, _ failed: CurlTransfer.Failure) -> HTTPFailure {
    let place = "\(request.method) \(URLText.shown(request.url))"
    let host = URLText.origin(request.url) ?? "the server"
    func diagnostic(_ code: String, _ message: String, _ hint: String?) -> Diagnostic {
      Diagnostic(.connector, code, message, hint: hint, cause: failed.message)
    }
    switch failed.code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      return failure(
        .connection, nil, diagnostic("http.unknown-host", "\(place): the host is not known", "check the address for typing errors, and the network"))
    case CURLE_COULDNT_CONNECT:
      return failure(
        .connection, nil,
        diagnostic("http.no-connection", "\(place): no connection to \(host)", "check that the server runs and that the address and port are right"))
    case CURLE_OPERATION_TIMEDOUT:
      return failure(.transfer, nil, diagnostic("http.timeout", "\(place) took too long", "the server is slow or unreachable; try again later"))
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return failure(
        .certificate, nil,
        diagnostic(
          "http.certificate", "\(place): the certificate of \(host) does not hold",
          "certificates are always verified: check the address, and the machine's certificates and clock"))
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FAILED_INIT, CURLE_OUT_OF_MEMORY:
      return failure(.request, nil, diagnostic("http.unusable-url", "\(place) cannot be sent", "the address must be an http or https URL"))
    default:
      return failure(.transfer, nil, diagnostic("http.connection-broken", "\(place): the connection broke before the answer was whole", nil))
    }
  }

  private func failure(_ kind: HTTPFailure.Kind, _ response: HTTPResponse?, _ diagnostic: Diagnostic) -> HTTPFailure {
    HTTPFailure(kind, response: response, diagnostic: redactor.redact(diagnostic))
  }

  private static func reading(_ status: Int) -> (code: String, hint: String?) {
    switch status {
    case 401: ("http.unauthorized", "check the credentials: they are missing, wrong or expired")
    case 403: ("http.forbidden", "the credentials are known but may not do this; check their permissions")
    case 404: ("http.not-found", "check the address and the names in the configuration")
    case 429: ("http.rate-limited", "too many requests: try again later, or let other clients of this account rest")
    case 500...: ("http.server-error", "the server failed; try again later")
    default: ("http.rejected", nil)
    }
  }

  private static let reasons: [Int: String] = [
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 409: "Conflict", 410: "Gone", 422: "Unprocessable Content", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
  ]

  /// The beginning of a body in one line; nil if it is empty.
  private static func excerpt(_ body: [UInt8]) -> String? {
    let words = String(decoding: body.prefix(2_000), as: UTF8.self).split { $0.isWhitespace || $0.unicodeScalars.allSatisfy { $0.value < 0x20 } }
    let text = words.joined(separator: " ")
    guard !text.isEmpty else { return nil }
    return text.count > 400 ? text.prefix(400) + "…" : text
  }
}
