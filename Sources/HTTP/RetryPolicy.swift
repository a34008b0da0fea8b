/// When a request is tried again, and how long to wait before.
///
/// Waits grow exponentially and are drawn at random from zero to the grown value ("full jitter", M. Brooker, Exponential
/// Backoff And Jitter, AWS Architecture Blog, 2015), so that many clients do not come back at once. A `Retry-After` of the
/// server counts instead, with a little jitter on top.
public struct RetryPolicy: Sendable, Equatable {
  /// How often a request is sent at most.
  public var attempts: Int
  /// How often a connection is tried at most as long as nothing has ever answered: whoever mistypes an address is told soon.
  public var firstConnections: Int
  /// What the first wait is drawn from, in seconds.
  public var firstDelay: Double
  /// What no wait exceeds, in seconds, unless the server asks for more.
  public var longestDelay: Double
  /// How long all tries of one request may take together, waits included, in seconds.
  public var totalTime: Double
  /// The status codes that are tried again.
  public var statuses: Set<Int>

  /// A policy; see the properties for the parameters.
  public init(
    attempts: Int = 8, firstConnections: Int = 4, firstDelay: Double = 0.5, longestDelay: Double = 60, totalTime: Double = 1_200,
    statuses: Set<Int> = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]
  ) {
    self.attempts = attempts
    self.firstConnections = firstConnections
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
    self.totalTime = totalTime
    self.statuses = statuses
  }

  /// For checks, where a person waits: three tries within half a minute.
  public static let check = RetryPolicy(attempts: 3, firstDelay: 0.25, longestDelay: 2, totalTime: 30)

  /// A single try.
  public static let never = RetryPolicy(attempts: 1)

  /// The wait after try number `attempt` (from 1), in seconds.
  ///
  /// - Parameters:
  ///   - retryAfter: what the server asked for, in seconds.
  ///   - random: a number from 0 to 1.
  func delay(after attempt: Int, retryAfter: Double?, random: Double) -> Double {
    if let retryAfter { return retryAfter + 0.1 * random * min(10, max(0.1, retryAfter)) }
    var grown = firstDelay
    for _ in 1..<max(1, min(attempt, 64)) { grown = min(longestDelay, grown * 2) }
    return random * min(longestDelay, grown)
  }
}
