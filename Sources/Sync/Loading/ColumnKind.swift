import DataFormats

/// How the values of a column are stored, by the JSON schema of the property.
///
/// SQLite converts what is stored by the column's affinity (https://www.sqlite.org/datatype3.html#type_affinity), so the declared
/// type is chosen to lose nothing: a `number` is NUMERIC rather than REAL, which would turn the integer 9007199254740993 into
/// another, and a column that has met a number that no machine type holds has no declared type at all.
enum ColumnKind: UInt8, Sendable, CaseIterable {
  /// Whole numbers.
  case integer
  /// Numbers.
  case number
  /// 0 and 1.
  case boolean
  /// Texts, dates and times of day.
  case text
  /// Points in time, ISO 8601; those with a zone in UTC.
  case instant
  /// Objects and arrays as JSON text.
  case json
  /// Whatever comes, as it is.
  case any

  /// The type to declare.
  var declaredType: String {
    switch self {
    case .integer, .boolean: "INTEGER"
    case .number: "NUMERIC"
    case .text, .instant, .json: "TEXT"
    case .any: ""
    }
  }

  /// The kind of a property; a property that allows several types apart from null has any kind, except where one holds them all.
  init(schema: JSON) {
    let types = ColumnKind.types(of: schema, depth: 0)
    switch types.count {
    case 1: self = ColumnKind.single(types.first ?? "", schema)
    case 2 where types == ["integer", "number"]: self = .number
    case 2 where types == ["object", "array"]: self = .json
    default: self = .any
    }
  }

  private static func single(_ type: String, _ schema: JSON) -> ColumnKind {
    let airbyteType = schema["airbyte_type"]?.string ?? ""
    switch type {
    case "integer": return .integer
    case "number": return airbyteType == "integer" || airbyteType == "big_integer" ? .integer : .number
    case "boolean": return .boolean
    case "string":
      if airbyteType == "big_integer" || airbyteType == "integer" { return .integer }
      if airbyteType == "big_number" { return .number }
      return schema["format"]?.string == "date-time" || airbyteType.hasPrefix("timestamp") ? .instant : .text
    case "object", "array": return .json
    default: return .any
    }
  }

  /// The types that a schema allows, without null.
  static func types(of schema: JSON, depth: Int) -> Set<String> {
    guard depth < 16 else { return [] }
    var types: Set<String> = []
    switch schema["type"] {
    case .string(let type): types.insert(type)
    case .array(let names): types.formUnion(names.compactMap(\.string))
    default: break
    }
    for keyword in ["oneOf", "anyOf"] {
      for alternative in schema[keyword]?.array ?? [] { types.formUnion(ColumnKind.types(of: alternative, depth: depth + 1)) }
    }
    if types.isEmpty, let all = schema["allOf"]?.array {
      for part in all { types.formUnion(ColumnKind.types(of: part, depth: depth + 1)) }
    }
    if types.isEmpty {
      if schema["properties"] != nil { types.insert("object") }
      if schema["items"] != nil { types.insert("array") }
    }
    types.remove("null")
    return types
  }

  /// The type that a column needs to hold values of this kind beside those of the type `existing`: text, once there was text; none where
  /// values of several kinds are expected.
  func declaredType(besides existing: String) -> String {
    switch (ColumnKind.affinity(existing), ColumnKind.affinity(declaredType)) {
    case (.none, _), (.numeric, .numeric), (.text, .text), (.text, .numeric): existing
    case (.numeric, .text): declaredType
    case (_, .none): ""
    }
  }

  enum Affinity { case numeric, text, none }

  static func affinity(_ declared: String) -> Affinity {
    let name = declared.uppercased()
    if name.contains("INT") { return .numeric }
    if name.contains("CHAR") || name.contains("CLOB") || name.contains("TEXT") { return .text }
    return name.isEmpty || name.contains("BLOB") ? .none : .numeric
  }
}
