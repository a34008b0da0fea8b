import Testing
import Transform

@Suite("Contracts")
struct ContractTests {
  /// A model with a contract, and what became of it.
  private func outcome(_ sql: String, _ columns: String, materialized: String = "table") async throws -> NodeResult? {
    let project = try TransformedProject([
      "models/m.sql": "{{ config(materialized='\(materialized)', on_schema_change='fail') }} \(sql)",
      "models/schema.yml": "models:\n  - name: m\n    config: {contract: {enforced: true}}\n    columns: [\(columns)]\n",
    ])
    try project.execute("create table raw (id integer, name text, at timestamp, price real); insert into raw values (1, 'a', '2026-01-01', 1.5)")
    return try await project.run(.run)["m"]
  }

  @Test("A contract says of each column whether it is missing, too many, or of another type")
  func mismatches() async throws {
    let columns = "{name: id, data_type: text}, {name: name, data_type: integer}, {name: price, data_type: numeric}"
    for materialized in ["table", "view", "incremental"] {
      let result = try await outcome("select id, name, at from raw", columns, materialized: materialized)
      #expect(result?.status == .error)
      let lines = (result?.message ?? "").split(separator: "\n").filter { $0.contains("|") }.map {
        $0.drop { $0 != "|" }.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
      }
      #expect(lines.first == ["column_name", "definition_type", "contract_type", "mismatch_reason"])
      #expect(
        lines.dropFirst(2) == [
          ["at", "TIMESTAMP", "", "missing in contract"], ["id", "INTEGER", "TEXT", "data type mismatch"],
          ["name", "TEXT", "INTEGER", "data type mismatch"], ["price", "", "NUMERIC", "missing in definition"],
        ], "\(result?.message ?? "")")
    }
  }

  @Test(
    "Types are known of columns, of casts and of constants; of other expressions nothing is said",
    arguments: [
      ("select cast(id as text) as x from raw", "integer", false), ("select cast(name as integer) as x from raw", "text", false),
      ("select 'a' as x", "int", false), ("select 1 as x", "varchar(10)", false), ("select 1.5 as x", "integer", false),
      ("select count(*) as x from raw", "text", true), ("select null as x", "text", true), ("select id || '' as x from raw", "integer", true),
      ("select cast(price as float) as x from raw", "double precision", true), ("select id as x from raw", "bigint", true),
    ])
  func knowledge(_ sql: String, _ type: String, _ isFine: Bool) async throws {
    let result = try await outcome(sql, "{name: x, data_type: '\(type)'}")
    #expect((result?.status == .success) == isFine, "\(result?.message ?? "")")
  }

  @Test(
    "A type holds where SQLite keeps it as something else",
    arguments: [
      ("select name as x from raw", "timestamp"), ("select name as x from raw", "jsonb"), ("select 1 as x", "boolean"), ("select name as x from raw", "text[]"),
      ("select id as x from raw", "number(38, 0)"), ("select price as x from raw", "decimal(10, 2)"), ("select name as x from raw", "geography"),
    ])
  func kinds(_ sql: String, _ type: String) async throws {
    #expect(try await outcome(sql, "{name: x, data_type: '\(type)'}")?.status == .success)
  }
}
