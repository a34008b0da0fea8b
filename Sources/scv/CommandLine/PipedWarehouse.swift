import AirbyteProtocol
import DataFormats
import Diagnostics
import FoundationEssentials
@preconcurrency import Glibc
import Sync
import Warehouse

/// The warehouse that `scv destination` and `scv target` load into: a configuration file names it, not a project.
struct PipedWarehouse {
  /// The JSON schema of the configuration.
  static let schema: JSON = [
    "$schema": "http://json-schema.org/draft-07/schema#", "title": "scv", "type": "object", "required": ["path"], "additionalProperties": true,
    "properties": [
      "path": [
        "type": "string", "title": "Warehouse", "description": "The file of the SQLite warehouse. It is made if it is not there.",
        "examples": ["/data/warehouse.db"],
      ],
      "schema": [
        "type": "string", "title": "Schema", "default": "main",
        "description": "The schema of streams that have no namespace. Tables of other schemas are named schema__table.",
      ],
      "name": [
        "type": "string", "title": "Name",
        "description": "Under which name the warehouse keeps account; one a schema if left out. Loads of one name wait for each other.",
      ],
      "wait": ["type": "number", "title": "Wait", "default": 60, "description": "How many seconds to wait for another load of the same name."],
    ],
  ]

  private let config: JSON
  private let folder = FileManager.default.currentDirectoryPath

  /// Reads the configuration.
  ///
  /// - Throws: `Diagnostic` (`destination.config`).
  init(configFile: String) throws {
    config = try PipedWarehouse.json(configFile, what: "configuration")
    let known = PipedWarehouse.schema["properties"]?.object?.keys.elements ?? []
    guard config["path"]?.string?.isEmpty == false else {
      let near = config.object?.keys.compactMap { Suggestion.didYouMean($0, among: known) }.first
      throw Diagnostic(
        .configuration, "destination.config", "the configuration does not name the warehouse", at: SourceLocation(file: configFile),
        hint: near ?? "add its file: {\"path\": \"/data/warehouse.db\"}")
    }
  }

  /// Reads a file of JSON.
  ///
  /// - Throws: `Diagnostic` (`destination.config`, `json.malformed`).
  static func json(_ file: String, what: String) throws -> JSON {
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw Diagnostic(
        .configuration, "destination.config", "the file of the \(what) cannot be read", at: SourceLocation(file: file), hint: "is the path right?")
    }
    do { return try JSON.parse(bytes) } catch var error as Diagnostic {
      error.location?.file = file
      throw error
    }
  }

  /// Opens the warehouse.
  func open() throws -> SQLiteAdapter {
    // The schema says where streams go; which schema needs no prefix is for the projects that read them.
    var output = config
    output["schema"] = nil
    // A state that was given back is forgotten by whoever sent it: the rows must be on the disk by then.
    return try SQLiteAdapter(try SQLiteLayout(output: output, relativeTo: folder), survivesPowerCut: true)
  }

  /// How to load.
  var options: SyncOptions {
    var options = SyncOptions(projectFolder: folder)
    options.lockPatience = config["wait"]?.double ?? 60
    options.heartbeat = .infinity
    return options
  }

  /// What is loaded, for the account.
  func connection(_ dialect: Connection.Dialect) -> Connection {
    let schema = config["schema"]?.string ?? "main"
    // Loads into different schemas are different accounts: what one leaves unfinished is not in the other's tables.
    var connection = Connection(
      name: config["name"]?.string ?? (schema == "main" ? "piped" : "piped.\(schema)"), command: [], dialect: dialect, schema: schema)
    connection.usesNamespaces = dialect == .airbyte
    return connection
  }
}

/// What a destination says on standard output: messages of the Airbyte protocol, each in one piece.
struct MessageVoice: Sendable {
  /// Writes a line of JSON at once: whoever waits for a state waits for it now.
  static func write(_ json: JSON) {
    Terminal.say(json.text())
    fflush(stdout)
  }

  func say(_ json: JSON) { MessageVoice.write(json) }

  /// Passes warnings on as log messages; what else happens is nobody's concern here.
  func handle(_ event: SyncEvent) {
    guard case .warning(_, let warning) = event else { return }
    say(Message.log(LogMessage(.warn, warning.description)).json)
  }

  /// Says what failed.
  func fail(_ error: Diagnostic, _ stream: StreamDescriptor? = nil) {
    let kind: TraceMessage.SourceError.FailureType = error.category == .configuration ? .config : .system
    let message = [error.message, error.hint].compactMap { $0 }.joined(separator: "; ")
    let trace = TraceMessage.error(.init(message: message, internalMessage: error.description, failureType: kind, stream: stream))
    say(Message.trace(trace, emittedAt: Int64(Date().timeIntervalSince1970 * 1000)).json)
  }
}
