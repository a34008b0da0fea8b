import Glibc
import Project

/// Which nodes may run next: those whose parents have all ended. Nodes downstream of a failure are given out as skipped.
///
/// Workers take and finish nodes from several threads; `take` waits while nothing is ready and something is running.
final class ReadyQueue: @unchecked Sendable {
  /// A node to run, or to report as skipped because of another one.
  struct Item: Sendable {
    var id: String
    /// Its place in the order of starting, from 1.
    var index: Int
    /// Why it is not to be run.
    var skippedBecauseOf: String?
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let order: [String]
  private let places: [String: Int]
  private var missing: [Int]
  private let children: [[Int]]
  /// Why a node must be skipped: the failed one that it depends on.
  private var blocker: [String?]
  /// Places of nodes that may start, the smallest first.
  private var ready: [Int] = []
  private var running = 0
  private var given = 0
  private var stoppedBecauseOf: String?

  /// A queue of all nodes of `graph`.
  init(_ graph: Graph) {
    order = graph.topologicalOrder
    places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($0.element, $0.offset) })
    let places = places
    missing = order.map { graph.parents(of: $0).count }
    children = order.map { graph.children(of: $0).compactMap { places[$0] } }
    blocker = Array(repeating: nil, count: order.count)
    ready = missing.indices.filter { missing[$0] == 0 }.reversed()
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    mutex.deallocate()
    changed.deallocate()
  }

  /// The next node, waiting for it if need be; nil once all have been given out.
  func take() -> Item? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while ready.isEmpty, running > 0 { pthread_cond_wait(changed, mutex) }
    return popReady()
  }

  /// The next node if there is one now.
  func takeNow() -> Item? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return popReady()
  }

  private func popReady() -> Item? {
    guard let place = ready.popLast() else { return nil }
    running += 1
    given += 1
    return Item(id: order[place], index: given, skippedBecauseOf: blocker[place] ?? stoppedBecauseOf)
  }

  /// Says how a node ended.
  ///
  /// - Parameters:
  ///   - isBlocking: whether what depends on it is to be skipped.
  ///   - stop: whether everything that has not begun is to be skipped.
  func finish(_ item: Item, isBlocking: Bool, stop: Bool = false) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    running -= 1
    if stop, stoppedBecauseOf == nil { stoppedBecauseOf = item.id }
    guard let place = places[item.id] else { return }
    for child in children[place] {
      missing[child] -= 1
      if isBlocking, blocker[child] == nil { blocker[child] = item.skippedBecauseOf ?? item.id }
      if missing[child] == 0 { insert(child) }
    }
    pthread_cond_broadcast(changed)
  }

  /// Keeps `ready` in descending order, so that the smallest place is taken from its end.
  private func insert(_ place: Int) {
    var low = 0
    var high = ready.count
    while low < high {
      let middle = (low + high) / 2
      if ready[middle] > place { low = middle + 1 } else { high = middle }
    }
    ready.insert(place, at: low)
  }
}
