import AirbyteProtocol
import ArgumentParser
import DataFormats
import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import Sync

/// `scv connectors`: what connectors say of themselves, those of connections.yml and any other.
struct ConnectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connectors", abstract: "Ask connectors what they want, whether they work and what they have.",
    subcommands: [List.self, Spec.self, Check.self, Discover.self])

  /// A connection that is asked for by name, or a connector.
  struct Named: ParsableArguments {
    @OptionGroup var options: ProjectOptions
    @Argument(help: "The connection, as connections.yml names it; or a connector: a program, its path, or pip:PACKAGE.") var name: String
    @Option(help: "A file to take the configuration from.") var config: String?
    @Option(help: "What a connector speaks that connections.yml does not name: airbyte or singer. Default: singer for tap-…, else airbyte.")
    var `protocol`: String?

    func inspection(_ command: String) throws -> (Connection, ConnectorInspection) {
      var (connection, folder) = try connection(command)
      if let config { connection.config = try PipedWarehouse.json(config, what: "configuration") }
      ChildProcesses.stopOnSignals()
      let inspection = try ConnectorInspection(connection, options: SyncOptions(projectFolder: folder)) { line in
        Terminal.write("\(connection.name): \(line)\n", to: stderr)
      }
      return (connection, inspection)
    }

    private func connection(_ command: String) throws -> (Connection, folder: String) {
      let environment = ProcessInfo.processInfo.environment
      let settings = Result { try ConnectionSettings(options, command: "connectors " + command) }
      if let settings = try? settings.get(), let connection = settings.connections.first(where: { $0.name == name }) { return (connection, settings.folder) }
      // A connector may be asked where there is no project yet.
      let folder = (try? settings.get().folder) ?? (try? Workspace.folder(options, environment)) ?? FileManager.default.currentDirectoryPath
      guard var connection = try? Connection(connector: name, projectFolder: folder, environment: environment) else {
        return (try settings.get().connection(named: name), folder)
      }
      if let `protocol` {
        guard let dialect = Connection.Dialect(rawValue: `protocol`) else {
          throw Diagnostic(.usage, "usage.protocol", "'\(`protocol`)' is not a protocol", hint: "airbyte or singer")
        }
        connection.dialect = dialect
      }
      return (connection, folder)
    }
  }

  /// `list`: the connections and their connectors.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the connections and their connectors.")
    @OptionGroup var options: ProjectOptions

    func run() throws {
      var table = TextTable(["connection", "protocol", "schema", "enabled", "connector"])
      for connection in try ConnectionSettings(options, command: "connectors list").connections {
        table.add([
          connection.name, connection.dialect.rawValue, connection.schema, connection.isEnabled ? "yes" : "no", connection.command.joined(separator: " "),
        ])
      }
      for line in table.lines(limit: 100) { Terminal.say(line) }
    }
  }

  /// `spec`: the JSON schema of the configuration.
  struct Spec: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the JSON schema of a connector's configuration.")
    @OptionGroup var named: Named

    func run() throws {
      Terminal.say(try named.inspection("spec").1.specification().json.text(pretty: true))
    }
  }

  /// `check`: whether the connector gets along with its configuration.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say whether a connector works with its configuration.")
    @OptionGroup var named: Named

    func run() throws {
      let (connection, inspection) = try named.inspection("check")
      let status = try inspection.check()
      guard !status.succeeded else { return Terminal.say("\(connection.name): \(Terminal.standardOutput.styled("ok", .green))") }
      throw inspection.located(
        Diagnostic(
          .connector, "connector.check", "the connector of '\(connection.name)' does not work with its configuration", at: connection.location,
          hint: "see what it wants: scv connectors spec \(connection.name)", cause: status.message))
    }
  }

  /// `discover`: the streams.
  struct Discover: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the streams that a source has.")
    @OptionGroup var named: Named
    @Option(help: "text, or json for the whole catalog.") var output = ResultFormat.text

    func run() throws {
      let catalog = try named.inspection("discover").1.catalog()
      guard output == .text else { return Terminal.say(catalog.json.text(pretty: true)) }
      var table = TextTable(["stream", "sync modes", "primary key", "cursor", "columns"])
      for stream in catalog.streams {
        table.add([
          stream.descriptor.description, stream.supportedSyncModes.map(\.rawValue).joined(separator: ", "),
          stream.sourceDefinedPrimaryKey.map { $0.joined(separator: ".") }.joined(separator: ", "), stream.defaultCursorField.joined(separator: "."),
          "\(stream.jsonSchema["properties"]?.object?.count ?? 0)",
        ])
      }
      for line in table.lines() { Terminal.say(line) }
    }
  }
}
