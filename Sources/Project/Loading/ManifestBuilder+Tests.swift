import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// Something of a property file that generic tests stand on: a model, seed, snapshot or source table.
struct GenericTestTarget: Sendable {
  var entry: PropertyEntry
  /// The way from the entry to `value`.
  var steps: [YAMLDocument.Step]
  var value: JSON
  var isSource: Bool
  var name: String
  var sourceName: String?
  /// Of a versioned model: the version.
  var version: JSON?
  /// The unique id of the node; nil for sources.
  var attachedNode: String?

  /// How the target is written in a template.
  var expression: String {
    if let sourceName { return "source('\(sourceName)', '\(name)')" }
    return version.map { "ref('\(name)', version='\($0.plainText)')" } ?? "ref('\(name)')"
  }
}

extension ManifestBuilder {
  /// Tests that property files put on models, seeds, snapshots and sources.
  func addGenericTests(_ factory: NodeFactory) {
    var targets: [GenericTestTarget] = []
    for kind in ["models", "seeds", "snapshots"] {
      let type: ResourceType = kind == "models" ? .model : kind == "seeds" ? .seed : .snapshot
      for entry in entries[kind] ?? [] {
        let versions = kind == "models" ? entry.array("versions") : []
        if versions.isEmpty {
          targets.append(target(entry, nil, "\(type.rawValue).\(entry.package).\(entry.name)", [], entry.value))
        }
        for version in versions {
          let v = version["v"] ?? .null
          var value = entry.value
          if let tests = version["data_tests"] ?? version["tests"] { value["data_tests"] = tests; value["tests"] = .null }
          targets.append(target(entry, v, "model.\(entry.package).\(entry.name).v\(v.plainText)", [], value))
        }
      }
    }
    let all = targets + pendingTests
    let built = Parallel.map(all.flatMap { definitions($0) }, width: options.parallelism) { definition -> Result<BuiltNode, any Error> in
      Result { try GenericTestFactory(nodes: factory).make(definition) }
    }
    for result in built {
      switch result {
      case .success(let built): addTest(built)
      case .failure(let error): report(error)
      }
    }
  }

  private func target(_ entry: PropertyEntry, _ version: JSON?, _ id: String, _ steps: [YAMLDocument.Step], _ value: JSON) -> GenericTestTarget {
    let attached = manifest.nodes[id] != nil || manifest.disabled[id] != nil ? id : nil
    return GenericTestTarget(
      entry: entry, steps: steps, value: value, isSource: false, name: entry.name, sourceName: nil, version: version, attachedNode: attached)
  }

  private func addTest(_ built: BuiltNode) {
    var node = built.node
    if let attached = node.attachedNode {
      if manifest.nodes[attached] == nil, manifest.disabled[attached] != nil { node.config["enabled"] = false }
      if let group = manifest.nodes[attached]?.group { node.group = group }
    }
    guard node.config.isEnabled else {
      manifest.disabled[node.uniqueID, default: []].append(.node(node))
      return
    }
    if let earlier = manifest.nodes[node.uniqueID] {
      // The same test written twice is one test; two tests of one name are a mistake.
      if earlier.testMetadata == node.testMetadata && earlier.config == node.config { return }
      report(
        diagnostic(
          "project.duplicate-name", "dbt found two data_tests with the name \"\(node.name)\"", at: node.place, in: nil,
          hint: "the other is at \(earlier.place.description): give one of them another name:"))
      return
    }
    places[node.uniqueID] = built.capture
    manifest.nodes[node.uniqueID] = node
  }

  /// The tests of a target: those of its columns, then its own.
  private func definitions(_ target: GenericTestTarget) -> [GenericTestDefinition] {
    var found: [GenericTestDefinition] = []
    func add(_ holder: JSON, _ steps: [YAMLDocument.Step], _ column: ColumnOfTest?) {
      for key in ["tests", "data_tests"] {
        guard let list = holder[key], list != .null else { continue }
        guard let tests = list.array else {
          report(
            target.entry.diagnostic(
              "project.malformed-properties", "'\(key)' is a list", at: steps + [.key(key)], onKey: true, hint: "put '- ' before each test"))
          continue
        }
        for (index, test) in tests.enumerated() {
          found.append(GenericTestDefinition(target: target, column: column, value: test, steps: steps + [.key(key), .index(index)]))
        }
      }
    }
    let quotesColumns = target.value["quote_columns"]?.bool ?? false
    for (index, column) in (target.value["columns"]?.array ?? []).enumerated() {
      guard let name = column["name"]?.plainText else { continue }
      let config = PropertyEntry.configuration(column, ["tags"])
      let quote = column["quote"]?.bool ?? quotesColumns
      let tags = NodeConfiguration.list(config["tags"])
      add(column, target.steps + ["columns", .index(index)], ColumnOfTest(name: quote ? "\"\(name)\"" : name, tags: tags))
    }
    add(target.value, target.steps, nil)
    return found
  }
}

/// The column that a generic test stands on.
struct ColumnOfTest: Sendable {
  /// The name, quoted if the column is.
  var name: String
  var tags: [String]
}

/// A generic test as a property file declares it.
struct GenericTestDefinition: Sendable {
  var target: GenericTestTarget
  var column: ColumnOfTest?
  var value: JSON
  /// The way from the entry to `value`.
  var steps: [YAMLDocument.Step]
}
