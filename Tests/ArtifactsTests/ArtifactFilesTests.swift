import Artifacts
import DataFormats
import Foundation
import Project
import Testing
import Transform
import Warehouse

@Suite("Artifacts")
struct ArtifactFilesTests {
  private let folder = NSTemporaryDirectory() + "scv-artifacts-" + UUID().uuidString

  /// A small project, built: session and results.
  private func build() async throws -> (TransformSession, RunResults) {
    let files = [
      "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: scv\n",
      "profiles.json": #"{"scv": {"target": "dev", "outputs": {"dev": {"type": "sqlite", "path": "warehouse.db", "password": "hush-hush"}}}}"#,
      "seeds/people.csv": "id,name\n1,Ann\n2,Bo\n",
      "models/names.sql": "{{ config(materialized='table', tags=['daily']) }} select id, name from {{ ref('people') }}",
      "models/broken.sql": "select * from nowhere",
      "models/schema.yml": """
      version: 2
      models:
        - name: names
          description: Who there is
          columns: [{name: id, description: The key, data_tests: [unique, {accepted_values: {name: two_only, values: [2], config: {severity: warn}}}]}]
      sources: [{name: raw, tables: [{name: t}]}]
      exposures: [{name: board, type: dashboard, owner: {name: Ann}, depends_on: [ref('names')]}]
      """,
    ]
    for (name, text) in files {
      let file = folder + "/" + name
      try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: file, atomically: true, encoding: .utf8)
    }
    let load = LoadOptions(
      projectDirectory: folder, environment: ["DBT_ENV_CUSTOM_ENV_TEAM": "growth"],
      builtins: BuiltinMacros.packages)
    let project = try ProjectLoader(load).load()
    var options = TransformOptions(targetPath: folder + "/target")
    options.arguments = ["which": "build"]
    let adapter = try SQLiteAdapter(.prefixes(path: folder + "/warehouse.db", defaultSchema: "main"))
    let session = TransformSession(project: project, adapter: adapter, options: options)
    var request = SelectionRequest()
    request.resourceTypes = TransformSession.resourceTypes(of: .build)
    return (session, try await session.run(.build, ids: try project.manifest.select(request).ids))
  }

  @Test("manifest.json has every member of schema v12, the graph both ways, and the SQL that was compiled")
  func manifest() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (session, results) = try await build()
    try ManifestArtifact(session, results: results).write(to: folder + "/target")
    let manifest = try JSON.parse([UInt8](Data(contentsOf: URL(filePath: folder + "/target/manifest.json"))))
    let members = [
      "metadata", "nodes", "sources", "macros", "docs", "exposures", "metrics", "groups", "selectors", "disabled", "parent_map", "child_map", "group_map",
      "saved_queries", "semantic_models", "unit_tests",
    ]
    for member in members { #expect(manifest[member] != nil, "\(member) is missing") }
    #expect(manifest["metadata"]?["dbt_schema_version"]?.string == "https://schemas.getdbt.com/dbt/manifest/v12.json")
    #expect(manifest["metadata"]?["env"]?["TEAM"]?.string == "growth")
    #expect(manifest["metadata"]?["adapter_type"]?.string == "sqlite")
    let model = try #require(manifest["nodes"]?["model.shop.names"])
    for key in [
      "database", "schema", "name", "resource_type", "package_name", "path", "original_file_path", "unique_id", "fqn", "alias", "checksum", "config", "tags",
      "description", "columns", "meta", "group", "docs", "patch_path", "unrendered_config", "created_at", "relation_name", "raw_code", "language", "refs",
      "sources", "metrics", "depends_on", "compiled_path", "compiled", "compiled_code", "contract", "access", "constraints", "version", "latest_version",
      "deprecation_date",
    ] {
      #expect(model[key] != nil, "\(key) is missing")
    }
    #expect(model["description"]?.string == "Who there is")
    #expect(model["compiled_code"]?.string?.contains("select id, name from") == true)
    #expect(model["depends_on"]?["nodes"] == ["seed.shop.people"])
    #expect(manifest["parent_map"]?["model.shop.names"] == ["seed.shop.people"])
    #expect(manifest["child_map"]?["model.shop.names"]?.array?.contains("exposure.shop.board") == true)
    #expect(manifest["sources"]?["source.shop.raw.t"]?["source_name"]?.string == "raw")
  }

  @Test("run_results.json tells status, message, failures, timing and relation of every node, in schema v6")
  func runResults() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (session, results) = try await build()
    try RunResultsArtifact(results, session).write(to: folder + "/target")
    let artifact = try JSON.parse([UInt8](Data(contentsOf: URL(filePath: folder + "/target/run_results.json"))))
    #expect(artifact["metadata"]?["dbt_schema_version"]?.string == "https://schemas.getdbt.com/dbt/run-results/v6.json")
    #expect(artifact["args"]?["which"]?.string == "build")
    #expect(artifact["elapsed_time"]?.double != nil)
    let list = try #require(artifact["results"]?.array)
    var byName: [String: JSON] = [:]
    for result in list { byName[String(result["unique_id"]?.string?.split(separator: ".")[2] ?? "")] = result }
    #expect(byName["people"]?["status"]?.string == "success")
    #expect(byName["names"]?["relation_name"]?.string == "\"main\".\"names\"" || byName["names"]?["relation_name"]?.string == "\"names\"")
    #expect(byName["broken"]?["status"]?.string == "error")
    #expect(byName["broken"]?["message"]?.string?.contains("nowhere") == true)
    #expect(byName["two_only"]?["status"]?.string == "warn")
    #expect(byName["two_only"]?["failures"] == 1)
    #expect(byName["unique_names_id"]?["status"]?.string == "pass")
    for result in list {
      for key in ["status", "timing", "thread_id", "execution_time", "adapter_response", "message", "failures", "unique_id", "compiled", "compiled_code"] {
        #expect(result[key] != nil, "\(key) is missing")
      }
    }
    #expect(byName["names"]?["timing"]?.array?.compactMap { $0["name"]?.string } == ["compile", "execute"])
  }

  @Test("catalog.json has the columns of what exists, with types and places")
  func catalog() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (session, _) = try await build()
    let catalog = CatalogArtifact(try session.catalog(), session).json
    #expect(Set(catalog["nodes"]?.object?.keys.map { $0 } ?? []) == ["seed.shop.people", "model.shop.names"])
    let names = try #require(catalog["nodes"]?["model.shop.names"])
    #expect(names["metadata"]?["type"]?.string == "table")
    #expect(names["columns"]?["name"]?["index"] == 2)
    #expect(names["columns"]?["name"]?["type"]?.string == "TEXT")
  }

  @Test("Secrets of the profile reach no artifact")
  func secrets() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (session, results) = try await build()
    let texts = [String(decoding: ManifestArtifact(session, results: results).utf8, as: UTF8.self), RunResultsArtifact(results, session).json.text()]
    #expect(texts.allSatisfy { !$0.contains("hush-hush") })
  }
}
