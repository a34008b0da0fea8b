import Glibc
import Synchronization

/// The connectors that run now, so that none outlives scv: an interrupt ends them all.
///
/// The table is a fixed array of atomics, since a signal handler may take no lock.
public enum ChildProcesses {
  private static let capacity = 256
  nonisolated(unsafe) private static let groups: UnsafeMutablePointer<pid_t> = {
    let table = UnsafeMutablePointer<pid_t>.allocate(capacity: capacity)
    table.initialize(repeating: 0, count: capacity)
    return table
  }()
  private static let lock = Mutex(())
  private static let interruptions = Atomic<Int>(0)

  /// Whether a signal has asked to stop.
  public static var isInterrupted: Bool { interruptions.load(ordering: .relaxed) > 0 }

  /// From now on SIGINT, SIGTERM and SIGHUP end the connectors first: syncs then fail with `sync.interrupted`, with
  /// everything up to the last checkpoint kept. A second signal ends scv at once.
  public static func stopOnSignals() {
    _ = groups
    for signal in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in ChildProcesses.handle(number) }
      sigaction(signal, &action, nil)
    }
  }

  /// Ends all connectors, as a signal would.
  public static func interrupt() {
    interruptions.add(1, ordering: .relaxed)
    signalAll(SIGTERM)
  }

  private static func handle(_ number: Int32) {
    let (_, count) = interruptions.add(1, ordering: .relaxed)
    signalAll(count > 1 ? SIGKILL : SIGTERM)
    if count > 1 {
      signal(number, SIG_DFL)
      raise(number)
    }
  }

  private static func signalAll(_ number: Int32) {
    for index in 0..<capacity where groups[index] > 0 { kill(-groups[index], number) }
  }

  static func add(_ group: pid_t) {
    lock.withLock { _ in
      for index in 0..<capacity where groups[index] == 0 {
        groups[index] = group
        return
      }
    }
  }

  static func remove(_ group: pid_t) {
    lock.withLock { _ in
      for index in 0..<capacity where groups[index] == group { groups[index] = 0 }
    }
  }
}
