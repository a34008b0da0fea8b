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
    for id in selection.ids { Terminal.say(line(id, manifest, keys)) }
    if selection.ids.isEmpty, !workspace.log.isQuiet {
      ErrorReport.show(Diagnostic(.usage, "selection.empty", "No nodes selected!", severity: .warning))
    }
    if workspace.writesArtifacts {
      try ManifestArtifact(workspace.project, metadata: workspace.metadata, targetPath: workspace.targetPath).write(to: workspace.targetPath)
    }
  }

  private func line(_ id: String, _ manifest: Manifest, _ keys: [String]) -> String {
    let type = manifest.resourceType(of: id)
    let last = String(id.split(separator: ".").last ?? "")
    switch output {
    case .name: return manifest.nodes[id]?.name ?? manifest.sources[id].map { "\($0.sourceName).\($0.name)" } ?? last
    case .path: return manifest.nodes[id]?.originalFilePath ?? manifest.sources[id]?.originalFilePath ?? manifest.exposures[id]?.originalFilePath ?? id
    case .selector:
      let fqn = manifest.nodes[id]?.fqn ?? manifest.sources[id]?.fqn ?? manifest.exposures[id]?.fqn ?? [last]
      let dotted = fqn.joined(separator: ".")
      switch type {
      case .source: return "source:" + dotted
      case .exposure: return "exposure:" + dotted
      case .unitTest:
        guard let test = manifest.unitTests[id] else { return "unit_test:" + dotted }
        return "unit_test:\(test.packageName).\(test.name)" + (test.version.map { "_v\($0.plainText)" } ?? "")
      default: return dotted
      }
    case .json: return JSON.object(object(id, manifest, keys.isEmpty ? ListCommand.defaultKeys : keys)).text()
    }
  }

  /// What `--output json` shows unless told otherwise.
  private static let defaultKeys = [
    "alias", "name", "package_name", "depends_on", "tags", "config", "resource_type", "source_name", "original_file_path", "unique_id",
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
