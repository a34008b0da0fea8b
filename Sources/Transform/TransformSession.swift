import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import OrderedCollections
import Project
import Synchronization
import Warehouse

/// A project and its warehouse, ready to be run: what `scv run`, `seed`, `test`, `build`, `compile`, `show` and their like do.
///
///     let session = TransformSession(project: project, adapter: adapter, options: options)
///     let selection = try project.select(request)
///     let results = try await session.run(.build, ids: selection.ids) { event in … }
///
/// A failing node is a result, not an error: `run` throws only where nothing could be run at all.
public final class TransformSession: Sendable {
  /// The project.
  public let project: LoadedProject
  /// The warehouse.
  public let adapter: any Adapter
  /// How nodes are run.
  public let options: TransformOptions
  /// The id of this invocation, a UUID in lower case.
  public let invocationID: String
  /// When it began.
  public let startedAt: Date
  private let macros: MacroLibrary

  /// A session.
  public init(
    project: LoadedProject, adapter: any Adapter, options: TransformOptions, invocationID: String = UUID().uuidString.lowercased(),
    startedAt: Date = Date()
  ) {
    self.project = project
    self.adapter = adapter
    self.options = options
    self.invocationID = invocationID
    self.startedAt = startedAt
    macros = MacroLibrary(project.manifest)
  }

  /// What a command runs, of the kinds of nodes that there are; what `SelectionRequest.resourceTypes` is to be.
  public static func resourceTypes(of command: TransformCommand) -> Set<ResourceType> {
    switch command {
    case .run: [.model]
    case .seed: [.seed]
    case .test: [.test, .unitTest]
    case .snapshot: [.snapshot]
    case .build: [.model, .seed, .snapshot, .test, .unitTest, .exposure]
    case .compile: [.model, .seed, .test, .snapshot, .analysis, .unitTest]
    case .clone: [.model, .seed, .snapshot]
    }
  }

  /// Runs the nodes and tests of `ids`, parents before children, what is downstream of a failure skipped.
  ///
  /// Hooks of the project (`on-run-start`, `on-run-end`) run before and after, except for `compile`.
  ///
  /// - Parameter report: gets every event, from several threads.
  /// - Throws: `Diagnostic` if a hook before the run fails.
  public func run(_ command: TransformCommand, ids: [String], report: @escaping @Sendable (RunEvent) -> Void = { _ in }) async throws
    -> RunResults
  {
    try await WorkerThreads.detach { try self.runBlocking(command, ids: ids, report: report) }
  }

  private func runBlocking(_ command: TransformCommand, ids: [String], report: @escaping @Sendable (RunEvent) -> Void) throws -> RunResults {
    let began = Date()
    let context = context(command.rawValue, selected: ids, report)
    // What would spoil every statement is told before the first.
    if context.queryComment.isCustom, let first = ids.lazy.compactMap({ self.project.manifest.nodes[$0] }).first {
      let node = NodeContext(context, first)
      defer { node.end() }
      _ = try context.queryComment.adding(to: "", node)
    }
    let graph = schedule(command, ids)
    // Where there is nothing to do, nothing is done around it either.
    let hasHooks = command != .compile && command != .clone && !graph.topologicalOrder.isEmpty
    var results: [NodeResult] = []
    let hooks = ProjectHooks(run: context)
    if hasHooks { results += try hooks.run("on-run-start") }
    let node = NodeRun(run: context, command: command)
    // Unless the project says so, a failed hook at the start keeps no node from running: docs.getdbt.com/reference/global-configs/behavior-changes
    let skipsAfterFailure = project.configuration.flags["skip_nodes_if_on_run_start_fails"]?.bool ?? false
    if !skipsAfterFailure || results.allSatisfy({ !$0.status.isFailure }) {
      results += Runner(
        graph: graph, threads: options.threads, failFast: options.failFast, report: report, work: { node($0, worker: $1) },
        complete: { node.complete($0) },
        skipped: { [project] id, cause in
          let name = project.manifest.nodes[cause]?.name ?? cause
          return NodeResult(uniqueID: id, status: .skipped, message: "Skipped because of \(name)")
        }
      ).run()
    } else {
      results += graph.topologicalOrder.map { NodeResult(uniqueID: $0, status: .skipped, message: "Skipped because a hook failed") }
    }
    func finished() -> RunResults {
      RunResults(results: results, elapsedTime: Date().timeIntervalSince(began), generatedAt: Date(), invocationID: invocationID)
    }
    guard hasHooks else { return finished() }
    // Templates do not see the hooks that did what they should.
    context.publish(results.filter { $0.threadID != "main" || $0.status == .error })
    do {
      results += try hooks.run("on-run-end")
    } catch var unstarted as UnstartedRun {
      unstarted.results = finished()
      throw unstarted
    }
    return finished()
  }

  private func context(_ command: String, selected: [String], _ report: @escaping @Sendable (RunEvent) -> Void) -> RunContext {
    RunContext(
      project: project, adapter: adapter, options: options, command: command, invocationID: invocationID, startedAt: startedAt,
      selected: selected, macros: macros, report: report)
  }

  /// The graph of what is run: ephemeral models are part of their readers, and in `build` tests hold back what is
  /// downstream of what they test.
  private func schedule(_ command: TransformCommand, _ ids: [String]) -> Graph {
    let manifest = project.manifest
    let graph =
      command == .build
      ? manifest.graph.movingBeforeParents { manifest.unitTests[$0] != nil }.addingTestEdges { manifest.nodes[$0]?.resourceType == .test } : manifest.graph
    return graph.subgraph(
      of: Set(
        ids.filter { id in
          guard let node = manifest.nodes[id] else { return manifest.unitTests[id] != nil || manifest.exposures[id] != nil }
          // A file without code is no model.
          return command == .compile || !node.isEphemeral && (node.resourceType == .seed || !node.rawCode.trimmed.isEmpty)
        }))
  }

  // MARK: Looking

  /// Runs the query of a model, seed, test or inline node and gives its first rows.
  ///
  /// - Parameters:
  ///   - id: the node.
  ///   - limit: how many rows; nil for all.
  /// - Throws: `Diagnostic`.
  public func show(_ id: String, limit: Int?) async throws -> NodeResult {
    try await WorkerThreads.detach { try self.showBlocking(id, limit: limit) }
  }

  private func showBlocking(_ id: String, limit: Int?) throws -> NodeResult {
    let context = context("show", selected: [id], { _ in })
    guard let node = project.manifest.nodes[id] else {
      throw Diagnostic(.usage, "show.unknown-node", "there is nothing to show under '\(id)'")
    }
    let began = Date()
    let nodeContext = NodeContext(context, node)
    defer { nodeContext.end() }
    var result = NodeResult(uniqueID: id, status: .success)
    do {
      let sql =
        node.resourceType == .seed
        ? "select * from \(adapter.render(nodeContext.relation))" : try Compiler.compile(nodeContext).text
      result.timing = [Timing(name: "compile", startedAt: began, completedAt: Date())]
      let header = nodeContext.configOverrides["sql_header"] ?? Value.none
      let query = try nodeContext.call("get_show_sql", [.string(sql), header, limit.map { .int(Int64($0)) } ?? Value.none])
      result.compiledCode = query
      try context.write(query, to: "compiled/" + node.outputPath)
      // A look changes nothing, whatever was written: readers may not write.
      result.table = try adapter.read { try $0.query(query, [], limit: nil) }
    } catch let refused as Diagnostic where refused.code == "warehouse.read-only" {
      throw Diagnostic(
        .usage, "show.not-a-query", "show only runs queries, and this would change the warehouse", at: SourceLocation(file: node.writtenIn),
        hint: "make it a model, or a macro for scv run-operation")
    } catch {
      throw NodeFailure.diagnostic(SQLMistake(context: nodeContext).explained(error), at: node, context)
    }
    result.timing.append(Timing(name: "execute", startedAt: began, completedAt: Date()))
    result.executionTime = Date().timeIntervalSince(began)
    result.rowsAffected = result.table?.rows.count
    return result
  }

  /// Calls a macro: `scv run-operation`. A macro that fails is a result with a diagnostic.
  ///
  /// - Parameters:
  ///   - macro: the name, optionally with its package: `dbt_utils.log_info`.
  ///   - arguments: its keyword arguments.
  /// - Throws: `Diagnostic` (`operation.unknown-macro`).
  public func runOperation(
    _ macro: String, arguments: OrderedDictionary<String, JSON> = [:], report: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) async throws -> NodeResult {
    try await WorkerThreads.detach { try self.operationBlocking(macro, arguments, report) }
  }

  private func operationBlocking(
    _ name: String, _ arguments: OrderedDictionary<String, JSON>, _ report: @escaping @Sendable (RunEvent) -> Void
  ) throws -> NodeResult {
    let began = Date()
    let run = context("run-operation", selected: [], report)
    let resolver = project.manifest.macroResolver
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let id = parts.count == 2 ? resolver.macro(named: parts[1], in: parts[0]) : resolver.macro(named: name, from: project.configuration.name)
    guard let id, let macro = project.manifest.macros[id] else {
      throw Diagnostic(
        .configuration, "operation.unknown-macro", "dbt could not find a macro with the name '\(name)' in any package",
        hint: Suggestion.didYouMean(name, among: resolver.names(in: project.configuration.name)))
    }
    var node = Node(
      uniqueID: id, resourceType: .operation, name: macro.name, packageName: project.configuration.name, path: macro.originalFilePath,
      originalFilePath: macro.originalFilePath)
    node.schema = project.profile.schema
    let context = NodeContext(run, node)
    defer { context.end() }
    var result = NodeResult(uniqueID: id, status: .success)
    do {
      _ = try context.callBound(id, arguments.map { KeywordArgument($0.key, Value(json: $0.value)) })
    } catch {
      let diagnostic = NodeFailure.diagnostic(error, at: node, run)
      result.status = .error
      result.diagnostic = diagnostic
      result.message = NodeFailure.message(diagnostic, node, hasRun: false, run)
    }
    result.executionTime = Date().timeIntervalSince(began)
    result.timing = [
      Timing(name: "compile", startedAt: began, completedAt: began), Timing(name: "execute", startedAt: began, completedAt: Date()),
    ]
    return result
  }

  /// What can be found out about the freshness of source tables: `scv source freshness`.
  public func freshness(_ ids: [String], report: @escaping @Sendable (RunEvent) -> Void = { _ in }) async throws -> [FreshnessResult] {
    try await WorkerThreads.detach {
      let run = self.context("freshness", selected: ids, report)
      // As around other runs, unless the project says otherwise (source_freshness_run_project_hooks).
      let hasHooks = self.project.configuration.flags["source_freshness_run_project_hooks"]?.bool ?? true
      let hooks = ProjectHooks(run: run)
      if hasHooks, let failed = try hooks.run("on-run-start").first(where: { $0.status.isFailure }), let diagnostic = failed.diagnostic {
        throw UnstartedRun(cause: diagnostic)
      }
      let results = ids.compactMap { self.project.manifest.sources[$0] }.compactMap { FreshnessRun(run: run).run($0) }
      if hasHooks { _ = try hooks.run("on-run-end") }
      return results
    }
  }

  /// What the warehouse holds of the project's relations: for catalog.json.
  ///
  /// - Throws: `Diagnostic`.
  public func catalog() throws -> Catalog {
    try Catalog(project: project, adapter: adapter)
  }
}
