import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections
import Project
import Transform
import Warehouse

/// What `run`, `seed`, `test`, `build`, `snapshot`, `compile` and `clone` have in common: load, select, run, show, write the
/// artifacts.
struct NodeCommand {
  var command: TransformCommand
  var options: ProjectOptions
  var selected: SelectionSettings
  var running: RunSettings
  /// Whether the first rows of seeds are shown.
  var showsRows = false
  /// Whether compiled SQL holds the ephemeral models that it reads.
  var injectsEphemerals = true
  /// Whether manifest.json holds compiled SQL only, and nothing is shown of the nodes: `docs generate`.
  var isSilent = false

  /// The command as the command line has it.
  init(_ command: TransformCommand, _ options: ProjectOptions, _ selected: SelectionOptions, _ running: RunOptions? = nil) {
    let settings = Settings(environment: ProcessInfo.processInfo.environment)
    self.init(command, options, SelectionSettings(selected, settings), running.map { RunSettings($0, settings) } ?? RunSettings())
  }

  /// The command as an earlier run had it.
  init(_ command: TransformCommand, _ options: ProjectOptions, _ selected: SelectionSettings, _ running: RunSettings) {
    self.command = command
    self.options = options
    self.selected = selected
    self.running = running
  }

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
    let workspace = try Workspace(options, command: command.rawValue, flags: running.flags)
    let selection = try workspace.selection(selected, types: TransformSession.resourceTypes(of: command))
    let adapter = try workspace.adapter()
    let session = TransformSession(
      project: workspace.project, adapter: adapter, options: try transformOptions(workspace), invocationID: workspace.log.invocationID,
      startedAt: workspace.startedAt)
    let view = RunView(workspace.project, log: workspace.log, prints: workspace.settings.flag("print", options.prints) ?? true, target: workspace.targetPath)
    if !isSilent { view.begin(isEmpty: selection.ids.isEmpty) }
    let results: RunResults
    do {
      results = try await session.run(command, ids: selection.ids) { event in
        if !isSilent || event.isMessage { view.handle(event) }
      }
    } catch let unstarted as UnstartedRun {
      if let results = unstarted.results { try write(results, session, workspace) }
      throw unstarted
    }
    try write(results, session, workspace)
    if !isSilent || !results.isSuccess { view.summary(results) }
    return (results, session)
  }

  private func write(_ results: RunResults, _ session: TransformSession, _ workspace: Workspace) throws {
    guard workspace.writesArtifacts else { return }
    try ManifestArtifact(session, results: results).write(to: workspace.targetPath)
    try RunResultsArtifact(results, session).write(to: workspace.targetPath)
    try GraphSummary(workspace.project.manifest, invocationID: session.invocationID, hasTestEdges: command == .build).write(to: workspace.targetPath)
  }

  private func transformOptions(_ workspace: Workspace) throws -> TransformOptions {
    var transform = TransformOptions(targetPath: workspace.targetPath)
    transform.threads = workspace.threads
    transform.fullRefresh = running.fullRefresh
    transform.failFast = running.failFast || workspace.settings.flag("fail_fast") == true
    transform.storeFailures = running.storeFailures ?? workspace.settings.flag("store_failures")
    transform.warnError = workspace.warnsAreErrors
    transform.isEmpty = running.empty
    transform.eventTimeStart = running.eventTimeStart
    transform.eventTimeEnd = running.eventTimeEnd
    transform.sample = try running.sample.map { try EventWindow(sample: $0, environment: workspace.project.options.environment) }
    transform.failedBatches = running.failedBatches
    transform.injectsEphemerals = injectsEphemerals
    transform.deferred =
      command == .clone ? try workspace.relations(ofState: selected.deferState ?? selected.state) : try workspace.deferred(selected)
    transform.arguments = arguments(workspace)
    return transform
  }

  /// The words of the command line, for run_results.json; `retry` reads them.
  private func arguments(_ workspace: Workspace) -> OrderedDictionary<String, JSON> {
    func texts(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
    func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    var arguments: OrderedDictionary<String, JSON> = [
      "which": .string(command.rawValue), "invocation_command": .string("dbt " + CommandLine.arguments.dropFirst().joined(separator: " ")),
      "select": texts(selected.select), "exclude": texts(selected.exclude), "resource_types": texts(selected.resourceTypes),
      "exclude_resource_types": texts(selected.excludedResourceTypes), "full_refresh": .bool(running.fullRefresh),
      "fail_fast": .bool(running.failFast), "empty": .bool(running.empty), "quiet": .bool(options.quiet), "defer": .bool(selected.defers),
      "favor_state": .bool(selected.favorState), "threads": .int(Int64(workspace.threads)), "vars": .object(workspace.project.options.vars),
      "project_dir": .string(workspace.project.options.projectDirectory), "target_path": .string(workspace.targetPath),
      "write_json": .bool(workspace.writesArtifacts), "warn_error": .bool(workspace.warnsAreErrors),
      "log_format": .string(workspace.log.format.rawValue),
    ]
    for (name, value) in [
      ("selector", selected.selector), ("state", selected.state), ("defer_state", selected.deferState), ("indirect_selection", selected.indirectSelection),
      ("target", options.target), ("profile", options.profile), ("profiles_dir", options.profilesDir), ("event_time_start", running.eventTimeStart),
      ("event_time_end", running.eventTimeEnd), ("sample", running.sample),
    ] where value != nil { arguments[name] = text(value) }
    if let stores = running.storeFailures { arguments["store_failures"] = .bool(stores) }
    return arguments
  }

  private func showRows(_ results: RunResults, _ session: TransformSession) async throws {
    for result in results.results where result.status == .success && session.project.manifest.nodes[result.uniqueID]?.resourceType == .seed {
      guard let table = try await session.show(result.uniqueID, limit: 10).table else { continue }
      Terminal.say("\n\(session.project.manifest.nodes[result.uniqueID]?.name ?? result.uniqueID)")
      Terminal.say(ResultTable(table).text())
    }
  }
}

extension RunEvent {
  /// Whether it is something that a template has to say.
  var isMessage: Bool {
    switch self {
    case .message, .warning: true
    default: false
    }
  }
}
