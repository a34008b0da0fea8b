import AirbyteProtocol
import DataFormats

/// A system that records are read from: what the author of a connector writes.
///
/// The kit checks the configuration against `specification` before it makes a source; errors that `init` and the methods throw
/// are shown to the user, secrets taken out. See `SourceStream` for the streams, and `SourceProgram.run` for the entry point.
public protocol Source {
  /// What the connector wants to be told.
  static var specification: ConfigSpecification { get }

  /// Makes a source from a configuration that has passed its check. Nothing is sent yet.
  ///
  /// - Throws: `Diagnostic` of category `.configuration` for settings that contradict each other.
  init(_ config: Config, _ session: SourceSession) throws

  /// Tries whether the system can be reached with this configuration.
  ///
  /// - Throws: why not.
  func check() throws

  /// The streams that the system offers.
  ///
  /// - Throws: why they cannot be told.
  func streams() throws -> [any SourceStream]
}

/// One kind of records of a source.
public protocol SourceStream {
  /// The stream's name.
  var name: String { get }

  /// What is known of the stream before it is read.
  ///
  /// - Throws: why it cannot be told: where it takes a look at the system.
  func describe() throws -> StreamDescription

  /// Reads the stream: sends its records to `output`, and tells it how far it has come.
  ///
  /// `output.checkpoint` may be called whenever everything that has been sent suffices to go on later from that state;
  /// at the end the kit sends the last state once more if need be. What this throws ends the stream, not the others.
  ///
  /// - Parameter request: how to read, and from where.
  func read(_ request: ReadRequest, to output: StreamOutput) throws
}

/// What is known of a stream before it is read.
public struct StreamDescription: Sendable {
  /// The stream's name.
  public var name: String
  /// The JSON schema (draft 7) of its records.
  public var schema: JSON
  /// The fields that identify a record; empty if there are none.
  public var primaryKey: [String]
  /// The field that tells new records from old ones; nil if the stream is read whole every time.
  public var cursorField: String?

  /// Describes a stream; see the properties for the parameters.
  public init(_ name: String, schema: JSON, primaryKey: [String], cursorField: String?) {
    self.name = name
    self.schema = schema
    self.primaryKey = primaryKey
    self.cursorField = cursorField
  }

  /// Describes a stream; see the properties for the parameters.
  public init(_ name: String, _ schema: StreamSchema, primaryKey: [String] = ["id"], cursorField: String? = nil) {
    self.init(name, schema: schema.json, primaryKey: primaryKey, cursorField: cursorField)
  }

  /// The stream as it stands in a catalog.
  public var catalogStream: CatalogStream {
    CatalogStream(
      name: name, jsonSchema: schema, supportedSyncModes: cursorField == nil ? [.fullRefresh] : [.fullRefresh, .incremental],
      sourceDefinedCursor: cursorField != nil, defaultCursorField: cursorField.map { [$0] } ?? [],
      sourceDefinedPrimaryKey: primaryKey.map { [$0] })
  }
}

/// How a stream is to be read, and from where.
public struct ReadRequest: Sendable {
  /// Everything, or what is new since `state`.
  public var syncMode: SyncMode
  /// The stream's state after the last sync; nil begins anew, as a full refresh always does.
  public var state: JSON?
  /// The JSON schema of the records as it was discovered, which is what the records should keep to.
  public var schema: JSON

  /// A request; see the properties for the parameters.
  public init(syncMode: SyncMode = .incremental, state: JSON? = nil, schema: JSON = [:]) {
    self.syncMode = syncMode
    self.schema = schema
    self.state = syncMode == .incremental ? state : nil
  }
}
