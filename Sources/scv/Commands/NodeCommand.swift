import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import OrderedCollections
import Project
import Transform
import Warehouse

/// What `run`, `seed`, `test`, `build`, `snapshot` and `compile` have in common: load, select, run, show, write the artifacts.
struct NodeCommand {
  var command: TransformCommand
  var options: ProjectOptions
  var selected: SelectionOptions
  var running = RunOptions()
  var showsRows = false

  /// Does it.
  ///
  /// - Throws: what kept it from running, and `ExitCode(1)` if a node failed.
  func perform() async throws {
    let (results, session) = try await results()
    if showsRows { try await showRows(results, session) }
    guard results.isSuccess else { throw ExitCode(1) }
  }

  /// Runs the nodes, shows them going, and writes manifest.json and run_results.json, also when nodes failed.
  func results() async throws -> (RunResults, TransformSession) {
    let flags: OrderedDictionary<String, JSON> = [
      "FULL_REFRESH": .bool(running.fullRefresh), "STORE_FAILURES": .bool(running.storeFailures ?? false), "EMPTY": .bool(running.empty),
      "FAIL_FAST": .bool(running.failFast), "WARN_ERROR": .bool(running.warnError),
    ]
    let workspace = try Workspace(options, command: command.rawValue, flags: flags)
    let manifest = workspace.project.manifest
    let selection = try workspace.selection(selected, types: TransformSession.resourceTypes(of: command))
    let adapter = try workspace.adapter()
    let session = TransformSession(project: workspace.project, adapter: adapter, options: transformOptions(workspace))
    let view = RunView(manifest, quiet: options.quiet)
    if !options.quiet {
      Terminal.say(RunView.stamp() + RunView.found(manifest))
      if selection.ids.isEmpty { ErrorReport.show(Diagnostic(.usage, "selection.empty", "nothing to do: no nodes are selected", severity: .warning)) }
    }
    let results = try await session.run(command, ids: selection.ids) { view.handle($0) }
    try ManifestArtifact(session, results: results).write(to: workspace.targetPath)
    try RunResultsArtifact(results, session).write(to: workspace.targetPath)
    view.summary(results)
    return (results, session)
  }

  private func transformOptions(_ workspace: Workspace) -> TransformOptions {
    var transform = TransformOptions(targetPath: workspace.targetPath)
    transform.threads = options.threads ?? workspace.project.profile.threads
    transform.fullRefresh = running.fullRefresh
    transform.failFast = running.failFast
    transform.storeFailures = running.storeFailures
    transform.warnError = running.warnError
    transform.isEmpty = running.empty
    transform.arguments = [
      "which": .string(command.rawValue), "select": .array(selected.select.map { .string($0) }), "exclude": .array(selected.exclude.map { .string($0) }),
      "full_refresh": .bool(running.fullRefresh), "fail_fast": .bool(running.failFast), "quiet": .bool(options.quiet),
      "project_dir": .string(workspace.project.options.projectDirectory), "target_path": .string(workspace.targetPath),
    ]
    return transform
  }

  private func showRows(_ results: RunResults, _ session: TransformSession) async throws {
    for result in results.results where result.status == .success && session.project.manifest.nodes[result.uniqueID]?.resourceType == .seed {
      guard let table = try await session.show(result.uniqueID, limit: 10).table else { continue }
      Terminal.say("\n\(session.project.manifest.nodes[result.uniqueID]?.name ?? result.uniqueID)")
      Terminal.say(ResultTable(table).text())
    }
  }
}
