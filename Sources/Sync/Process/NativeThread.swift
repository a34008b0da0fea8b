import Diagnostics
import Glibc

/// A thread of the operating system: reading a pipe blocks, and Swift's own pool has no thread to spare for that.
struct NativeThread: @unchecked Sendable {
  private let handle: pthread_t

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts `body` on a thread of its own; `join` must be called once.
  ///
  /// - Throws: `Diagnostic` (`system.no-thread`) if the system has none left.
  static func start(_ body: @escaping @Sendable () -> Void) throws -> NativeThread {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Body(body))
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw Diagnostic(.system, "system.no-thread", "a thread cannot be started", cause: String(cString: strerror(code)))
    }
    return NativeThread(handle: thread)
  }

  /// Waits until it has ended.
  func join() {
    pthread_join(handle, nil)
  }
}

/// A mutual exclusion with a condition to wait for, as POSIX has it; the clock does not jump when somebody sets it.
final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Wakes all that wait; to be called inside `withLock`.
  func wake() {
    pthread_cond_broadcast(condition)
  }

  /// Waits for `wake`, inside `withLock`.
  ///
  /// - Parameter deadline: when to give up, by `Clock.now`; nil waits for ever.
  /// - Returns: false when the deadline has passed.
  func wait(until deadline: Double?) -> Bool {
    guard let deadline else { return pthread_cond_wait(condition, mutex) == 0 }
    var time = timespec(tv_sec: Int(deadline), tv_nsec: Int((deadline - deadline.rounded(.down)) * 1e9))
    return pthread_cond_timedwait(condition, mutex, &time) == 0
  }
}

/// The two clocks of a sync.
enum Clock {
  /// Seconds on a clock that only runs forward.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Milliseconds since 1970.
  static var milliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
