import Foundation
import Project
import Testing
import Transform

@Suite("Macros of the package dbt")
struct CrossDatabaseMacroTests {
  /// Expressions by what they give.
  private static let cases: [(expression: String, value: String)] = [
    ("dbt.dateadd('day', 3, \"'2026-01-30'\")", "2026-02-02"), ("dbt.dateadd('month', 1, \"'2026-01-31'\")", "2026-02-28"),
    ("dbt.dateadd('month', 1, \"'2026-01-31 08:00:00'\")", "2026-02-28 08:00:00"), ("dbt.dateadd('hour', 1, \"'2026-01-31'\")", "2026-01-31 01:00:00"),
    ("dbt.datediff(\"'1999-12-31 23:59:59.999999'\", \"'2000-01-01 00:00:00'\", 'microsecond')", "1"),
    ("dbt.dateadd('day', 1, \"'2026-01-30 10:00:00'\")", "2026-01-31 10:00:00"), ("dbt.dateadd('hour', 1, \"'2026-01-30'\")", "2026-01-30 01:00:00"),
    ("dbt.datediff(\"'2025-12-31 23:59:00'\", \"'2026-01-01 00:01:00'\", 'year')", "1"),
    ("dbt.datediff(\"'2026-01-01 10:00:00'\", \"'2026-01-01 12:30:00'\", 'hour')", "2"),
    ("dbt.date_trunc('month', \"'2026-03-17 10:11:12'\")", "2026-03-01 00:00:00"), ("dbt.last_day(\"'2024-02-05'\", 'month')", "2024-02-29"),
    ("dbt.concat([\"'a'\", \"'b'\"])", "ab"), ("dbt.length(\"'four'\")", "4"), ("dbt.position(\"'c'\", \"'abc'\")", "3"),
    ("dbt.replace(\"'a-b'\", \"'-'\", \"'+'\")", "a+b"), ("dbt.right(\"'abcdef'\", 2)", "ef"), ("dbt.split_part(\"'a|b|c'\", \"'|'\", 2)", "b"),
    ("dbt.cast_bool_to_text('1 = 1')", "true"), ("dbt.string_literal('it')", "it"), ("dbt.safe_cast(\"'12'\", dbt.type_int())", "12"),
    ("dbt.hash(\"'a'\")", "0cc175b9c0f1b6a831c399e269772661"),
  ]

  @Test("They emit SQL that gives what other engines give", arguments: CrossDatabaseMacroTests.cases.indices)
  func values(index: Int) async throws {
    let (expression, value) = CrossDatabaseMacroTests.cases[index]
    let project = try TransformedProject(["models/m.sql": "{{ config(materialized='table') }} select {{ \(expression) }} as v"])
    let results = try await project.run(.run)
    #expect(results.isSuccess, "\(results["m"]?.message ?? "")")
    #expect(try project.rows("select v from m") == [[value]])
  }

  @Test("listagg sorts, limits and keeps distinct values")
  func listagg() async throws {
    let project = try TransformedProject([
      "models/m.sql": """
      {{ config(materialized='table') }}
      with t as (select 1 as g, 'b' as x, 2 as o union all select 1, 'a', 1 union all select 1, 'c', 3 union all select 1, 'a', 4)
      select {{ dbt.listagg('x', "'|'", 'order by o') }} as sorted, {{ dbt.listagg('x', "'|'", 'order by o desc', 2) }} as limited,
        {{ dbt.listagg('distinct x', "'+'", 'order by x') }} as uniq, {{ dbt.listagg('distinct x') }} as plain from t group by g
      """
    ])
    let results = try await project.run(.run)
    #expect(results.isSuccess, "\(results["m"]?.message ?? "")")
    #expect(try project.rows("select sorted, limited, uniq from m") == [["a|b|c|a", "a|c", "a+b+c"]])
    #expect(try project.rows("select length(plain) from m") == [["5"]])
  }

  @Test("Views made with them open in a connection that knows no functions but SQLite's own")
  func plainSQLite() async throws {
    let expressions = CrossDatabaseMacroTests.cases.map(\.expression).filter { !$0.contains("hash") }
    let columns = expressions.enumerated().map { "{{ \($1) }} as c\($0)" }.joined(separator: ", ")
    let project = try TransformedProject(["models/v.sql": "select \(columns)"])
    #expect(try await project.run(.run).isSuccess)
    let sqlite3 = "/usr/bin/sqlite3"
    try #require(FileManager.default.isExecutableFile(atPath: sqlite3), "the sqlite3 shell is not installed")
    let process = Process()
    process.executableURL = URL(filePath: sqlite3)
    process.arguments = [project.path + "/warehouse.db", "select count(*) from (select * from v)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    process.waitUntilExit()
    #expect(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self) == "1\n")
  }
}
