import DataFormats
import Diagnostics
import Project
import TestFolder
import Transform
import Warehouse

/// A project in a folder of its own with a SQLite warehouse beside it.
final class TransformedProject: ProjectFolder {
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
