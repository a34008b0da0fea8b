import Diagnostics

/// Sends HTTP requests over libcurl, and sends them again where that helps.
///
/// Calls block their thread. One client serves one thread at a time: it keeps its connections open from one request to the
/// next. Certificates are verified, always. Redirects are followed, but nothing that could hold a credential goes along to
/// another host.
public final class HTTPClient {
  /// When requests are tried again.
  public var retry: RetryPolicy
  /// How long a request may take.
  public var timeouts: HTTPTimeouts
  /// What must not stand in any error.
  public var redactor = Redactor()
  /// Called before every wait for a server, so that what is buffered can go its way meanwhile.
  public var willWait: (() throws -> Void)?
  /// Called before a further try, with what went wrong and the seconds until it.
  public var willRetry: ((HTTPFailure, Double) throws -> Void)?
  /// The last word on whether a failure is tried again; nil leaves it to the policy.
  public var isWorthRetrying: ((HTTPFailure) -> Bool?)?
  /// How many requests have been sent, further tries included.
  public private(set) var requestCount = 0

  let clock: HTTPClock
  private let transfer: CurlTransfer
  private var bucket: TokenBucket?
  /// Whether anything has ever answered: an address that never did is more likely wrong than out of order.
  private var hasAnswered = false

  /// A client without open connections.
  ///
  /// - Parameters:
  ///   - rateLimit: how many requests a second it may send; nil sets no limit.
  ///   - clock: where it gets the time from.
  public init(
    retry: RetryPolicy = RetryPolicy(), timeouts: HTTPTimeouts = HTTPTimeouts(), rateLimit: RateLimit? = nil,
    userAgent: String = "scv", clock: HTTPClock = .system
  ) {
    self.retry = retry
    self.timeouts = timeouts
    self.clock = clock
    transfer = CurlTransfer(userAgent: userAgent)
    bucket = rateLimit.map { TokenBucket($0, now: clock.monotonic()) }
  }

  /// Limits the requests from now on; nil lifts the limit.
  public func limit(to rateLimit: RateLimit?) {
    bucket = rateLimit.map { TokenBucket($0, now: clock.monotonic()) }
  }

  /// The successful (2xx) answer to a request.
  ///
  /// - Throws: `HTTPFailure` when tries or time are used up, or no try would help.
  public func send(_ request: HTTPRequest) throws -> HTTPResponse {
    try send(request) { $0 }
  }

  /// What `decode` makes of the successful (2xx) answer to a request.
  ///
  /// - Parameter decode: may throw `DamagedBody`, which counts as a failed try.
  /// - Throws: `HTTPFailure` when tries or time are used up, or no try would help; what else `decode` throws.
  public func send<Result>(_ request: HTTPRequest, decode: (HTTPResponse) throws -> Result) throws -> Result {
    try tryRepeatedly(request) { _ in
      let response = try exchange(request)
      do {
        return try decode(response)
      } catch let damage as DamagedBody {
        throw damaged(request, response, damage)
      }
    }
  }

  /// Runs `attempt` until it succeeds, as often as the policy has it.
  ///
  /// - Parameter attempt: one try; calls its parameter to have made progress: the count of tries then begins anew.
  func tryRepeatedly<Result>(_ request: HTTPRequest, _ attempt: (_ progress: @escaping () -> Void) throws -> Result) throws -> Result {
    var began = clock.monotonic()
    var tries = 0
    while true {
      tries += 1
      do {
        return try attempt {
          tries = 0
          began = self.clock.monotonic()
        }
      } catch var failure as HTTPFailure {
        tries = max(1, tries)
        let delay = retry.delay(after: tries, retryAfter: failure.response.flatMap(retryAfter), random: clock.random())
        let isLate = clock.monotonic() - began + delay > retry.totalTime
        let attempts = failure.kind == .connection && !hasAnswered ? min(retry.attempts, retry.firstConnections) : retry.attempts
        guard isRetried(failure), tries < attempts, !isLate else {
          if tries > 1 { failure.diagnostic.message += " (tried \(tries) times)" }
          if isLate && tries < attempts && isRetried(failure) {
            failure.diagnostic.hint = "the next try would have been due in \(Int(delay.rounded(.up))) s, which is more than this run waits"
          }
          throw failure
        }
        try willRetry?(failure, delay)
        clock.sleep(delay)
      }
    }
  }

  /// Sends a request once, redirects followed, and returns a 2xx answer.
  func exchange(
    _ original: HTTPRequest, sink: ((HTTPResponse, UnsafeRawBufferPointer) throws -> Void)? = nil
  ) throws -> HTTPResponse {
    var request = original
    for _ in 0...10 {
      let response = try sendOnce(request, sink: sink)
      if response.isSuccess { return response }
      guard [301, 302, 303, 307, 308].contains(response.status), let target = transfer.redirectURL else {
        throw refused(original, response)
      }
      request = try redirected(request, response, to: target)
    }
    throw HTTPFailure(
      .request,
      diagnostic: redactor.redact(
        Diagnostic(.connector, "http.redirect-loop", "\(original.method) \(URLText.shown(original.url)) was redirected more than 10 times")))
  }

  private func sendOnce(
    _ request: HTTPRequest, sink: ((HTTPResponse, UnsafeRawBufferPointer) throws -> Void)?
  ) throws -> HTTPResponse {
    if let field = request.headers.fields.first(where: { ($0.name + $0.value).utf8.contains { $0 < 0x20 && $0 != 0x09 } }) {
      throw unusable(request, header: field.name)
    }
    try willWait?()
    if let delay = bucket?.take(now: clock.monotonic()), delay > 0 { clock.sleep(delay) }
    requestCount += 1
    do {
      let response = try transfer.send(request, timeouts: timeouts, sink: sink)
      hasAnswered = true
      return response
    } catch let failure as CurlTransfer.Failure {
      throw broken(request, failure)
    }
  }

  private func redirected(_ request: HTTPRequest, _ response: HTTPResponse, to target: String) throws -> HTTPRequest {
    var next = request
    next.url = target
    if response.status == 303 || (response.status < 303 && request.method == "POST") {
      next.method = "GET"
      next.body = nil
      next.headers["Content-Type"] = nil
    }
    guard URLText.origin(request.url) != URLText.origin(target) else { return next }
    let isDowngrade = request.url.lowercased().hasPrefix("https:") && !target.lowercased().hasPrefix("https:")
    guard !isDowngrade, next.body == nil else {
      throw HTTPFailure(
        .request, response: response,
        diagnostic: redactor.redact(
          Diagnostic(
            .connector, "http.unsafe-redirect",
            "\(request.method) \(URLText.shown(request.url)) was redirected to \(URLText.shown(target)), which credentials must not follow",
            hint: "use the address that it redirects to, if you trust it")))
    }
    // Any header may carry a credential; only those that cannot go along to another host.
    let harmless = ["accept", "accept-language", "range", "if-range", "if-modified-since"]
    next.headers.fields.removeAll { !harmless.contains($0.name.lowercased()) }
    return next
  }

  private func isRetried(_ failure: HTTPFailure) -> Bool {
    if let verdict = isWorthRetrying?(failure) { return verdict }
    switch failure.kind {
    case .status(let status): return retry.statuses.contains(status)
    case .connection, .transfer: return true
    case .certificate, .request, .quota: return false
    }
  }

  /// The seconds that the server asks to wait (RFC 9110, section 10.2.3); an HTTP date is read against the server's own clock.
  private func retryAfter(_ response: HTTPResponse) -> Double? {
    guard let text = response.headers["Retry-After"] else { return nil }
    if let seconds = Double(text), seconds.isFinite { return max(0, seconds) }
    guard let date = CurlTransfer.seconds(ofDate: text) else { return nil }
    let now = response.headers["Date"].flatMap(CurlTransfer.seconds) ?? clock.wall()
    return max(0, date - now)
  }
}
