import Diagnostics
import FoundationEssentials
import Jinja
import Project

/// `on-run-start` and `on-run-end`: statements of the project around a run, each a node of the manifest.
struct ProjectHooks: Sendable {
  let run: RunContext

  /// Runs the hooks of a kind in order, packages before the root project; the first failure ends them.
  ///
  /// - Throws: `UnstartedRun` if a hook cannot be compiled.
  func run(_ kind: String) throws -> [NodeResult] {
    let root = run.project.configuration.name
    let nodes = run.manifest.nodes.values.filter { $0.resourceType == .operation && $0.tags.contains(kind) }
      .sorted { ($0.packageName == root ? 1 : 0, $0.index ?? 0) < ($1.packageName == root ? 1 : 0, $1.index ?? 0) }
    var results: [NodeResult] = []
    for (index, node) in nodes.enumerated() {
      let name = "\(node.packageName).\(kind).\((node.index ?? 1) - 1)"
      run.report(.logged("\(index + 1) of \(nodes.count) START hook: \(name)", isInfo: true))
      let result = try run(node, name, isFailed: results.contains { $0.status.isFailure })
      let word = result.status == .success ? "OK" : result.status == .skipped ? "SKIP" : "ERROR"
      run.report(.logged("\(index + 1) of \(nodes.count) \(word) hook: \(name)", isInfo: true))
      results.append(result)
    }
    return results
  }

  private func run(_ node: Node, _ name: String, isFailed: Bool) throws -> NodeResult {
    var result = NodeResult(uniqueID: node.uniqueID, status: .success, message: "\(name) passed")
    result.threadID = "main"
    if isFailed {
      result.status = .skipped
      result.message = "\(name) skipped"
      return result
    }
    let began = Date()
    let context = NodeContext(run, node)
    defer { context.end() }
    let sql: String
    do {
      sql = try Compiler.compile(context).text.trimmed
    } catch {
      throw UnstartedRun(cause: NodeFailure.diagnostic(error, at: node, run))
    }
    do {
      result.timing = [Timing(name: "compile", startedAt: began, completedAt: Date())]
      result.compiledCode = sql
      if !sql.isEmpty {
        try context.createSchema(run.project.profile.schema)
        let (affected, _) = try context.execute(sql, fetch: false)
        result.rowsAffected = affected
      }
    } catch {
      let diagnostic = NodeFailure.diagnostic(error, at: node, run)
      result.status = .error
      result.diagnostic = diagnostic
      result.message = "\(name) failed, error:\n " + NodeFailure.message(diagnostic, node, hasRun: false, run)
    }
    result.timing.append(Timing(name: "execute", startedAt: began, completedAt: Date()))
    result.executionTime = Date().timeIntervalSince(began)
    return result
  }
}

/// A run that ended before its first node, or without what belongs to its end: the program leaves as it does for a broken project.
public struct UnstartedRun: Error {
  /// What was wrong.
  public var cause: Diagnostic
  /// What had been done by then, if it was the end that failed.
  public var results: RunResults?
}
