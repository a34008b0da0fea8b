import Warehouse

/// What a column holds, as far as a contract can tell in SQLite: the kind that the name of a type means in any engine.
///
/// SQLite has five storage classes and no types of dates, truth or documents, so what a query gives is compared with the kinds it may stand for.
enum ContractType {
  case integer, real, number, text, time, boolean, document, bytes

  /// The kind that a type's name means; nil for names that nobody knows.
  init?(_ name: String) {
    switch name.lowercased().prefix(while: { $0 != "(" }).split(separator: " ").first ?? "" {
    case "int", "integer", "bigint", "smallint", "tinyint", "mediumint", "int2", "int4", "int8", "int16", "int32", "int64", "hugeint", "byteint", "serial":
      self = .integer
    case "real", "float", "float4", "float8", "float64", "double": self = .real
    case "num", "numeric", "decimal", "number", "bignumeric", "dec": self = .number
    case "text", "varchar", "char", "character", "string", "clob", "nvarchar", "nchar", "bpchar", "uuid": self = .text
    case "date", "time", "datetime", "datetime2", "timestamp", "timestamptz", "timestamp_ntz", "timestamp_ltz", "timestamp_tz", "timetz": self = .time
    case "bool", "boolean": self = .boolean
    case "json", "jsonb", "variant", "object", "super", "array", "struct", "map": self = .document
    case "blob", "bytes", "bytea", "binary", "varbinary": self = .bytes
    default: return nil
    }
    // An array of anything: `text[]`, `array<string>`.
    if name.hasSuffix("[]") || name.contains("<") { self = .document }
  }

  /// Whether a column that was declared as `found` may hold what the contract calls for.
  ///
  /// An integer is a number as well, dates and documents are texts in SQLite, truth is 0 and 1.
  func takes(_ found: ContractType) -> Bool {
    if self == found { return true }
    return switch (self, found) {
    case (.integer, .number), (.real, .number), (.number, .integer), (.number, .real): true
    case (.boolean, .integer), (.boolean, .number): true
    case (.time, .text), (.time, .number), (.document, .text): true
    default: false
    }
  }
}

/// The types of what a query gives, as far as SQLite knows them: of columns, of casts, and of constants.
struct QueryTypes {
  let node: NodeContext

  /// Name and type of each column; the type is empty where nothing is known of it.
  ///
  /// - Throws: `Diagnostic` (`warehouse.sql`) if the query does not hold.
  func columns(of sql: String) throws -> [Column] {
    var columns = try node.columns(ofQuery: sql)
    guard !columns.isEmpty, Set(columns.map { $0.name.lowercased() }).count == columns.count, columns.contains(where: { $0.type.isEmpty }) else {
      return columns
    }
    return try node.withSession { session in
      // SQLite says what a cast gives only where a table is made of it.
      try session.execute("create temp table scv_contract as select * from (\n\(sql)\n) limit 0")
      let casts = try session.query("select type from pragma_table_info('scv_contract', 'temp')")
      try session.execute("drop table temp.scv_contract")
      for (index, row) in casts.rows.prefix(columns.count).enumerated() where columns[index].type.isEmpty {
        columns[index].type = row[0].text ?? ""
      }
      guard columns.contains(where: { $0.type.isEmpty }), try isConstant(sql, session) else { return columns }
      let names = columns.map { "typeof(\(node.run.adapter.quote($0.name)))" }.joined(separator: ", ")
      let row = try session.query("select \(names) from (\n\(sql)\n) limit 1").rows.first ?? []
      for (index, type) in row.enumerated() where columns[index].type.isEmpty && type.text != "null" { columns[index].type = type.text ?? "" }
      return columns
    }
  }

  /// Whether the query reads no table, so that its first row says what all are.
  private func isConstant(_ sql: String, _ session: any Session) throws -> Bool {
    let program = try session.query("explain\n" + sql)
    guard let opcode = program.columns.firstIndex(of: "opcode") else { return false }
    return !program.rows.contains { ["OpenRead", "VOpen", "ReopenIdx"].contains($0[opcode].text ?? "") }
  }
}
