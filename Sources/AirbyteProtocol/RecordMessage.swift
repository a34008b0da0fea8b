import DataFormats
import Diagnostics

/// One record of a stream: `AirbyteRecordMessage`.
public struct RecordMessage: Sendable, Hashable {
  /// The stream's name.
  public var stream: String
  /// The stream's namespace, where it has one.
  public var namespace: String?
  /// The record, an object.
  public var data: JSON
  /// When the source read it, in milliseconds since 1970.
  public var emittedAt: Int64
  /// What was done to the record on the way, such as values that were set to null.
  public var changes: [RecordChange]

  /// A record; see the properties for the parameters.
  public init(stream: String, namespace: String? = nil, data: JSON, emittedAt: Int64, changes: [RecordChange] = []) {
    self.stream = stream
    self.namespace = namespace
    self.data = data
    self.emittedAt = emittedAt
    self.changes = changes
  }

  /// Reads the member `record` of a message.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`).
  public init(json: JSON) throws {
    self.init(
      stream: try json.text("stream", of: "a record"), namespace: json.member("namespace")?.string,
      data: try json.object("data", of: "a record"), emittedAt: json.milliseconds("emitted_at"),
      changes: (json.member("meta")?.member("changes")?.array ?? []).compactMap(RecordChange.init(json:)))
  }

  /// The member `record` of a message.
  public var json: JSON {
    .members([
      ("stream", .string(stream)), ("namespace", namespace.map { .string($0) }), ("data", data), ("emitted_at", .int(emittedAt)),
      ("meta", changes.isEmpty ? nil : ["changes": .array(changes.map(\.json))]),
    ])
  }

  /// Appends the whole message as one line to `bytes`, without building the envelope as a value first.
  public func writeLine(to bytes: inout [UInt8]) {
    bytes += #"{"type":"RECORD","record":{"stream":"#.utf8
    JSON.writeQuoted(stream, to: &bytes)
    if let namespace {
      bytes += #","namespace":"#.utf8
      JSON.writeQuoted(namespace, to: &bytes)
    }
    bytes += #","emitted_at":"#.utf8
    bytes += String(emittedAt).utf8
    if !changes.isEmpty {
      bytes += #","meta":"#.utf8
      JSON.object(["changes": .array(changes.map(\.json))]).write(to: &bytes)
    }
    bytes += #","data":"#.utf8
    data.write(to: &bytes)
    bytes += "}}\n".utf8
  }
}

/// What was done to one field of a record: `AirbyteRecordMessageMetaChange`.
public struct RecordChange: Sendable, Hashable {
  /// The field.
  public var field: String
  /// `NULLED` or `TRUNCATED`.
  public var change: String
  /// Why and by whom: `SOURCE_FIELD_SIZE_LIMITATION`, `DESTINATION_TYPECAST_ERROR`, …
  public var reason: String

  /// A change; see the properties for the parameters.
  public init(field: String, change: String, reason: String) {
    self.field = field
    self.change = change
    self.reason = reason
  }

  /// Reads `{"field": …, "change": …, "reason": …}`; nil if it names no field.
  public init?(json: JSON) {
    guard let field = json.member("field")?.string else { return nil }
    self.init(field: field, change: json.member("change")?.string ?? "NULLED", reason: json.member("reason")?.string ?? "")
  }

  /// `{"field": …, "change": …, "reason": …}`.
  public var json: JSON { ["field": .string(field), "change": .string(change), "reason": .string(reason)] }
}
