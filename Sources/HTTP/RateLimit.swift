/// How many requests a client may send: a bucket of `burst` tokens that fills at `perSecond`; each request takes one.
public struct RateLimit: Sendable, Equatable {
  /// How many requests a second in the long run.
  public var perSecond: Double
  /// How many at once, after a pause.
  public var burst: Double

  /// A limit; `burst` is at least one.
  public init(perSecond: Double, burst: Double = 1) {
    self.perSecond = max(perSecond, 1e-6)
    self.burst = max(1, burst)
  }
}

/// The bucket of a `RateLimit`.
struct TokenBucket {
  let limit: RateLimit
  private var tokens: Double
  private var filledAt: Double

  init(_ limit: RateLimit, now: Double) {
    self.limit = limit
    tokens = limit.burst
    filledAt = now
  }

  /// Takes a token, and returns how many seconds to wait until it is there.
  mutating func take(now: Double) -> Double {
    tokens = min(limit.burst, tokens + (now - filledAt) * limit.perSecond)
    filledAt = now
    tokens -= 1
    return tokens >= 0 ? 0 : -tokens / limit.perSecond
  }
}
