import Glibc

/// Time as a client sees it; a test gives one that does not wait.
public struct HTTPClock: Sendable {
  /// Seconds since some fixed moment, never going back.
  public var monotonic: @Sendable () -> Double
  /// Seconds since 1970.
  public var wall: @Sendable () -> Double
  /// Waits for a number of seconds.
  public var sleep: @Sendable (Double) -> Void
  /// A random number from 0 to 1.
  public var random: @Sendable () -> Double

  /// A clock; see the properties for the parameters.
  public init(
    monotonic: @escaping @Sendable () -> Double, wall: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (Double) -> Void,
    random: @escaping @Sendable () -> Double
  ) {
    self.monotonic = monotonic
    self.wall = wall
    self.sleep = sleep
    self.random = random
  }

  /// The machine's time.
  public static let system = HTTPClock(
    monotonic: { seconds(CLOCK_MONOTONIC) },
    wall: { seconds(CLOCK_REALTIME) },
    sleep: { duration in
      guard duration > 0 else { return }
      var left = timespec(tv_sec: Int(duration), tv_nsec: Int((duration - duration.rounded(.down)) * 1e9))
      while nanosleep(&left, &left) != 0 && errno == EINTR {}
    },
    random: { Double.random(in: 0...1) })

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
