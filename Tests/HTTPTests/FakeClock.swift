import HTTP
import Synchronization

/// Time that passes when someone sleeps, and remembers how long they did.
final class FakeClock: Sendable {
  private let state = Mutex<(now: Double, sleeps: [Double])>((0, []))

  var sleeps: [Double] { state.withLock { $0.sleeps } }

  /// A clock whose random numbers are all `random`.
  func clock(random: Double = 1) -> HTTPClock {
    HTTPClock(
      monotonic: { self.state.withLock { $0.now } }, wall: { 1_700_000_000 + self.state.withLock { $0.now } },
      sleep: { seconds in
        self.state.withLock { state in
          state.now += seconds
          state.sleeps.append(seconds)
        }
      }, random: { random })
  }
}
