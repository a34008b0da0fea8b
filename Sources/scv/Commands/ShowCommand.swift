import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections
import Project
import Transform
import Warehouse

/// How `show` and `compile` print.
enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, csv
}

/// `scv show`: runs a query of the project and shows its rows.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Run a model's or test's query, or one of your own, and show the rows.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @Option(help: "A query, with ref() and the rest of Jinja.") var inline: String?
  @Option(help: ArgumentHelp("A query without templates.", visibility: .hidden)) var inlineDirect: String?
  @Option(parsing: .unconditional, help: "How many rows; -1 for all.") var limit = 5
  @Option(help: "text, json or csv.") var output = ResultFormat.text
  @Flag(name: [.short, .long], inversion: .prefixedNo, help: ArgumentHelp("As if built from scratch.", visibility: .hidden)) var fullRefresh: Bool?

  private var query: String? { inline ?? inlineDirect.map { "{% raw %}\($0){% endraw %}" } }

  func run() async throws {
    let workspace = try Workspace(options, command: "show", inlineSQL: query)
    let settings = SelectionSettings(selected, workspace.settings)
    let manifest = workspace.project.manifest
    var transform = TransformOptions(targetPath: workspace.targetPath)
    transform.deferred = try workspace.deferred(settings)
    transform.fullRefresh = fullRefresh ?? false
    transform.arguments = ["which": "show", "select": .array(settings.select.map { .string($0) }), "limit": .int(Int64(limit))]
    let session = TransformSession(
      project: workspace.project, adapter: try workspace.adapter(), options: transform, invocationID: workspace.log.invocationID,
      startedAt: workspace.startedAt)
    var results: [NodeResult] = []
    defer { write(results, session, workspace) }
    for id in try nodes(workspace, settings) {
      let result: NodeResult
      do {
        result = try await session.show(id, limit: limit < 0 ? nil : limit)
      } catch let error as Diagnostic where query != nil {
        // The query came from the command line: what is wrong with it is wrong usage.
        ErrorReport.encountered([error])
        throw ExitCode(2)
      }
      results.append(result)
      guard let table = result.table else { continue }
      show(table, manifest.nodes[id]?.searchName ?? id, workspace)
    }
  }

  private func show(_ table: Table, _ name: String, _ workspace: Workspace) {
    let rows = ResultTable(table)
    let body: JSON = query == nil ? ["node": .string(name), "show": rows.json] : ["show": rows.json]
    if workspace.log.format == .json {
      var event = LogEvent(
        name: "ShowNode", code: "Q041", message: body.text(pretty: true), data: ["node_name": .string(name), "preview": .string(rows.json.text())])
      event.isOutput = true
      return workspace.log.emit(event)
    }
    switch output {
    case .text:
      if !workspace.log.isQuiet { Terminal.say(query == nil ? "Previewing node '\(name)':" : "Previewing inline node:") }
      Terminal.say(rows.text())
    case .csv: Terminal.say(rows.csv)
    case .json: Terminal.say(body.text(pretty: true))
    }
  }

  private func write(_ results: [NodeResult], _ session: TransformSession, _ workspace: Workspace) {
    guard workspace.writesArtifacts, !results.isEmpty else { return }
    let run = RunResults(
      results: results, elapsedTime: Date().timeIntervalSince(workspace.startedAt), generatedAt: Date(), invocationID: session.invocationID)
    // The rows are what was asked for: a target folder that cannot be written to must not hide them.
    try? LastRun.keep(in: workspace.targetPath)
    try? ManifestArtifact(session, results: run).write(to: workspace.targetPath)
    try? RunResultsArtifact(run, session).write(to: workspace.targetPath)
  }

  private func nodes(_ workspace: Workspace, _ settings: SelectionSettings) throws -> [String] {
    let manifest = workspace.project.manifest
    if query != nil { return manifest.nodes.values.filter { $0.resourceType == .sqlOperation }.map(\.uniqueID) }
    guard !settings.select.isEmpty || settings.selector != nil else {
      throw Diagnostic(
        .configuration, "show.nothing", "Either --select or --inline must be passed to show", hint: "scv show --select MODEL, or scv show --inline \"select …\""
      )
    }
    let ids = try workspace.selection(settings, types: [.model, .seed, .snapshot, .test, .analysis]).ids
    // A model's tests come along with it in a selection; whoever names a model wants to see the model.
    let others = ids.filter { manifest.nodes[$0]?.resourceType != .test }
    return others.isEmpty ? ids : others
  }
}

/// `scv compile`: writes the SQL of the project, Jinja gone, and shows it if little was asked for.
struct CompileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "compile", abstract: "Write the SQL of models and tests to target/compiled.")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions
  @OptionGroup var running: RunOptions
  @Option(help: "A query to compile instead.") var inline: String?
  @Option(help: "text or json.") var output = ResultFormat.text
  @Flag(inversion: .prefixedNo, help: "Whether ephemeral models stand in the SQL of what reads them.") var injectEphemeralCtes: Bool?

  func run() async throws {
    if let inline {
      guard selected.criteria.isEmpty, selected.selector == nil else {
        throw Diagnostic(
          .usage, "compile.inline-and-selection", "--inline and --select or --selector exclude each other", hint: "take one of them out")
      }
      return try await compileInline(inline)
    }
    var command = NodeCommand(.compile, options, selected, running)
    command.injectsEphemerals = Settings(environment: ProcessInfo.processInfo.environment).flag("inject_ephemeral_ctes", injectEphemeralCtes) ?? true
    let (results, session) = try await command.results()
    if !selected.criteria.isEmpty {
      for result in results.results where session.project.manifest.nodes[result.uniqueID]?.resourceType != .test {
        show(session.project.manifest.nodes[result.uniqueID]?.searchName ?? result.uniqueID, result.compiledCode)
      }
    }
    guard results.isSuccess else { throw ExitCode(1) }
  }

  private func compileInline(_ sql: String) async throws {
    let workspace = try Workspace(options, command: "compile", inlineSQL: sql)
    let view = RunView(workspace.project, log: workspace.log, prints: workspace.settings.flag("print", options.prints) ?? true)
    var transform = TransformOptions(targetPath: workspace.targetPath)
    transform.arguments = ["which": "compile"]
    let session = TransformSession(
      project: workspace.project, adapter: try workspace.adapter(), options: transform, invocationID: workspace.log.invocationID,
      startedAt: workspace.startedAt)
    let ids = workspace.project.manifest.nodes.values.filter { $0.resourceType == .sqlOperation }.map(\.uniqueID)
    let results = try await session.run(.compile, ids: ids) { event in if event.isMessage { view.handle(event) } }
    if workspace.writesArtifacts {
      try ManifestArtifact(session, results: results).write(to: workspace.targetPath)
      try RunResultsArtifact(results, session).write(to: workspace.targetPath)
    }
    for result in results.results {
      if let diagnostic = result.diagnostic { throw diagnostic }
      show("inline_query", result.compiledCode)
    }
  }

  private func show(_ name: String, _ code: String?) {
    guard let code else { return }
    switch output {
    case .json:
      let body: JSON = inline == nil ? ["node": .string(name), "compiled": .string(code)] : ["compiled": .string(code)]
      Terminal.say(body.text(pretty: true))
    default:
      if !options.quiet { Terminal.say(inline == nil ? "Compiled node '\(name)' is:" : "Compiled inline node is:") }
      Terminal.say(code + "\n")
    }
  }
}
