import DataFormats
import Diagnostics
import Foundation
import Project
import Transform
import Warehouse

/// A project in a folder of its own with a SQLite warehouse beside it; both are gone after the test.
final class TransformedProject {
  let path = NSTemporaryDirectory() + "scv-transform-" + UUID().uuidString

  /// Writes `files` (by path) beside a minimal dbt_project.yml and profiles.json, which they may replace.
  init(_ files: [String: String]) throws {
    let all = [
      "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: scv\n",
      "profiles.json": #"{"scv": {"target": "dev", "outputs": {"dev": {"type": "sqlite", "path": "warehouse.db"}}}}"#,
    ].merging(files) { $1 }
    for (name, text) in all { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making its folder.
  func write(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// Reads a file of the project.
  func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

  /// The project as it is now.
  func load(vars: [String: JSON] = [:], environment: [String: String] = [:]) throws -> LoadedProject {
    var load = LoadOptions(
      projectDirectory: path, environment: environment,
      builtins: BuiltinMacros.packages)
    for (name, value) in vars { load.vars[name] = value }
    return try ProjectLoader(load).load()
  }

  /// The warehouse, opened.
  func adapter() throws -> SQLiteAdapter {
    try SQLiteAdapter(.prefixes(path: path + "/warehouse.db", defaultSchema: "main"))
  }

  /// A session on the project as it is now.
  func session(vars: [String: JSON] = [:], _ change: (inout TransformOptions) -> Void = { _ in }) throws -> TransformSession {
    var options = TransformOptions(targetPath: path + "/target")
    change(&options)
    return TransformSession(project: try load(vars: vars), adapter: try adapter(), options: options)
  }

  /// Loads the project and runs a command on what is selected.
  @discardableResult func run(
    _ command: TransformCommand, select: [String] = [], vars: [String: JSON] = [:], _ change: (inout TransformOptions) -> Void = { _ in }
  ) async throws -> RunResults {
    let session = try session(vars: vars, change)
    var request = SelectionRequest()
    request.select = select
    request.resourceTypes = TransformSession.resourceTypes(of: command)
    let results = try await session.run(command, ids: try session.project.manifest.select(request).ids)
    try (session.adapter as? SQLiteAdapter)?.close()
    return results
  }

  /// The rows of a query as texts; NULL is nil.
  func rows(_ sql: String) throws -> [[String?]] {
    let adapter = try adapter()
    defer { try? adapter.close() }
    return try adapter.query(sql).rows.map { $0.map(\.text) }
  }

  /// Runs statements on the warehouse.
  func execute(_ sql: String) throws {
    let adapter = try adapter()
    defer { try? adapter.close() }
    try adapter.execute(sql)
  }
}

extension RunResults {
  /// The result of the node whose unique id ends with `.name` or holds `name` before a hash.
  subscript(name: String) -> NodeResult? {
    results.first { $0.uniqueID.split(separator: ".").contains(Substring(name)) }
  }

  /// How each node ended, by the third part of its unique id.
  var statuses: [String: NodeStatus] {
    Dictionary(results.map { (String($0.uniqueID.split(separator: ".")[2]), $0.status) }) { $1 }
  }
}
