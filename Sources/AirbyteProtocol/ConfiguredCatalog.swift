import DataFormats
import Diagnostics

/// What becomes of the records in the warehouse: `destination_sync_mode` of the Airbyte protocol.
public enum DestinationSyncMode: String, Sendable, Hashable, CaseIterable {
  /// Records are added to those that are there.
  case append
  /// The records of this sync replace those that are there.
  case overwrite
  /// The latest version of every record, one row a primary key.
  case appendDedup = "append_dedup"

  /// Reads the mode by its protocol name; `overwrite_dedup`, a name from Airbyte's own interface, is one row a key, too.
  public init?(name: String) {
    if name == "overwrite_dedup" { self = .appendDedup } else { self.init(rawValue: name) }
  }
}

/// A stream as a user wants it read: `ConfiguredAirbyteStream` of the protocol.
public struct ConfiguredStream: Sendable, Hashable {
  /// The stream as the source described it.
  public var stream: CatalogStream
  /// How the source reads it.
  public var syncMode: SyncMode
  /// What becomes of its records.
  public var destinationSyncMode: DestinationSyncMode
  /// The path of the field that tells new records from old ones; empty if there is none.
  public var cursorField: [String]
  /// The paths of the fields that identify a record; empty if there are none.
  public var primaryKey: [[String]]
  /// The number of this generation of the data: it grows with every refresh.
  public var generationID: Int64?
  /// Rows of generations below this go away when the sync has succeeded.
  public var minimumGenerationID: Int64?
  /// The number of this sync.
  public var syncID: Int64?

  /// Configures a stream; see the properties for the parameters.
  public init(
    stream: CatalogStream, syncMode: SyncMode, destinationSyncMode: DestinationSyncMode, cursorField: [String] = [], primaryKey: [[String]] = [],
    generationID: Int64? = nil, minimumGenerationID: Int64? = nil, syncID: Int64? = nil
  ) {
    self.stream = stream
    self.syncMode = syncMode
    self.destinationSyncMode = destinationSyncMode
    self.cursorField = cursorField
    self.primaryKey = primaryKey
    self.generationID = generationID
    self.minimumGenerationID = minimumGenerationID
    self.syncID = syncID
  }

  /// Reads a stream of a configured catalog.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`, `protocol.unknown-sync-mode`).
  public init(json: JSON) throws {
    let owner = "a stream of the configured catalog"
    let mode = try json.text("sync_mode", of: owner)
    guard let syncMode = SyncMode(rawValue: mode) else { throw ConfiguredStream.unknown("sync_mode", mode) }
    let destination = json.member("destination_sync_mode")?.string ?? DestinationSyncMode.append.rawValue
    guard let destinationMode = DestinationSyncMode(name: destination) else {
      throw ConfiguredStream.unknown("destination_sync_mode", destination)
    }
    self.init(
      stream: try CatalogStream(json: try json.object("stream", of: owner)), syncMode: syncMode, destinationSyncMode: destinationMode,
      cursorField: json.texts("cursor_field"), primaryKey: json.paths("primary_key"), generationID: json.member("generation_id")?.int,
      minimumGenerationID: json.member("minimum_generation_id")?.int, syncID: json.member("sync_id")?.int)
  }

  /// The stream as it stands in a configured catalog; what is not set is left out.
  public var json: JSON {
    .members([
      ("stream", stream.json), ("sync_mode", .string(syncMode.rawValue)), ("destination_sync_mode", .string(destinationSyncMode.rawValue)),
      ("cursor_field", cursorField.jsonUnlessEmpty), ("primary_key", primaryKey.jsonUnlessEmpty), ("generation_id", generationID.map { .int($0) }),
      ("minimum_generation_id", minimumGenerationID.map { .int($0) }), ("sync_id", syncID.map { .int($0) }),
    ])
  }

  /// Name and namespace of the stream.
  public var descriptor: StreamDescriptor { stream.descriptor }

  private static func unknown(_ key: String, _ value: String) -> Diagnostic {
    Diagnostic(.connector, "protocol.unknown-sync-mode", "'\(value)' is not a \(key)")
  }
}

/// What a source is asked to read: `ConfiguredAirbyteCatalog`, the file behind `--catalog`.
public struct ConfiguredCatalog: Sendable, Hashable {
  /// The streams, in the order in which they are wanted.
  public var streams: [ConfiguredStream]

  /// Asks for `streams`.
  public init(streams: [ConfiguredStream]) {
    self.streams = streams
  }

  /// Reads `{"streams": […]}`.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`, `protocol.unknown-sync-mode`).
  public init(json: JSON) throws {
    guard let streams = json.member("streams") else { throw JSON.missing("streams", of: "a configured catalog") }
    guard let array = streams.array else { throw JSON.mistyped("streams", of: "a configured catalog", "an array") }
    self.init(streams: try array.map(ConfiguredStream.init(json:)))
  }

  /// `{"streams": […]}`.
  public var json: JSON { ["streams": .array(streams.map(\.json))] }

  /// The stream of this name, in any namespace.
  public subscript(name: String) -> ConfiguredStream? { streams.first { $0.stream.name == name } }
}
