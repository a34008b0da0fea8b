import AirbyteProtocol
import DataFormats
import Diagnostics
import OrderedCollections

/// Something that a source offers otherwise than at its last sync.
public enum SchemaChange: Sendable, Equatable, CustomStringConvertible {
  /// A stream that was not there.
  case newStream(StreamDescriptor)
  /// A stream that is no longer there; its table stays.
  case removedStream(StreamDescriptor)
  /// A property that was not there, and its JSON types.
  case newColumn(StreamDescriptor, String, type: String)
  /// A property that is no longer there; its column stays.
  case removedColumn(StreamDescriptor, String)
  /// A property whose JSON types are others.
  case changedType(StreamDescriptor, String, from: String, to: String)
  /// A primary key that is made of other fields; both are lists of paths.
  case changedKey(StreamDescriptor, from: String, to: String)

  /// The stream that it concerns.
  public var stream: StreamDescriptor {
    switch self {
    case .newStream(let stream), .removedStream(let stream), .newColumn(let stream, _, _), .removedColumn(let stream, _),
      .changedType(let stream, _, _, _), .changedKey(let stream, _, _):
      stream
    }
  }

  /// `+ users.email (string)`.
  public var description: String {
    switch self {
    case .newStream(let stream): "+ \(stream) (a new stream)"
    case .removedStream(let stream): "- \(stream) (the source no longer has the stream; its table stays)"
    case .newColumn(let stream, let column, let type): "+ \(stream).\(column) (\(type))"
    case .removedColumn(let stream, let column): "- \(stream).\(column) (the source no longer has it; the column stays)"
    case .changedType(let stream, let column, let old, let new): "~ \(stream).\(column) (\(old) is now \(new))"
    case .changedKey(let stream, let old, let new): "~ \(stream) (the primary key \(old) is now \(new))"
    }
  }
}

/// What becomes of changes in a source: the choice that Airbyte gives, by its names
/// (https://docs.airbyte.com/using-airbyte/schema-change-management).
public enum SchemaPolicy: String, Sendable, CaseIterable {
  /// New streams and columns are taken up.
  case propagateAll = "propagate_all"
  /// New columns are taken up, new streams are not.
  case propagateColumns = "propagate_columns"
  /// Nothing new is taken up until it is approved; what was there before is synced.
  case approve
  /// Nothing is synced until the changes are approved.
  case stop
}

/// Compares what a source offers with what was synced before, and leaves in the catalog what the connection's policy lets through.
struct SchemaReview {
  /// What is to be synced.
  private(set) var catalog: Catalog
  /// What is different.
  private(set) var changes: [SchemaChange] = []
  /// The properties that must not become columns, by stream.
  private(set) var withheld: [StreamDescriptor: Set<String>] = [:]

  /// - Parameters:
  ///   - known: what the warehouse knows of the connection's streams.
  ///   - approves: whether the changes are approved now.
  /// - Throws: `Diagnostic` (`sync.schema-changed`) where the policy is to stop.
  init(_ connection: Connection, _ catalog: Catalog, known: [StreamDescriptor: Ledger.StreamLine], undescribed: Set<String> = [], approves: Bool) throws {
    self.catalog = catalog
    guard !known.isEmpty else { return }
    let policy = approves ? .propagateAll : connection.schemaPolicy
    self.catalog.streams = catalog.streams.compactMap { stream in
      guard connection.wish(stream.descriptor) != nil else { return stream }
      guard let line = known[stream.descriptor] else {
        // What is asked for by name is approved by that.
        if connection.streams?.contains(where: { [stream.name, stream.descriptor.description].contains($0.name) }) == true { return stream }
        changes.append(.newStream(stream.descriptor))
        return policy == .propagateAll ? stream : nil
      }
      compareKeys(stream, line.configured?.stream)
      guard let old = line.configured?.stream.jsonSchema["properties"]?.object else { return stream }
      return compare(stream, old, policy)
    }
    let offered = Set(catalog.streams.map(\.descriptor))
    for stream in known.keys.sorted(by: { $0.description < $1.description })
    where !offered.contains(stream) && known[stream]?.configured != nil && !undescribed.contains(stream.name) {
      changes.append(.removedStream(stream))
    }
    guard policy == .stop, !changes.isEmpty else { return }
    throw Diagnostic(
      .connector, "sync.schema-changed", "the source of '\(connection.name)' has changed, and its `schema_changes` say stop", at: connection.location,
      hint: "look at the changes, then take them over: scv sync --select \(connection.name) --approve",
      cause: changes.map(\.description).joined(separator: "\n"))
  }

  private mutating func compareKeys(_ stream: CatalogStream, _ before: CatalogStream?) {
    guard let before, before.sourceDefinedPrimaryKey != stream.sourceDefinedPrimaryKey else { return }
    func text(_ key: [[String]]) -> String { key.isEmpty ? "(none)" : "(" + key.map { $0.joined(separator: ".") }.joined(separator: ", ") + ")" }
    changes.append(.changedKey(stream.descriptor, from: text(before.sourceDefinedPrimaryKey), to: text(stream.sourceDefinedPrimaryKey)))
  }

  private mutating func compare(_ stream: CatalogStream, _ old: OrderedDictionary<String, JSON>, _ policy: SchemaPolicy) -> CatalogStream {
    var stream = stream
    var new = stream.jsonSchema["properties"]?.object ?? [:]
    for (name, schema) in new {
      guard let before = old[name] else {
        changes.append(.newColumn(stream.descriptor, name, type: SchemaReview.type(schema)))
        if policy == .approve { withheld[stream.descriptor, default: []].insert(name) }
        continue
      }
      let (was, now) = (SchemaReview.type(before), SchemaReview.type(schema))
      if was != now { changes.append(.changedType(stream.descriptor, name, from: was, to: now)) }
    }
    for name in old.keys where new[name] == nil { changes.append(.removedColumn(stream.descriptor, name)) }
    guard let held = withheld[stream.descriptor] else { return stream }
    new.removeAll { held.contains($0.key) }
    stream.jsonSchema["properties"] = .object(new)
    return stream
  }

  /// `integer`, `string (date-time)`, `number or string`.
  private static func type(_ schema: JSON) -> String {
    let types = ColumnKind.types(of: schema, depth: 0).sorted().joined(separator: " or ")
    let format = (schema["airbyte_type"] ?? schema["format"])?.string.map { " (\($0))" } ?? ""
    return (types.isEmpty ? "any" : types) + format
  }
}
