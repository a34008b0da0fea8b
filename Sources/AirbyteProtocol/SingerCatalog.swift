import DataFormats
import Diagnostics
import OrderedCollections

/// What a Singer tap offers: the answer to `--discover`, read as an Airbyte catalog and given back with a selection.
///
/// The shape is that of https://github.com/singer-io/getting-started/blob/master/docs/DISCOVERY_MODE.md.
public struct SingerCatalog: Sendable, Hashable {
  /// The streams as the tap described them.
  public var streams: [JSON]

  /// Reads `{"streams": […]}`.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    guard let streams = json.member("streams") else { throw JSON.missing("streams", of: "a tap's catalog") }
    guard let array = streams.array else { throw JSON.mistyped("streams", of: "a tap's catalog", "an array") }
    self.streams = array
  }

  /// The streams as Airbyte would describe them.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`).
  public var catalog: Catalog {
    get throws { Catalog(streams: try streams.map(SingerCatalog.describe)) }
  }

  /// The catalog with `configured` selected and everything else not, for `--catalog`.
  ///
  /// Marks are set wherever taps look for them: in the metadata of stream and properties, and, for old taps, in the stream itself.
  public func selecting(_ configured: [ConfiguredStream]) -> JSON {
    let chosen = streams.map { stream -> JSON in
      guard let wanted = configured.first(where: { $0.stream.name == SingerCatalog.name(of: stream) }) else {
        return SingerCatalog.mark(stream, selected: false, nil)
      }
      return SingerCatalog.mark(stream, selected: true, wanted)
    }
    return ["streams": .array(chosen)]
  }

  private static func name(of stream: JSON) -> String? {
    stream.member("stream")?.string ?? stream.member("tap_stream_id")?.string
  }

  private static func describe(_ stream: JSON) throws -> CatalogStream {
    guard let name = name(of: stream) else { throw JSON.missing("stream", of: "a stream of a tap's catalog") }
    let root = metadata(of: stream)
    let method = (root?.member("forced-replication-method") ?? stream.member("replication_method") ?? root?.member("replication-method"))?.string
    let replicationKeys = stream.texts("replication_key") + (root?.texts("valid-replication-keys") ?? [])
    // A tap that does not say how it reads goes by its state, as far as anybody knows: what it sends must replace nothing.
    let incremental = method.map { $0 != "FULL_TABLE" } ?? true
    let keys = stream.member("key_properties") != nil ? stream.texts("key_properties") : root?.texts("table-key-properties") ?? []
    return CatalogStream(
      name: name, jsonSchema: stream.member("schema") ?? ["type": "object", "properties": [:]],
      supportedSyncModes: incremental ? [.fullRefresh, .incremental] : [.fullRefresh], sourceDefinedCursor: incremental,
      defaultCursorField: Array(replicationKeys.prefix(1)), sourceDefinedPrimaryKey: keys.map { [$0] })
  }

  private static func metadata(of stream: JSON) -> JSON? {
    (stream.member("metadata")?.array ?? []).first { $0.member("breadcrumb")?.array?.isEmpty == true }?.member("metadata")
  }

  private static func mark(_ stream: JSON, selected: Bool, _ wanted: ConfiguredStream?) -> JSON {
    var stream = stream
    var entries: [JSON] = []
    var hasRoot = false
    let isKnown = stream.member("replication_method") != nil
    var described: Set<String> = []
    for entry in stream.member("metadata")?.array ?? [] {
      let path = entry.texts("breadcrumb")
      let root = path.isEmpty
      hasRoot = hasRoot || root
      if path.count == 2, path[0] == "properties" { described.insert(path[1]) }
      entries.append(root ? marked(entry, selected, wanted, isKnown) : chosen(entry, selected))
    }
    if !hasRoot { entries.insert(marked(["breadcrumb": [], "metadata": [:]], selected, wanted, isKnown), at: 0) }
    if selected {
      for property in (stream.member("schema")?.member("properties")?.object ?? [:]).keys where !described.contains(property) {
        entries.append(["breadcrumb": ["properties", .string(property)], "metadata": ["inclusion": "available", "selected": true]])
      }
    }
    stream["metadata"] = .array(entries)
    stream["selected"] = .bool(selected)
    if let wanted, wanted.syncMode == .fullRefresh, stream.member("replication_method") != nil { stream["replication_method"] = "FULL_TABLE" }
    return stream
  }

  private static func marked(_ entry: JSON, _ selected: Bool, _ wanted: ConfiguredStream?, _ isKnown: Bool) -> JSON {
    var entry = entry
    var metadata = entry.member("metadata") ?? [:]
    metadata["selected"] = .bool(selected)
    if let wanted, metadata.member("forced-replication-method") == nil {
      let knows = isKnown || metadata.member("replication-method") != nil || !wanted.cursorField.isEmpty
      if wanted.syncMode == .fullRefresh || knows { metadata["replication-method"] = wanted.syncMode == .incremental ? "INCREMENTAL" : "FULL_TABLE" }
      if wanted.syncMode == .incremental, let cursor = wanted.cursorField.first { metadata["replication-key"] = .string(cursor) }
    }
    entry["metadata"] = metadata
    return entry
  }

  /// A property that the tap leaves to the user is taken unless the tap itself has marked it otherwise.
  private static func chosen(_ entry: JSON, _ selected: Bool) -> JSON {
    var entry = entry
    var metadata = entry.member("metadata") ?? [:]
    if selected, metadata.member("selected") == nil, metadata.member("inclusion")?.string != "unsupported" { metadata["selected"] = true }
    entry["metadata"] = metadata
    return entry
  }
}
