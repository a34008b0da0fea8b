import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import OrderedCollections
import Project
import Transform

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
  @Option(help: "How many rows; -1 for all.") var limit = 5
  @Option(help: "text, json or csv.") var output = ResultFormat.text

  func run() async throws {
    let workspace = try Workspace(options, command: "show", inlineSQL: inline)
    let manifest = workspace.project.manifest
    let session = TransformSession(project: workspace.project, adapter: try workspace.adapter(), options: TransformOptions(targetPath: workspace.targetPath))
    for id in try nodes(workspace) {
      let result = try await session.show(id, limit: limit < 0 ? nil : limit)
      guard let table = result.table else { continue }
      let name = manifest.nodes[id]?.name ?? id
      switch output {
      case .text:
        if !options.quiet { Terminal.say(inline == nil ? "Previewing node '\(name)':" : "Previewing inline node:") }
        Terminal.say(ResultTable(table).text())
      case .csv:
        Terminal.say(ResultTable(table).csv)
      case .json:
        let rows = ResultTable(table).json
        let body: JSON = inline == nil ? ["node": .string(name), "show": rows] : ["show": rows]
        Terminal.say(body.text(pretty: true))
      }
    }
  }

  private func nodes(_ workspace: Workspace) throws -> [String] {
    let manifest = workspace.project.manifest
    if inline != nil { return manifest.nodes.values.filter { $0.resourceType == .sqlOperation }.map(\.uniqueID) }
    guard !selected.select.isEmpty || selected.selector != nil else {
      throw Diagnostic(.usage, "show.nothing", "nothing was named to show", hint: "scv show --select MODEL, or scv show --inline \"select …\"")
    }
    let ids = try workspace.selection(selected, types: [.model, .seed, .snapshot, .test, .analysis]).ids
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
  @Option(help: "A query to compile instead.") var inline: String?
  @Option(help: "text or json.") var output = ResultFormat.text

  func run() async throws {
    if inline != nil { return try await compileInline() }
    let (results, session) = try await NodeCommand(command: .compile, options: options, selected: selected).results()
    if !selected.select.isEmpty {
      for result in results.results where session.project.manifest.nodes[result.uniqueID]?.resourceType != .test {
        show(session.project.manifest.nodes[result.uniqueID]?.name ?? result.uniqueID, result.compiledCode)
      }
    }
    guard results.isSuccess else { throw ExitCode(1) }
  }

  private func compileInline() async throws {
    let workspace = try Workspace(options, command: "compile", inlineSQL: inline)
    let session = TransformSession(project: workspace.project, adapter: try workspace.adapter(), options: TransformOptions(targetPath: workspace.targetPath))
    let ids = workspace.project.manifest.nodes.values.filter { $0.resourceType == .sqlOperation }.map(\.uniqueID)
    let results = try await session.run(.compile, ids: ids) { event in
      if case .message(let text) = event { Terminal.say(text) }
    }
    for result in results.results {
      if let diagnostic = result.diagnostic { throw diagnostic }
      show("inline_query", result.compiledCode)
    }
  }

  private func show(_ name: String, _ code: String?) {
    guard let code else { return }
    switch output {
    case .json: Terminal.say((["node": .string(name), "compiled": .string(code)] as JSON).text(pretty: true))
    default:
      if !options.quiet { Terminal.say("Compiled node '\(name)' is:") }
      Terminal.say(code + "\n")
    }
  }
}
