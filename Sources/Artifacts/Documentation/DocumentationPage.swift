import DataFormats
import OrderedCollections
import Project

/// The documentation of a project as one page that needs nothing else: no network, no server, no file beside it.
///
/// It is made of manifest.json and catalog.json alone, so that what it shows is what those artifacts say.
public struct DocumentationPage: Sendable {
  private let manifest: JSON
  private let catalog: JSON
  private let isWhole: Bool

  /// A page about the documents of a manifest.json and a catalog.json.
  ///
  /// - Parameter isWhole: whether the catalog holds all that exists, so that what it does not hold is missing.
  public init(manifest: JSON, catalog: JSON, isWhole: Bool = true) {
    self.manifest = manifest
    self.catalog = catalog
    self.isWhole = isWhole
  }

  /// Writes it into a folder.
  ///
  /// - Parameter name: the file: `index.html`, or `static_index.html` as dbt calls a page that has its data inside.
  /// - Throws: `Diagnostic` (`target.cannot-write`).
  public func write(to folder: String, name: String = "index.html") throws {
    try ArtifactFile.write(Array(html.utf8), name, in: folder)
  }

  /// The page.
  public var html: String {
    let title = DocumentationPage.escaped(manifest["metadata"]?["project_name"]?.string ?? "project")
    // A '<' in the data could end the element that the data stands in.
    let embedded = data.text().replacing("<", with: "\\u003c")
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title) · documentation</title>
      <style>
      \(DocumentationPage.style)
      </style>
      </head>
      <body>
      <nav>
      <a class="home" href="#!/overview">\(title)</a>
      <input id="search" type="search" placeholder="Search names, columns, descriptions  ( / )" autocomplete="off" spellcheck="false">
      <div id="tree"></div>
      </nav>
      <main id="page"></main>
      <script type="application/json" id="data">\(embedded)</script>
      <script>
      \(DocumentationPage.script)
      </script>
      </body>
      </html>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
  }

  // MARK: Data

  /// What the page shows, taken out of the artifacts.
  var data: JSON {
    let overview =
      manifest["docs"]?.object?.values.first { $0["name"]?.string == "__overview__" && $0["package_name"] == manifest["metadata"]?["project_name"] }
    var items: [JSON] = []
    for list in ["nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests"] {
      items += (manifest[list]?.object ?? [:]).values.map(item)
    }
    items += (manifest["macros"]?.object ?? [:]).values.filter { !["dbt", "dbt_sqlite"].contains($0["package_name"]?.string) }.map(macro)
    return .object([
      "project": manifest["metadata"]?["project_name"] ?? "", "generated": manifest["metadata"]?["generated_at"] ?? "",
      "overview": overview?["block_contents"] ?? "", "whole": .bool(isWhole), "items": .array(items), "parents": manifest["parent_map"] ?? [:],
    ])
  }

  private func item(_ value: JSON) -> JSON {
    let id = value["unique_id"]?.string ?? ""
    let found = catalog["nodes"]?[id] ?? catalog["sources"]?[id]
    var members: OrderedDictionary<String, JSON> = [
      "id": .string(id), "name": name(value), "type": value["resource_type"] ?? "", "package": value["package_name"] ?? "",
      "path": value["original_file_path"] ?? "", "folders": folders(value), "columns": columns(value, found?["columns"]),
    ]
    let optional: [(String, JSON?)] = [
      ("description", value["description"]), ("sourceDescription", value["source_description"]), ("tags", value["tags"] ?? value["config"]?["tags"]),
      ("meta", value["meta"] ?? value["config"]?["meta"]), ("materialized", value["config"]?["materialized"]), ("relation", value["relation_name"]),
      ("access", value["access"]), ("group", value["group"]), ("version", value["version"]), ("language", value["language"]), ("code", value["raw_code"]),
      ("compiled", value["compiled_code"]), ("owner", value["owner"]), ("url", value["url"]), ("maturity", value["maturity"]), ("label", value["label"]),
      ("kind", value["type"]), ("loader", value["loader"]), ("freshness", value["freshness"]), ("loadedAt", value["loaded_at_field"]),
      ("column", value["column_name"]), ("test", value["test_metadata"]?["name"]), ("severity", value["config"]?["severity"]),
      ("built", found?["metadata"]?["type"]), ("schema", value["schema"]), ("color", value["docs"]?["node_color"]), ("deprecated", value["deprecation_date"]),
    ]
    for (key, value) in optional { if let value, !DocumentationPage.isNothing(value) { members[key] = value } }
    if value["docs"]?["show"] == false { members["hidden"] = true }
    return .object(members)
  }

  private func macro(_ value: JSON) -> JSON {
    [
      "id": value["unique_id"] ?? "", "name": value["name"] ?? "", "type": "macro", "package": value["package_name"] ?? "",
      "path": value["original_file_path"] ?? "", "folders": folders(value), "description": value["description"] ?? "",
      "arguments": value["arguments"] ?? [], "code": value["macro_sql"] ?? "", "hidden": .bool(value["docs"]?["show"] == false),
      "uses": value["depends_on"]?["macros"] ?? [],
    ]
  }

  private static func isNothing(_ value: JSON) -> Bool {
    switch value {
    case .null: true
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }

  private func name(_ value: JSON) -> JSON {
    if let source = value["source_name"]?.string { return .string("\(source).\(value["name"]?.string ?? "")") }
    guard let version = value["version"], version != .null else { return value["name"] ?? "" }
    return .string("\(value["name"]?.string ?? "").v\(version.plainText)")
  }

  private func folders(_ value: JSON) -> JSON {
    .array((value["original_file_path"]?.string ?? "").split(separator: "/").dropLast().map { .string(String($0)) })
  }

  /// The described columns with the types that exist, and behind them those that exist and nobody describes.
  private func columns(_ value: JSON, _ existing: JSON?) -> JSON {
    let existing = existing?.object ?? [:]
    var byName: [String: JSON] = [:]
    for (name, column) in existing { byName[name.lowercased()] = column }
    var known: Set<String> = []
    var result: [JSON] = []
    for (name, column) in value["columns"]?.object ?? [:] {
      known.insert(name.lowercased())
      var members: OrderedDictionary<String, JSON> = ["name": .string(name), "description": column["description"] ?? ""]
      if let type = byName[name.lowercased()]?["type"] ?? column["data_type"], !DocumentationPage.isNothing(type) { members["type"] = type }
      if !existing.isEmpty, byName[name.lowercased()] == nil { members["missing"] = true }
      result.append(.object(members))
    }
    for (name, column) in existing where !known.contains(name.lowercased()) { result.append(["name": .string(name), "type": column["type"] ?? ""]) }
    return .array(result)
  }
}
