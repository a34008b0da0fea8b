import FoundationEssentials
import OrderedCollections
import Project
import Synchronization

/// Runs the nodes of a graph on several threads, parents before children, and skips what is downstream of a failure.
struct Runner: Sendable {
  /// What depends on what.
  var graph: Graph
  /// How many nodes run at once.
  var threads: Int
  /// Whether the first failure ends the run.
  var failFast = false
  /// Where events go; called from the workers' threads.
  var report: @Sendable (RunEvent) -> Void
  /// Runs one node on the worker of that number, from 0.
  var work: @Sendable (_ id: String, _ worker: Int) -> NodeRun.Step
  /// Ends nodes of one group; the results are in their order.
  var complete: @Sendable ([NodeRun.Pending]) -> [NodeResult]
  /// The result of a node that is skipped because of another one.
  var skipped: @Sendable (_ id: String, _ because: String) -> NodeResult

  /// Nodes that wait for others, by group.
  private struct Waiting {
    typealias Entry = (item: ReadyQueue.Item, pending: NodeRun.Pending, worker: Int)

    private var groups: OrderedDictionary<String, [Entry]> = [:]
    private var count = 0
    private var since = ContinuousClock.now
    private var ended = 0
    private let began = ContinuousClock.now

    /// Each batch has SQLite read the whole schema again: batches grow with what there is, so that this stays a part of the work.
    var isDue: Bool {
      guard count > 0 else { return false }
      let now = ContinuousClock.now
      return count >= max(ViewBatch.limit, ended) || now - since > max(ViewBatch.patience, (now - began) / 4)
    }

    mutating func add(_ entry: Entry) {
      if count == 0 { since = ContinuousClock.now }
      count += 1
      groups[entry.pending.group, default: []].append(entry)
    }

    mutating func takeGroup() -> [Entry] {
      guard !groups.isEmpty else { return [] }
      let entries = groups.removeFirst().value
      count -= entries.count
      ended += entries.count
      return entries
    }
  }

  /// Runs everything; the results are in the order in which the nodes ended.
  func run() -> [NodeResult] {
    let total = graph.ids.count
    let workers = max(1, min(threads, total))
    report(.started(nodes: total, threads: threads))
    let queue = ReadyQueue(graph)
    let results = Mutex<[NodeResult]>([])
    let waiting = Mutex(Waiting())

    let finish: @Sendable (NodeResult, ReadyQueue.Item, Int) -> Void = { result, item, worker in
      var finished = result
      finished.threadID = "Thread-\(worker + 1)"
      let ended = finished
      results.withLock { $0.append(ended) }
      report(.nodeFinished(ended, index: item.index, total: total))
      queue.finish(item, isBlocking: ended.status.blocksDescendants, stop: failFast && ended.status.isFailure)
    }
    // Ends a group of nodes; whether there was one.
    let completeGroup: @Sendable () -> Bool = {
      let entries = waiting.withLock { $0.takeGroup() }
      guard !entries.isEmpty else { return false }
      for (result, entry) in zip(complete(entries.map(\.pending)), entries) { finish(result, entry.item, entry.worker) }
      return true
    }
    // Who finds nothing to begin with ends what waits first: it may be what others wait for.
    let next: @Sendable () -> ReadyQueue.Item? = {
      while waiting.withLock({ $0.isDue }), completeGroup() {}
      repeat {
        if let item = queue.takeNow() { return item }
      } while completeGroup()
      return queue.take()
    }
    let loop: @Sendable (Int) -> Void = { worker in
      while let item = next() {
        if let cause = item.skippedBecauseOf {
          finish(skipped(item.id, cause), item, worker)
          continue
        }
        report(.nodeStarted(id: item.id, index: item.index, total: total))
        switch work(item.id, worker) {
        case .finished(let result): finish(result, item, worker)
        case .pending(let pending): waiting.withLock { $0.add((item, pending, worker)) }
        }
      }
    }
    if total > 0 { WorkerThreads.run(workers, loop) }
    return results.withLock { $0 }
  }
}
