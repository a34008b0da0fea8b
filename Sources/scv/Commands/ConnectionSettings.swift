import DataFormats
import Diagnostics
import FoundationEssentials
import Project
import Sync
import Warehouse

/// The connections of a project and what they are loaded into, for the commands that work on them.
struct ConnectionSettings {
  /// The connections, in the order of connections.yml.
  let connections: [Connection]
  /// The profile that was chosen.
  let profile: Profile
  /// The project's folder.
  let folder: String

  /// Reads profile and connections.yml; shows warnings.
  ///
  /// - Throws: `Diagnostic`, `Diagnostics`.
  init(_ options: ProjectOptions, command: String) throws {
    let environment = ProcessInfo.processInfo.environment
    var load = LoadOptions(projectDirectory: try Workspace.folder(options, environment), environment: environment, command: command)
    options.apply(to: &load)
    load.vars = try options.variables()
    let (_, profile, warnings) = try ProjectLoader(load).loadConfiguration()
    if !options.quiet {
      for warning in warnings { ErrorReport.show(warning) }
    }
    let text = FileManager.default.contents(atPath: profile.file).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let profiles = try YAMLDocument(parsing: text.replacing("\t", with: profile.isYAML ? "\t" : " "), file: profile.file).value
    let file = try ConnectionsFile(projectFolder: load.projectDirectory, profiles: profiles, environment: environment)
    for warning in file.warnings { ErrorReport.show(warning) }
    connections = file.connections
    self.profile = profile
    folder = load.projectDirectory
  }

  /// Opens the warehouse.
  func adapter() throws -> SQLiteAdapter { try Workspace.adapter(profile, folder: folder) }

  /// The warehouse to look into; where there is none yet, an empty one in memory, so that looking makes no file.
  func adapterToLook() throws -> SQLiteAdapter {
    guard profile.type == "sqlite" else { return try adapter() }
    let layout = try SQLiteLayout(output: .object(profile.output), relativeTo: folder)
    if layout.path == ":memory:" || FileManager.default.fileExists(atPath: layout.path) { return try adapter() }
    return try SQLiteAdapter(.prefixes(path: ":memory:", defaultSchema: "main"))
  }

  /// The connection of a name.
  ///
  /// - Throws: `Diagnostic` (`sync.unknown-connection`).
  func connection(named name: String) throws -> Connection {
    guard let connection = connections.first(where: { $0.name == name }) else { throw ConnectionSelection.unknown(name, among: connections) }
    return connection
  }
}
