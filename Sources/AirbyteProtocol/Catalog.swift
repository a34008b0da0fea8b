import DataFormats
import Diagnostics

/// How a source reads a stream: `sync_mode` of the Airbyte protocol.
public enum SyncMode: String, Sendable, Hashable, CaseIterable {
  /// Every record, every time.
  case fullRefresh = "full_refresh"
  /// What is new or changed since the state of the last sync.
  case incremental
}

/// Names a stream: `stream_descriptor` of the Airbyte protocol.
public struct StreamDescriptor: Sendable, Hashable, CustomStringConvertible {
  /// The stream's name.
  public var name: String
  /// The schema or group that a source puts it in, where it has such.
  public var namespace: String?

  /// Names a stream.
  public init(name: String, namespace: String? = nil) {
    self.name = name
    self.namespace = namespace
  }

  /// Reads `{"name": …, "namespace": …}`.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    self.init(name: try json.text("name", of: "a stream descriptor"), namespace: json.namespace)
  }

  /// `{"name": …, "namespace": …}`.
  public var json: JSON { .members([("name", .string(name)), ("namespace", namespace.map { .string($0) })]) }

  /// `namespace.name`, or `name`.
  public var description: String { namespace.map { "\($0).\(name)" } ?? name }
}

/// A stream that a source offers: `AirbyteStream` of the protocol.
public struct CatalogStream: Sendable, Hashable {
  /// The stream's name.
  public var name: String
  /// The schema or group that the source puts it in, where it has such.
  public var namespace: String?
  /// The JSON schema (draft 7) of its records.
  public var jsonSchema: JSON
  /// How it can be read; at least one.
  public var supportedSyncModes: [SyncMode]
  /// Whether the source itself knows which records are new; a user's cursor field is then not used by it.
  public var sourceDefinedCursor: Bool
  /// The path of the field that tells new records from old ones; empty if the source names none.
  public var defaultCursorField: [String]
  /// The paths of the fields that identify a record; empty if the source names none.
  public var sourceDefinedPrimaryKey: [[String]]
  /// Whether a full refresh can go on where it was interrupted.
  public var isResumable: Bool
  /// Whether the records stand for files.
  public var isFileBased: Bool

  /// Describes a stream; see the properties for the parameters.
  public init(
    name: String, namespace: String? = nil, jsonSchema: JSON, supportedSyncModes: [SyncMode] = [.fullRefresh], sourceDefinedCursor: Bool = false,
    defaultCursorField: [String] = [], sourceDefinedPrimaryKey: [[String]] = [], isResumable: Bool = false, isFileBased: Bool = false
  ) {
    self.name = name
    self.namespace = namespace
    self.jsonSchema = jsonSchema
    self.supportedSyncModes = supportedSyncModes
    self.sourceDefinedCursor = sourceDefinedCursor
    self.defaultCursorField = defaultCursorField
    self.sourceDefinedPrimaryKey = sourceDefinedPrimaryKey
    self.isResumable = isResumable
    self.isFileBased = isFileBased
  }

  /// Reads a stream of a catalog. Sync modes that are not known are left out; if none is left, it is full refresh.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    let modes = json.texts("supported_sync_modes").compactMap(SyncMode.init(rawValue:))
    self.init(
      name: try json.text("name", of: "a stream of the catalog"), namespace: json.namespace,
      // `true` is a schema, too: anything goes.
      jsonSchema: json["json_schema"] == true ? [:] : try json.object("json_schema", of: "a stream of the catalog"),
      supportedSyncModes: modes.isEmpty ? [.fullRefresh] : modes,
      sourceDefinedCursor: json.member("source_defined_cursor")?.bool ?? false, defaultCursorField: json.texts("default_cursor_field"),
      sourceDefinedPrimaryKey: json.paths("source_defined_primary_key"), isResumable: json.member("is_resumable")?.bool ?? false,
      isFileBased: json.member("is_file_based")?.bool ?? false)
  }

  /// The stream as it stands in a catalog; what is not set is left out.
  public var json: JSON {
    .members([
      ("name", .string(name)), ("namespace", namespace.map { .string($0) }), ("json_schema", jsonSchema),
      ("supported_sync_modes", .array(supportedSyncModes.map { .string($0.rawValue) })),
      ("source_defined_cursor", sourceDefinedCursor ? true : nil), ("default_cursor_field", defaultCursorField.jsonUnlessEmpty),
      ("source_defined_primary_key", sourceDefinedPrimaryKey.jsonUnlessEmpty), ("is_resumable", isResumable ? true : nil),
      ("is_file_based", isFileBased ? true : nil),
    ])
  }

  /// Name and namespace.
  public var descriptor: StreamDescriptor { StreamDescriptor(name: name, namespace: namespace) }
}

/// What a source offers: `AirbyteCatalog`, the answer to `discover`.
public struct Catalog: Sendable, Hashable {
  /// The streams, in the source's order.
  public var streams: [CatalogStream]

  /// Lists `streams`.
  public init(streams: [CatalogStream]) {
    self.streams = streams
  }

  /// Reads `{"streams": […]}`.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    guard let streams = json.member("streams") else { throw JSON.missing("streams", of: "a catalog") }
    guard let array = streams.array else { throw JSON.mistyped("streams", of: "a catalog", "an array") }
    self.init(streams: try array.map(CatalogStream.init(json:)))
  }

  /// `{"streams": […]}`.
  public var json: JSON { ["streams": .array(streams.map(\.json))] }

  /// The stream of this name, in any namespace.
  public subscript(name: String) -> CatalogStream? { streams.first { $0.name == name } }
}
