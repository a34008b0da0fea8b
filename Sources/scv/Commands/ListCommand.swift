import ArgumentParser
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
    let types = Set(ResourceType.allCases).subtracting([.operation, .macro, .documentation, .sqlOperation])
    let selection = try workspace.selection(selected, types: types)
    let keys = outputKeys.flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) }
    for id in selection.ids { Terminal.say(line(id, manifest, keys)) }
    if selection.ids.isEmpty && !options.quiet {
      ErrorReport.show(Diagnostic(.usage, "selection.empty", "no nodes are selected", severity: .warning))
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
      case .unitTest: return "unit_test:" + dotted
      default: return dotted
      }
    case .json:
      var members = OrderedDictionary<String, JSON>()
      if let node = manifest.nodes[id] {
        members = [
          "name": .string(node.name), "resource_type": .string(node.resourceType.rawValue), "package_name": .string(node.packageName),
          "original_file_path": .string(node.originalFilePath), "unique_id": .string(id), "alias": .string(node.alias),
          "config": .object(node.config.values), "tags": .array(node.tags.map { .string($0) }),
          "depends_on": ["nodes": .array(node.dependsOnNodes.map { .string($0) }), "macros": .array(node.dependsOnMacros.map { .string($0) })],
        ]
      } else if let source = manifest.sources[id] {
        members = [
          "name": .string(source.name), "source_name": .string(source.sourceName), "resource_type": "source",
          "package_name": .string(source.packageName), "original_file_path": .string(source.originalFilePath), "unique_id": .string(id),
          "tags": .array(source.tags.map { .string($0) }),
        ]
      } else {
        members = ["name": .string(last), "resource_type": .string(type?.rawValue ?? ""), "unique_id": .string(id)]
      }
      if !keys.isEmpty { members = members.filter { keys.contains($0.key) } }
      return JSON.object(members).text()
    }
  }
}
