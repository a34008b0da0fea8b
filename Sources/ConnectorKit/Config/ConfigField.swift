import DataFormats

/// One setting of a connector: its name, what it may be, and what it means.
public struct ConfigField: Sendable {
  /// What values a setting takes.
  public indirect enum Kind: Sendable {
    /// Any text.
    case string
    /// One of several texts.
    case choice([String])
    /// An http or https URL.
    case url
    /// A moment or a day in ISO 8601: `2024-01-31` or `2024-01-31T00:00:00Z`.
    case dateTime
    /// A whole number within bounds.
    case integer(ClosedRange<Int64>)
    /// A positive number.
    case number
    /// true or false.
    case boolean
    /// A list of such values.
    case list(Kind)
    /// An object with these settings.
    case object([ConfigField])
    /// An object with arbitrary names and such values.
    case map(Kind)
  }

  /// The name, as it stands in a configuration.
  public var name: String
  /// What values it takes.
  public var kind: Kind
  /// The name for people.
  public var title: String
  /// What it means, in a sentence or two.
  public var summary: String
  /// Whether a configuration without it is refused.
  public var isRequired: Bool
  /// Whether the value must not be shown.
  public var isSecret: Bool
  /// What counts where it is not set.
  public var standard: JSON?
  /// Values as a user might write them.
  public var examples: [JSON]

  /// A setting; see the properties for the parameters.
  public init(
    _ name: String, _ kind: Kind = .string, title: String, _ summary: String, isRequired: Bool = false, isSecret: Bool = false,
    standard: JSON? = nil, examples: [JSON] = []
  ) {
    self.name = name
    self.kind = kind
    self.title = title
    self.summary = summary
    self.isRequired = isRequired
    self.isSecret = isSecret
    self.standard = standard
    self.examples = examples
  }

  /// The setting as a property of a JSON schema (draft 7), with Airbyte's annotations.
  func schema(order: Int) -> JSON {
    var schema = ConfigField.schema(of: kind)
    schema["title"] = .string(title)
    schema["description"] = .string(summary)
    if isSecret { schema["airbyte_secret"] = true }
    if let standard { schema["default"] = standard }
    if !examples.isEmpty { schema["examples"] = .array(examples) }
    schema["order"] = .int(Int64(order))
    return schema
  }

  static func schema(of fields: [ConfigField]) -> JSON {
    var properties: JSON = [:]
    for (order, field) in fields.enumerated() { properties[field.name] = field.schema(order: order) }
    return [
      "type": "object", "required": .array(fields.filter(\.isRequired).map { .string($0.name) }), "properties": properties,
      "additionalProperties": true,
    ]
  }

  private static func schema(of kind: Kind) -> JSON {
    switch kind {
    case .string: ["type": "string"]
    case .choice(let names): ["type": "string", "enum": .array(names.map { .string($0) })]
    case .url: ["type": "string", "format": "uri", "pattern": "^https?://"]
    case .dateTime: ["type": "string", "pattern": #"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"#]
    case .integer(let range): ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
    case .number: ["type": "number", "exclusiveMinimum": 0]
    case .boolean: ["type": "boolean"]
    case .list(let element): ["type": "array", "items": schema(of: element)]
    case .object(let fields): schema(of: fields)
    case .map(let value): ["type": "object", "additionalProperties": schema(of: value)]
    }
  }
}
