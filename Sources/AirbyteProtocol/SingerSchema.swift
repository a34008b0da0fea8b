import DataFormats
import Diagnostics

/// A `SCHEMA` message of Singer: what the records of a stream look like from now on.
public struct SingerSchema: Sendable, Hashable {
  /// The stream.
  public var stream: String
  /// The JSON schema of its records.
  public var schema: JSON
  /// The names of the properties that identify a record; empty if there are none.
  public var keyProperties: [String]

  /// Reads a message, and checks that the schema can be one.
  ///
  /// - Throws: `Diagnostic` (`protocol.missing-member`, `protocol.wrong-type`, `protocol.invalid-schema`).
  public init(json: JSON) throws {
    stream = try json.text("stream", of: "a SCHEMA message")
    schema = try json.object("schema", of: "a SCHEMA message")
    keyProperties = json.texts("key_properties")
    guard let properties = schema.member("properties")?.object else {
      throw SingerSchema.invalid(stream, "it has no object 'properties'")
    }
    for (name, property) in properties { try SingerSchema.check(property, "\(stream).\(name)", depth: 0) }
  }

  private static let types: Set<String> = ["null", "boolean", "object", "array", "number", "integer", "string"]

  private static func check(_ schema: JSON, _ place: String, depth: Int) throws {
    if schema.bool != nil { return }
    guard schema.object != nil else { throw invalid(place, "it is not an object") }
    guard depth < 64 else { return }
    for type in schema.texts("type") where !types.contains(type) { throw invalid(place, "'\(type)' is not a type") }
    for (name, property) in schema.member("properties")?.object ?? [:] { try check(property, "\(place).\(name)", depth: depth + 1) }
    if let items = schema.member("items"), items.object != nil { try check(items, "\(place)[]", depth: depth + 1) }
  }

  private static func invalid(_ place: String, _ reason: String) -> Diagnostic {
    Diagnostic(.connector, "protocol.invalid-schema", "the schema of '\(place)' is not a JSON schema: \(reason)")
  }
}
