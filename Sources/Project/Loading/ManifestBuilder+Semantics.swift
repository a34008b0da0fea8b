import DataFormats
import Diagnostics
import OrderedCollections

/// Semantic models, metrics and saved queries are carried through, nothing is made of them; what depends on what is known.
extension ManifestBuilder {
  /// Notes them, each name once.
  func addSemantics() {
    for (key, type) in [("semantic_models", ResourceType.semanticModel), ("metrics", .metric), ("saved_queries", .savedQuery)] {
      for entry in entries[key] ?? [] {
        let id = "\(type.rawValue).\(entry.package).\(entry.name)"
        guard manifest.semantics[id] == nil else {
          report(
            entry.diagnostic(
              "project.duplicate-name", "dbt found two \(key.replacing("_", with: " ")) with the name \"\(entry.name)\"", at: ["name"],
              hint: "rename one of them", category: .compilation))
          continue
        }
        var value = JSON.object(SemanticShape.members(of: entry.value, type))
        guard value["config"]?["enabled"]?.bool != false else { continue }
        value["path"] = .string((entry.folders + [String(entry.file.split(separator: "/").last ?? "")]).joined(separator: "/"))
        value["unique_id"] = .string(id)
        value["package_name"] = .string(entry.package)
        value["resource_type"] = .string(type.rawValue)
        value["original_file_path"] = .string(entry.file)
        value["fqn"] = .texts([entry.package] + entry.folders + [entry.name])
        manifest.semantics[id] = value
      }
    }
  }

  /// What each of them stands on: a semantic model on its model, a metric on semantic models and metrics, a saved query on metrics.
  func linkSemantics(_ table: ReferenceTable) {
    var measures: [String: String] = [:]
    for (id, value) in manifest.semantics where id.hasPrefix("semantic_model.") {
      for measure in value["measures"]?.array ?? [] { if let name = measure["name"]?.string { measures[name] = id } }
    }
    for (id, value) in manifest.semantics {
      let package = value["package_name"]?.string ?? root.name
      var parents: OrderedSet<String> = []
      if let model = value["model"]?.string {
        let names = model.split { "'\"".contains($0) }.map(String.init).filter { $0.allSatisfy { $0.isLetter || $0.isNumber || "_.".contains($0) } }
        let reference = names.last.map { Reference(name: $0, package: names.count > 1 ? names[0] : nil) }
        if let reference, let found = table.find(reference, from: package, root: root.name, among: table.enabled) {
          parents.append(found)
          manifest.semantics[id]?["refs"] = .array([reference.json])
          let node = manifest.nodes[found]
          manifest.semantics[id]?["node_relation"] = node.map {
            ["alias": .string($0.alias), "schema_name": .string($0.schema), "database": .optional($0.database), "relation_name": .optional($0.relationName)]
          }
        }
      }
      let parameters = value["type_params"] ?? .null
      for key in ["measure", "numerator", "denominator"] {
        guard let name = parameters[key]?["name"]?.string ?? parameters[key]?.string else { continue }
        if let found = key == "measure" ? measures[name] : metric([name], from: package) { parents.append(found) }
      }
      for name in (parameters["metrics"]?.array ?? []) + (value["query_params"]?["metrics"]?.array ?? []) {
        if let found = (name["name"]?.string ?? name.string).flatMap({ metric([$0], from: package) }) { parents.append(found) }
      }
      manifest.semantics[id]?["depends_on"] = ["macros": [], "nodes": .texts(Array(parents))]
    }
  }

  /// The unique id of the metric of that name; packages are tried as for refs.
  func metric(_ name: [String], from package: String) -> String? {
    let packages = name.count > 1 ? [name[0]] : [package, root.name] + packages.keys
    return packages.lazy.map { "metric.\($0).\(name[name.count - 1])" }.first { manifest.semantics[$0] != nil }
  }
}
