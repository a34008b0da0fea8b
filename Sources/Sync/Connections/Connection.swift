import AirbyteProtocol
import DataFormats
import Diagnostics

/// What is to be moved: a source, its configuration, and what becomes of its streams.
public struct Connection: Sendable {
  /// The language that a connector speaks.
  public enum Dialect: String, Sendable, CaseIterable {
    /// The Airbyte protocol.
    case airbyte
    /// Singer: a tap.
    case singer
  }

  /// The wishes for one stream; what is nil or empty is left to the source.
  public struct StreamSelection: Sendable, Equatable {
    /// The stream.
    public var name: String
    /// How it is read.
    public var syncMode: SyncMode?
    /// What becomes of its records.
    public var destinationSyncMode: DestinationSyncMode?
    /// Whether records that replace the old ones are also deduplicated (`overwrite_dedup`).
    public var replacesAndDedups = false
    /// The path of the field that tells new records from old ones.
    public var cursorField: [String] = []
    /// The paths of the fields that identify a record.
    public var primaryKey: [[String]] = []
    /// Whether it is synced at all.
    public var isWanted = true
    /// Whether the wish is for all streams that nothing is said of, and fulfilled as far as a stream can.
    public var isForAll = false
    /// Where it is asked for.
    public var location: SourceLocation?

    /// Wishes for the stream `name`.
    public init(name: String) {
      self.name = name
    }
  }

  /// The name.
  public var name: String
  /// The connector: the path of a program, and its arguments.
  public var command: [String]
  /// The language that it speaks.
  public var dialect: Dialect
  /// Its configuration, rendered, secrets included: never show it.
  public var config: JSON
  /// The schema that its tables are in.
  public var schema: String
  /// The wishes for streams by name; nil is all of the source's, as they are.
  public var streams: [StreamSelection]?
  /// The wishes for all streams that `streams` does not name; nil is that they are not wanted.
  public var otherStreams: StreamSelection?
  /// Whether some of the streams that are otherwise synced are left out this time.
  public internal(set) var isNarrowed = false
  /// Whether it takes part when nobody asks for it by name.
  public var isEnabled = true
  /// Words to select it by.
  public var tags: [String] = []
  /// The flag by which a tap is given its catalog: `--catalog`, for old ones `--properties`.
  public var catalogFlag = "--catalog"
  /// The texts in `config` that came from the environment or from the profile.
  public var secrets: [String] = []
  /// Whether a stream's namespace, where it has one, is the schema that its table is in.
  public var usesNamespaces = false
  /// What becomes of changes in the source.
  public var schemaPolicy = SchemaPolicy.propagateAll
  /// How many records may be put aside before the sync fails.
  public var limits = RejectionLimits()
  /// When a sync that failed is tried again.
  public var retry = RetryPolicy()
  /// Where it stands.
  public var location: SourceLocation?
  /// Where the members of its configuration stand.
  var places: ConfigPlaces?

  /// A connection; see the properties for the parameters.
  public init(
    name: String, command: [String], dialect: Dialect = .airbyte, config: JSON = [:], schema: String? = nil, streams: [StreamSelection]? = nil
  ) {
    self.name = name
    self.command = command
    self.dialect = dialect
    self.config = config
    self.schema = schema ?? name
    self.streams = streams
  }

  /// A connection to a connector that no connections.yml speaks of: `connector` is what would stand there. A program whose name begins
  /// with `tap-` speaks Singer.
  ///
  /// - Throws: `Diagnostic` (`connector.command`, `connector.not-found`, `connector.not-executable`).
  public init(connector: String, projectFolder: String, environment: [String: String]) throws {
    let words = try ConnectorCommand(connector)
    let program = words.words.first?.split(separator: "/").last.map(String.init) ?? connector
    self.init(name: program, command: try words.resolve(projectFolder: projectFolder, environment: environment))
    if program.hasPrefix("tap-") || program.hasPrefix("pip:tap-") { dialect = .singer }
  }

  /// What is wished for a stream, by its name or, where several namespaces have one of that name, as `namespace.name`; nil where it is
  /// not wanted.
  package func wish(_ stream: StreamDescriptor) -> StreamSelection? {
    guard let streams else { return StreamSelection(name: stream.name) }
    if let wish = streams.last(where: { $0.name == stream.description }) ?? streams.last(where: { $0.name == stream.name }) {
      return wish.isWanted ? wish : nil
    }
    guard var wish = otherStreams, wish.isWanted else { return nil }
    wish.name = stream.name
    wish.isForAll = true
    return wish
  }

  /// The connection with the path of its program, where that is still to be installed.
  ///
  /// - Throws: `Diagnostic` (`connector.install`).
  func installed(_ options: SyncOptions, tell: (String) -> Void) throws -> Connection {
    guard let package = command.first.flatMap({ PythonPackage($0, projectFolder: options.projectFolder) }) else { return self }
    var connection = self
    connection.command[0] = try package.program(patience: options.heartbeat, tell: tell)
    return connection
  }

  /// Texts of the configuration that look like secrets by the names that they stand under.
  ///
  /// Not every source marks its secrets; names like these are never harmless.
  var suspectedSecrets: [String] {
    var found: [String] = []
    Connection.collect(config, isSecret: false, &found)
    return found
  }

  private static let telling = ["secret", "password", "passwd", "token", "api_key", "apikey", "private_key", "credential", "access_key"]

  private static func collect(_ value: JSON, isSecret: Bool, _ found: inout [String]) {
    switch value {
    case .string(let text): if isSecret { found.append(text) }
    case .array(let elements): for element in elements { collect(element, isSecret: isSecret, &found) }
    case .object(let members):
      for (key, inner) in members {
        // Objects named "credentials" also hold what is harmless (an authentication type); only their telling members count.
        collect(inner, isSecret: inner.object == nil && isTelling(key), &found)
      }
    default: break
    }
  }

  /// Whether what stands under a name is most likely a secret.
  static func isTelling(_ key: String) -> Bool {
    let name = key.lowercased()
    return telling.contains { name.contains($0) } && !name.hasSuffix("_url")
  }
}
