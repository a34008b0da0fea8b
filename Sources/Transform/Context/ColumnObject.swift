import Jinja
import Warehouse

/// A column as templates see it (docs.getdbt.com/reference/dbt-classes#column). Immutable.
final class ColumnObject: JinjaObject {
  let name: String
  /// The declared type with its size: `varchar(20)`.
  let dataType: String
  private let adapter: any Adapter

  init(name: String, dataType: String, adapter: any Adapter) {
    self.name = name
    self.dataType = dataType
    self.adapter = adapter
  }

  var typeName: String { "Column" }
  var representation: String { "<Column \(name) (\(dataType))>" }

  /// The type without its size, in lower case.
  private var baseType: String {
    String(dataType.lowercased().prefix { $0 != "(" }).trimmed
  }

  private var size: Int? {
    guard let open = dataType.firstIndex(of: "(") else { return nil }
    return Int(dataType[dataType.index(after: open)...].prefix { $0.isNumber })
  }

  private var isString: Bool {
    ["text", "varchar", "character varying", "character", "char", "string", "clob", "nvarchar"].contains(baseType)
  }
  private var isInteger: Bool {
    ["int", "integer", "bigint", "smallint", "tinyint", "mediumint", "serial", "int2", "int4", "int8"].contains(baseType)
  }
  private var isFloat: Bool { ["real", "float", "double", "double precision", "float4", "float8"].contains(baseType) }
  private var isNumeric: Bool { ["num", "numeric", "decimal"].contains(baseType) }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "name", "column": .string(self.name)
    case "dtype": .string(String(dataType.prefix { $0 != "(" }).trimmed)
    case "data_type": .string(dataType)
    case "quoted": .string(adapter.quote(self.name))
    case "char_size": size.map { .int(Int64($0)) } ?? Value.none
    case "numeric_precision", "numeric_scale": Value.none
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "is_string": return .bool(isString)
    case "is_integer": return .bool(isInteger)
    case "is_float": return .bool(isFloat)
    case "is_numeric": return .bool(isNumeric)
    case "is_number": return .bool(isInteger || isFloat || isNumeric)
    case "string_size": return .int(Int64(size ?? 256))
    case "can_expand_to": return false
    case "literal":
      return .string("cast(\(try call.argument(0, "value")?.str() ?? "null") as \(dataType))")
    default: return try ColumnClass.method(name, call, adapter)
    }
  }

  func isEqual(to other: Value) -> Bool {
    guard case .object(let object) = other, let column = object as? ColumnObject else { return false }
    return column.name == name && column.dataType == dataType
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(dataType)
  }
}

/// `api.Column`: makes columns, and says what a type is called in this warehouse.
final class ColumnClass: JinjaObject {
  private let adapter: any Adapter

  init(_ adapter: any Adapter) { self.adapter = adapter }

  var typeName: String { "type" }
  var representation: String { "<class 'Column'>" }
  var isCallable: Bool { true }

  func call(_ call: Call) throws -> Value { try ColumnClass.create(call, adapter) }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "create", "from_description", "create_from_name": try ColumnClass.create(call, adapter)
    default: try ColumnClass.method(name, call, adapter)
    }
  }

  private static func create(_ call: Call, _ adapter: any Adapter) throws -> Value {
    var type = try call.argument(1, "label_or_dtype")?.str() ?? call.keyword("dtype")?.str() ?? ""
    if let size = call.argument(2, "char_size")?.int { type += "(\(size))" }
    return .object(
      ColumnObject(
        name: try call.argument(0, "name")?.str() ?? call.keyword("column")?.str() ?? "", dataType: translate(type),
        adapter: adapter))
  }

  /// The methods that the class and its instances share.
  static func method(_ name: String, _ call: Call, _ adapter: any Adapter) throws -> Value? {
    switch name {
    case "translate_type": return .string(translate(try call.argument(0, "dtype")?.str() ?? ""))
    case "string_type": return .string(call.argument(0, "size")?.int.map { "varchar(\($0))" } ?? "TEXT")
    case "numeric_type":
      let type = try call.argument(0, "dtype")?.str() ?? "numeric"
      guard let precision = call.argument(1, "precision")?.int else { return .string(type) }
      return .string("\(type)(\(precision),\(call.argument(2, "scale")?.int ?? 0))")
    default: return nil
    }
  }

  /// A type's name in SQLite for one that is written portably; unknown names stay (sqlite.org/datatype3.html).
  static func translate(_ type: String) -> String {
    switch type.lowercased() {
    case "string", "timestamp", "timestamptz", "date", "datetime": "TEXT"
    case "integer", "int": "INT"
    case "bigint": "BIGINT"
    case "float": "REAL"
    case "numeric": "NUMERIC"
    case "boolean", "bool": "BOOLEAN"
    default: type
    }
  }
}
