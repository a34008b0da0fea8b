import ArgumentParser
import Artifacts
import DataFormats
import Diagnostics
import OrderedCollections
import Project

/// `scv ls`: what there is in the project.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the nodes of the project.", aliases: ["list"])

  /// How the nodes are shown.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case selector, name, path, json
  }

  @OptionGroup var options: ProjectOptions
  @OptionGroup var selected: SelectionOptions

  @Option(help: "How to show a node: selector, name, path, json.")
  var output = Output.selector

  @Option(parsing: .upToNextOption, help: "With --output json: which keys.")
  var outputKeys: [String] = []

  func run() throws {
    let workspace = try Workspace(options, command: "list")
    let manifest = workspace.project.manifest
    var settings = SelectionSettings(selected, workspace.settings)
    if !selected.models.isEmpty, settings.resourceTypes.isEmpty { settings.resourceTypes = ["model"] }
    let types = Set(ResourceType.allCases).subtracting([.operation, .macro, .documentation, .sqlOperation, .group])
    let selection = try workspace.selection(settings, types: types)
    let keys = outputKeys.flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) }
    for id in selection.ids.sorted() { Terminal.say(line(id, manifest, keys)) }
    if selection.ids.isEmpty, !workspace.log.isQuiet {
      ErrorReport.show(Diagnostic(.usage, "selection.empty", "No nodes selected!", severity: .warning))
    }
    if workspace.writesArtifacts {
      try ManifestArtifact(workspace.project, metadata: workspace.metadata, targetPath: workspace.targetPath).write(to: workspace.targetPath)
    }
  }

  private func line(_ id: String, _ manifest: Manifest, _ keys: [String]) -> String {
    var last: String { String(id.split(separator: ".").last ?? "") }
    switch output {
    case .name: return manifest.nodes[id]?.searchName ?? manifest.sources[id]?.searchName ?? manifest.unitTests[id]?.name ?? last
    case .path:
      let path = manifest.nodes[id]?.originalFilePath ?? manifest.sources[id]?.originalFilePath ?? manifest.exposures[id]?.originalFilePath
      return path ?? manifest.unitTests[id]?.originalFilePath ?? manifest.semantics[id]?["original_file_path"]?.string ?? id
    case .selector:
      if let node = manifest.nodes[id] { return node.fqn.joined(separator: ".") }
      let parts = id.split(separator: ".")
      let short = parts.count > 2 ? "\(parts[1]).\(last)" : last
      switch manifest.resourceType(of: id) {
      case .source: return "source:" + (manifest.sources[id]?.fqn.joined(separator: ".") ?? short)
      case .exposure: return "exposure:" + short
      case .unitTest: return "unit_test:" + short
      default: return "\(parts.first ?? ""):\(short)"
      }
    case .json: return JSON.object(object(id, manifest, keys.isEmpty ? ListCommand.defaultKeys : keys)).text()
    }
  }

  /// What `--output json` shows unless told otherwise.
  private static let defaultKeys = [
    "name", "resource_type", "package_name", "original_file_path", "unique_id", "alias", "config", "tags", "depends_on", "source_name",
  ]

  private func object(_ id: String, _ manifest: Manifest, _ keys: [String]) -> OrderedDictionary<String, JSON> {
    let value: JSON =
      manifest.nodes[id]?.json ?? manifest.sources[id]?.json ?? manifest.exposures[id]?.json ?? manifest.unitTests[id]?.json ?? manifest.semantics[id] ?? [:]
    var members: OrderedDictionary<String, JSON> = [:]
    for key in keys {
      // A dotted key looks inside: config.materialized.
      var found: JSON? = value
      for part in key.split(separator: ".") { found = found?[String(part)] }
      if let found { members[key] = found }
    }
    return members
  }
}
