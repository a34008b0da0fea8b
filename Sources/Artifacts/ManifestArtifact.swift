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
    try ArtifactFile.write("manifest.json", in: folder) { write($0) }
  }

  /// The document as text.
  public var utf8: [UInt8] {
    var whole: [UInt8] = []
    write { whole += $0 }
    return whole
  }

  /// Gives the document as text, part by part, made without a tree: there are thousands of nodes.
  private func write(_ give: ([UInt8]) -> Void) {
    let manifest = project.manifest
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 << 17)
    var isFirstKey = true
    var writer = NodeWriter()
    func key(_ name: String) {
      bytes.append(isFirstKey ? UInt8(ascii: "{") : UInt8(ascii: ","))
      isFirstKey = false
      JSON.writeQuoted(name, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
    }
    func member(_ name: String, _ value: JSON) {
      key(name)
      value.write(to: &bytes)
    }
    func members<Element>(
      _ name: String, _ elements: some Sequence<(key: String, value: Element)>, _ write: (Element, inout [UInt8]) -> Void
    ) {
      key(name)
      bytes.append(UInt8(ascii: "{"))
      var isFirst = true
      for (id, element) in elements {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        JSON.writeQuoted(id, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        write(element, &bytes)
        guard bytes.count > 1 << 16 else { continue }
        give(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
      bytes.append(UInt8(ascii: "}"))
    }
    let graph = manifest.graph
    member("metadata", head)
    members("nodes", manifest.nodes) { writer.write($0, compiled: code(of: $0), to: &$1) }
    members("sources", manifest.sources) { $0.json.write(to: &$1) }
    members("macros", manifest.macros) { $0.write(to: &$1) }
    members("docs", manifest.docs) { $0.json.write(to: &$1) }
    members("exposures", manifest.exposures) { $0.json.write(to: &$1) }
    member("metrics", semantics("metric"))
    members("groups", manifest.groups) { $0.json.write(to: &$1) }
    members("selectors", manifest.selectors) { $0.definition.write(to: &$1) }
    members("disabled", manifest.disabled) { disabled($0).write(to: &$1) }
    members("parent_map", graph.ids.lazy.map { (key: $0, value: $0) }) { JSON.writeTexts(graph.parents(of: $0), to: &$1) }
    members("child_map", graph.ids.lazy.map { (key: $0, value: $0) }) { JSON.writeTexts(graph.children(of: $0), to: &$1) }
    member("group_map", .object(groupMap))
    member("saved_queries", semantics("saved_query"))
    member("semantic_models", semantics("semantic_model"))
    members("unit_tests", manifest.unitTests) { $0.json.write(to: &$1) }
    member("functions", [:])
    bytes.append(UInt8(ascii: "}"))
    give(bytes)
  }

  private var head: JSON {
    var head = metadata.json("manifest", 12)
    head["project_name"] = .string(project.configuration.name)
    head["project_id"] = nil
    head["user_id"] = .null
    head["send_anonymous_usage_stats"] = false
    head["adapter_type"] = .string(project.manifest.adapterType)
    head["quoting"] = ["database": false, "schema": true, "identifier": true, "column": .null]
    head["run_started_at"] = .string(metadata.startedAt.artifactText)
    return .object(head)
  }

  private func code(of node: Node) -> Node.CompiledCode? {
    compiled.isEmpty ? nil : compiled[node.uniqueID]?.compiledCode.map { Node.CompiledCode($0, path: "\(targetPath)/compiled/\(node.outputPath)") }
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

  private var groupMap: OrderedDictionary<String, JSON> {
    var map: OrderedDictionary<String, JSON> = [:]
    for group in project.manifest.groups.values {
      map[group.name] = .array(project.manifest.nodes.values.filter { $0.group == group.name }.map { .string($0.uniqueID) })
    }
    return map
  }
}
