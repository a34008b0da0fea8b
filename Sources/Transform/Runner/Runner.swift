import FoundationEssentials
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
  var work: @Sendable (_ id: String, _ worker: Int) -> NodeResult
  /// The result of a node that is skipped because of another one.
  var skipped: @Sendable (_ id: String, _ because: String) -> NodeResult

  /// Runs everything; the results are in the order in which the nodes ended.
  func run() -> [NodeResult] {
    let total = graph.ids.count
    let workers = max(1, min(threads, total))
    report(.started(nodes: total, threads: threads))
    let queue = ReadyQueue(graph)
    let results = Mutex<[NodeResult]>([])
    let loop: @Sendable (Int) -> Void = { worker in
      while let item = queue.take() {
        var result: NodeResult
        if let cause = item.skippedBecauseOf {
          result = skipped(item.id, cause)
        } else {
          report(.nodeStarted(id: item.id, index: item.index, total: total))
          result = work(item.id, worker)
        }
        result.threadID = "Thread-\(worker + 1)"
        let finished = result
        results.withLock { $0.append(finished) }
        report(.nodeFinished(finished, index: item.index, total: total))
        queue.finish(item, isBlocking: finished.status.blocksDescendants, stop: failFast && finished.status.isFailure)
      }
    }
    if total > 0 { WorkerThreads.run(workers, loop) }
    return results.withLock { $0 }
  }
}
