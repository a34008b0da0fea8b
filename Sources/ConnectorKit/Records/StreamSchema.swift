import DataFormats

/// What a property of a record may be, as Airbyte's catalogs write it; null is always allowed.
public enum PropertyType: Sendable {
  /// A text.
  case string
  /// A whole number.
  case integer
  /// Any number.
  case number
  /// true or false.
  case boolean
  /// A moment with its offset from UTC, as ISO 8601 text.
  case dateTime
  /// A day, as ISO 8601 text.
  case date
  /// An object of any content.
  case object
  /// An array of any content.
  case array
  /// A text, a number, or whatever else the system puts there.
  case any

  var schema: JSON {
    switch self {
    case .string: ["type": ["null", "string"]]
    case .integer: ["type": ["null", "integer"]]
    case .number: ["type": ["null", "number"]]
    case .boolean: ["type": ["null", "boolean"]]
    case .dateTime: ["type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"]
    case .date: ["type": ["null", "string"], "format": "date"]
    case .object: ["type": ["null", "object"], "additionalProperties": true]
    case .array: ["type": ["null", "array"]]
    case .any: ["type": ["null", "string", "number", "boolean", "object", "array"]]
    }
  }
}

/// The properties of a stream's records, in order.
public struct StreamSchema: Sendable, ExpressibleByDictionaryLiteral {
  /// The properties.
  public var properties: [(name: String, type: PropertyType)]

  /// Properties in order.
  public init(dictionaryLiteral elements: (String, PropertyType)...) {
    properties = elements.map { (name: $0.0, type: $0.1) }
  }

  /// Properties in order.
  public init(_ properties: [(name: String, type: PropertyType)]) {
    self.properties = properties
  }

  /// The properties of both; where a name is in both, the other's type counts.
  public func adding(_ other: StreamSchema) -> StreamSchema {
    StreamSchema(properties.filter { mine in !other.properties.contains { $0.name == mine.name } } + other.properties)
  }

  /// The JSON schema (draft 7). Properties that are not listed are allowed.
  public var json: JSON {
    var members: JSON = [:]
    for property in properties { members[property.name] = property.type.schema }
    return [
      "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": true, "properties": members,
    ]
  }
}
