import Glibc

/// Threads of their own for blocking work: SQL and deep templates would starve the cooperative pool, and need more stack.
enum WorkerThreads {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` `count` times at once, with the numbers from 0 on, and returns when all have returned.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let threads = (0..<count).map { index in begin { body(index) } }
    for (index, thread) in threads.enumerated() {
      if let thread { pthread_join(thread, nil) } else { body(index) }
    }
  }

  /// Runs `body` on a thread of its own while the caller is suspended.
  static func detach<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let work: @Sendable () -> Void = { continuation.resume(with: Swift.Result { try body() }) }
      if let thread = begin(work) { pthread_detach(thread) } else { work() }
    }
  }

  /// nil if the system gives no thread.
  private static func begin(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 64 << 20)
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(body))
    let code = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      return nil
    }
    return thread
  }
}
