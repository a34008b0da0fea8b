import Diagnostics
import FoundationEssentials
import Project
import Synchronization
import Warehouse

/// A node that is compiled and becomes a view with the next batch.
struct PendingView: Sendable {
  /// The node's context.
  var node: NodeContext
  /// The compiled code.
  var sql: String
  /// The view.
  var view: ViewDefinition
  /// The result as far as it is known.
  var result: NodeResult
}

/// Makes the views of many nodes in one transaction: each commit, and each change of the schema, costs a database file a
/// walk over itself or a wait for the disk, which for thousands of views is most of a run.
///
/// A view that fails takes no other with it. Nothing is reported before it is committed.
struct ViewBatch {
  /// How many views wait at most, at the beginning of a run.
  static let limit = 1_000
  /// How long the first of them waits at most, at the beginning of a run.
  static let patience = Duration.seconds(1)

  let run: RunContext

  /// Whether a node can be part of a batch: an ordinary view with nothing around it.
  static func takes(_ node: NodeContext) -> Bool {
    let config = node.node.config
    return node.node.resourceType == .model && config.materialized == "view" && !node.run.options.failFast
      && config["grants"]?.object?.isEmpty ?? true && config.preHooks.isEmpty && config.postHooks.isEmpty
      && node.run.manifest.macroResolver.materialization(named: "view") == nil
  }

  /// Makes the views, and gives the results of their nodes.
  func make(_ pending: [PendingView]) -> [NodeResult] {
    let began = ContinuousClock.now
    let startedAt = Date()
    var failures = [Int: any Error]()
    do {
      failures = try run.adapter.write { session in try make(pending, session) }
    } catch {
      run.cache.invalidate()
      for index in pending.indices where failures[index] == nil { failures[index] = error }
    }
    let completedAt = Date()
    let share = NodeRun.seconds(since: began) / Double(max(1, pending.count))
    return pending.indices.map { index in
      var result = pending[index].result
      let node = pending[index].node
      result.timing.append(Timing(name: "execute", startedAt: startedAt, completedAt: completedAt))
      result.executionTime += share
      if let error = failures[index] {
        NodeRun.fail(&result, error, node, run)
      } else {
        NodeRun.succeed(ViewMaterialization.outcome, &result)
        result.relationName = node.node.relationName
      }
      return result
    }
  }

  /// The failures by the place of their view.
  private func make(_ pending: [PendingView], _ session: any Session) throws -> [Int: any Error] {
    var failures: [Int: any Error] = [:]
    var together: [Int] = []
    var single: [Int] = []
    for (place, item) in pending.enumerated() {
      guard let existing = try? state(of: item, session) else {
        // Perhaps it names another one of the batch, without saying so by a ref.
        single.append(place)
        continue
      }
      if existing.isDone { continue }
      // A table of the name must be dropped, which is none of a view's business.
      if existing.relation?.kind == .table { single.append(place) } else { together.append(place) }
    }
    if try session.createViews(together.map { pending[$0].view }) {
      for place in together { ViewMaterialization.note(pending[place].view, pending[place].node) }
    } else {
      single = (single + together).sorted()
    }
    for place in single {
      let item = pending[place]
      do {
        let existing = try state(of: item, session)
        if existing.isDone { continue }
        try session.savepoint { try ViewMaterialization.create(item.view, item.node, session, existing: existing.relation) }
      } catch {
        failures[place] = error
      }
    }
    return failures
  }

  /// What is there under the name of a view, and whether that is the view itself.
  private func state(of item: PendingView, _ session: any Session) throws -> (relation: Relation?, isDone: Bool) {
    let existing = try run.cache.find(item.view.relation, in: session)
    return (existing, try ViewMaterialization.isThere(item.view, item.sql, item.node, session, existing: existing))
  }
}
