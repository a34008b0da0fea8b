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
  /// Texts.
  case text
  /// Days, `CalendarText`'s form.
  case date
  /// Times of day, likewise.
  case timeOfDay
  /// Points in time, in UTC.
  case timestamp
  /// Points in time in nobody's zone.
  case localTimestamp
  /// Objects and arrays as JSON text.
  case json
  /// Whatever comes, as it is.
  case any

  /// The type to declare.
  var declaredType: String {
    switch self {
    case .integer, .boolean: "INTEGER"
    case .number: "NUMERIC"
    case .text, .date, .timeOfDay, .timestamp, .localTimestamp, .json: "TEXT"
    case .any: ""
    }
  }

  /// What its texts are, if they are dates or times.
  var calendar: CalendarText.Kind? {
    switch self {
    case .date: .date
    case .timeOfDay: .timeOfDay
    case .timestamp: .timestamp(assumesUTC: true)
    case .localTimestamp: .timestamp(assumesUTC: false)
    default: nil
    }
  }

  /// Whether its texts are ordered by `SQLiteCollation.instant`.
  var isInstant: Bool { self == .timestamp || self == .localTimestamp }

  /// The properties of a record's schema, and their kinds.
  static func fields(of schema: JSON) -> [(String, ColumnKind)] {
    (schema["properties"]?.object ?? [:]).map { ($0.key, ColumnKind(schema: resolve($0.value, in: schema, depth: 0))) }
  }

  /// A schema with what it refers to (`{"$ref": "#/definitions/money"}`) in the place of the reference, as far as its type goes.
  private static func resolve(_ schema: JSON, in root: JSON, depth: Int) -> JSON {
    guard depth < 16, var members = schema.object else { return schema }
    if let reference = members["$ref"]?.string, reference.hasPrefix("#/") {
      var found: JSON? = root
      for step in reference.dropFirst(2).split(separator: "/") {
        found = found?[String(step).replacing("~1", with: "/").replacing("~0", with: "~")]
      }
      guard let found else { return schema }
      members["$ref"] = nil
      members.merge(resolve(found, in: root, depth: depth + 1).object ?? [:]) { own, _ in own }
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
      if let parts = members[keyword]?.array { members[keyword] = .array(parts.map { resolve($0, in: root, depth: depth + 1) }) }
    }
    return .object(members)
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
    let airbyteType = ColumnKind.annotation("airbyte_type", of: schema, depth: 0) ?? ""
    switch type {
    case "integer": return .integer
    case "number": return airbyteType == "integer" || airbyteType == "big_integer" ? .integer : .number
    case "boolean": return .boolean
    case "string":
      switch airbyteType {
      case "big_integer", "integer": return .integer
      case "big_number": return .number
      case "timestamp_without_timezone": return .localTimestamp
      case let name where name.hasPrefix("timestamp"): return .timestamp
      case let name where name.hasPrefix("time_"): return .timeOfDay
      default: break
      }
      switch ColumnKind.annotation("format", of: schema, depth: 0) {
      case "date": return .date
      case "time": return .timeOfDay
      case "date-time": return .timestamp
      default: return .text
      }
    case "object", "array": return .json
    default: return .any
    }
  }

  /// What a schema says under `name`, or all of its alternatives say alike that are more than null.
  private static func annotation(_ name: String, of schema: JSON, depth: Int) -> String? {
    if let own = schema[name]?.string { return own }
    guard depth < 16 else { return nil }
    let alternatives = ["oneOf", "anyOf", "allOf"].flatMap { schema[$0]?.array ?? [] }.filter { $0["type"]?.string != "null" }
    let said = Set(alternatives.map { annotation(name, of: $0, depth: depth + 1) })
    return said.count == 1 ? said.first ?? nil : nil
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
