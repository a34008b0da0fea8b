import Diagnostics
import Synchronization
import Warehouse

/// Syncs connections into a warehouse.
///
///     let runner = SyncRunner(adapter: adapter, options: SyncOptions(projectFolder: folder))
///     let results = runner.sync(connections) { event in … }
///
/// To be called from a thread that may block. Connections run side by side, each its connector in a process of its own and its
/// loading in a thread of its own; the warehouse's one writer takes their transactions in turn.
public struct SyncRunner: Sendable {
  private let adapter: SQLiteAdapter
  private let options: SyncOptions

  /// A runner into `adapter`.
  public init(adapter: SQLiteAdapter, options: SyncOptions) {
    self.adapter = adapter
    self.options = options
  }

  /// Syncs `connections`, and waits for the end.
  ///
  /// - Parameter onEvent: is told what happens, from several threads at once.
  /// - Returns: a result a connection, in their order. Nothing is thrown: what failed says so in its result.
  public func sync(_ connections: [Connection], onEvent: @escaping @Sendable (SyncEvent) -> Void = { _ in }) -> [ConnectionResult] {
    let results = Mutex<[Int: ConnectionResult]>([:])
    let next = Atomic(0)
    let work: @Sendable () -> Void = {
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < connections.count else { return }
        let result = SyncAttempts(connection: connections[index], adapter: adapter, options: options, emit: onEvent).run()
        results.withLock { $0[index] = result }
      }
    }
    Shared(work).run(threads: min(options.threads, connections.count))
    return results.withLock { results in connections.indices.compactMap { results[$0] } }
  }

  /// Runs the same work on several threads, this one among them.
  private struct Shared {
    let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }

    func run(threads: Int) {
      // A thread that cannot be started is one less; this one does the work.
      let others = (1..<max(1, threads)).compactMap { _ in try? NativeThread.start(work) }
      work()
      for thread in others { thread.join() }
    }
  }
}
