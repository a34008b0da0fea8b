import FoundationEssentials
import Warehouse

/// A data test that is compiled and shares a scan with others of its relation.
struct PendingTest: Sendable {
  /// The test.
  var test: DataTestRun
  /// Its own SQL, for when it has to go alone.
  var statement: String
  /// What it asks of the scan.
  var scan: SharedScan
  /// The result as far as it is known.
  var result: NodeResult
}

/// Runs tests of one relation by one walk over it. Each has a result of its own; if the scan fails, each goes alone.
struct TestBatch {
  let run: RunContext

  /// Runs tests whose scans have the same source, and gives their results.
  func make(_ pending: [PendingTest]) -> [NodeResult] {
    guard pending.count > 1 else { return pending.map(alone) }
    let began = ContinuousClock.now
    let startedAt = Date()
    let counts = pending.enumerated().map { "\($1.scan.count) as c\($0)" }.joined(separator: ",\n  ")
    guard let row = try? run.adapter.query("select\n  \(counts)\nfrom \(pending[0].scan.source)").rows.first, row.count == pending.count else {
      return pending.map(alone)
    }
    let completedAt = Date()
    let share = NodeRun.seconds(since: began) / Double(pending.count)
    return zip(pending, row).map { item, count in
      var result = item.result
      result.timing.append(Timing(name: "execute", startedAt: startedAt, completedAt: completedAt))
      result.executionTime += share
      do {
        try item.test.judge(count, &result)
      } catch {
        NodeRun.fail(&result, error, item.test.node, run)
      }
      return result
    }
  }

  private func alone(_ item: PendingTest) -> NodeResult {
    let began = ContinuousClock.now
    let startedAt = Date()
    var result = item.result
    do {
      try item.test.execute(item.statement, &result)
    } catch {
      NodeRun.fail(&result, error, item.test.node, run)
    }
    result.timing.append(Timing(name: "execute", startedAt: startedAt, completedAt: Date()))
    result.executionTime += NodeRun.seconds(since: began)
    return result
  }
}
