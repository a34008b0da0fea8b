import DataFormats
import OrderedCollections
import Project
import Transform

/// manifest.json: everything that the project says, with the SQL of what was compiled (schema v12,
/// schemas.getdbt.com/dbt/manifest/v12.json).
public struct ManifestArtifact: Sendable {
  private let project: LoadedProject
  private let metadata: ArtifactMetadata
  private let compiled: [String: NodeResult]
  private let targetPath: String

  /// The manifest of `session`'s project.
  ///
  /// - Parameter results: what was run, if anything: its compiled SQL is part of the manifest.
  public init(_ session: TransformSession, results: RunResults? = nil) {
    project = session.project
    metadata = ArtifactMetadata(session)
    compiled = Dictionary((results?.results ?? []).map { ($0.uniqueID, $0) }) { $1 }
    targetPath = ManifestArtifact.relative(session.options.targetPath, project)
  }

  /// The manifest of a project that was read and is not run.
  public init(_ project: LoadedProject, metadata: ArtifactMetadata, targetPath: String) {
    self.project = project
    self.metadata = metadata
    compiled = [:]
    self.targetPath = ManifestArtifact.relative(targetPath, project)
  }

  private static func relative(_ path: String, _ project: LoadedProject) -> String {
    let root = project.configuration.root + "/"
    return path.hasPrefix(root) ? String(path.dropFirst(root.count)) : path
  }

  /// Writes it into a folder.
  ///
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  public func write(to folder: String) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 << 20)
    json.write(to: &bytes)
    try ArtifactFile.write(bytes, "manifest.json", in: folder)
  }

  /// The document.
  public var json: JSON {
    let manifest = project.manifest
    var head = metadata.json("manifest", 12)
    head["project_name"] = .string(project.configuration.name)
    head["project_id"] = nil
    head["user_id"] = .null
    head["send_anonymous_usage_stats"] = false
    head["adapter_type"] = .string(project.manifest.adapterType)
    head["quoting"] = ["database": false, "schema": true, "identifier": true, "column": .null]
    head["run_started_at"] = .string(metadata.startedAt.artifactText)
    let (parents, children) = relatives
    return .object([
      "metadata": .object(head), "nodes": .object(manifest.nodes.mapValues(node)), "sources": .object(manifest.sources.mapValues(\.json)),
      "macros": .object(manifest.macros.mapValues(\.json)), "docs": .object(manifest.docs.mapValues(\.json)),
      "exposures": .object(manifest.exposures.mapValues(\.json)), "metrics": semantics("metric"), "groups": .object(manifest.groups.mapValues(\.json)),
      "selectors": .object(manifest.selectors.mapValues(\.definition)), "disabled": .object(manifest.disabled.mapValues(disabled)),
      "parent_map": .object(parents), "child_map": .object(children), "group_map": .object(groupMap),
      "saved_queries": semantics("saved_query"), "semantic_models": semantics("semantic_model"),
      "unit_tests": .object(manifest.unitTests.mapValues(\.json)), "functions": [:],
    ])
  }

  private func node(_ node: Node) -> JSON {
    guard case .object(var members) = node.json else { return .null }
    if node.resourceType != .seed {
      let code = compiled[node.uniqueID]?.compiledCode
      members["compiled"] = .bool(code != nil)
      if let code {
        members["compiled_code"] = .string(code)
        members["compiled_path"] = .string("\(targetPath)/compiled/\(node.outputPath)")
        members["extra_ctes_injected"] = true
      }
      members["extra_ctes_injected"] = .bool(code != nil)
      members["extra_ctes"] = []
    }
    return .object(members)
  }

  private func disabled(_ entries: [Manifest.DisabledEntry]) -> JSON {
    .array(
      entries.map { entry in
        switch entry {
        case .node(let node): node.json
        case .source(let source): source.json
        case .exposure(let exposure): exposure.json
        case .unitTest(let test): test.json
        }
      })
  }

  private func semantics(_ kind: String) -> JSON {
    .object(project.manifest.semantics.filter { $0.key.hasPrefix(kind + ".") })
  }

  private var relatives: (OrderedDictionary<String, JSON>, OrderedDictionary<String, JSON>) {
    let graph = project.manifest.graph
    var parents = OrderedDictionary<String, JSON>(minimumCapacity: graph.ids.count)
    var children = OrderedDictionary<String, JSON>(minimumCapacity: graph.ids.count)
    for id in graph.ids {
      parents[id] = .array(graph.parents(of: id).map { .string($0) })
      children[id] = .array(graph.children(of: id).map { .string($0) })
    }
    return (parents, children)
  }

  private var groupMap: OrderedDictionary<String, JSON> {
    var map: OrderedDictionary<String, JSON> = [:]
    for group in project.manifest.groups.values {
      map[group.name] = .array(project.manifest.nodes.values.filter { $0.group == group.name }.map { .string($0.uniqueID) })
    }
    return map
  }
}
