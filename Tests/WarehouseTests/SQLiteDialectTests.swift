import Diagnostics
import Foundation
import Testing
import Warehouse

/// SQL as other engines spell it, run on SQLite.
@Suite("SQL of other engines") struct SQLiteDialectTests {
  private let folder: TemporaryFolder
  private let adapter: SQLiteAdapter

  init() throws {
    folder = try TemporaryFolder()
    adapter = try SQLiteAdapter(SQLiteLayout(output: ["path": "warehouse.db"], relativeTo: folder.path), databaseName: "analytics")
  }

  private func value(_ expression: String) throws -> String? {
    try adapter.query("select \(expression) as v").rows.first?.first?.text
  }

  @Test(
    "An expression means what it means where it comes from",
    arguments: [
      ("'12'::int + 1", "13"), ("7::text || 'x'", "7x"), ("'2020-01-02 10:00:00'::text::date", "2020-01-02"),
      ("(5::numeric(16, 2)) / 100", "0.05"), ("'2.5'::float * 2", "5.0"), ("sum(3) over (partition by 1)::text", "3"),
      ("case when true then '5' end::int + 1", "6"), ("'TRUE'::boolean", "1"), ("'no'::bool", "0"), ("3::boolean", "1"), ("0::boolean", "0"),
      ("null::date", nil),
      ("date '2020-01-02'", "2020-01-02"), ("timestamp '2020-01-02T03:04:05'", "2020-01-02 03:04:05"),
      ("timestamp with time zone '2020-01-02 03:04:05-07'", "2020-01-02 10:04:05"), ("cast('2020-01-02 03:04:05' as date)", "2020-01-02"),
      ("cast('2020-01-02T03:04:05.120Z' as timestamp)", "2020-01-02 03:04:05.12"), ("cast('x' as string)", "x"), ("try_cast('7' as int)", "7"),
      ("date '2020-01-31' + interval '1 day'", "2020-02-01 00:00:00"), ("'2020-03-08'::date - interval '1' week", "2020-03-01 00:00:00"),
      ("timestamp '2020-01-01' + interval '1 month 2 days' - interval 3 hour", "2020-02-02 21:00:00"),
      ("extract(year from date '2021-05-06')", "2021"), ("extract(quarter from '2021-05-06')", "2"), ("date_part('month', '2021-05-06')", "5"),
      ("date_trunc('month', '2021-05-06 07:08:09')", "2021-05-01 00:00:00"), ("date_trunc('week', '2021-05-06')", "2021-05-03 00:00:00"),
      ("left('abcdef', 2) || right('abcdef', 2)", "abef"), ("position('c' in 'abc')", "3"), ("strpos('abc', 'b')", "2"),
      ("substring('abcdef' from 2 for 3)", "bcd"), ("greatest(1, 3, 2) - least(1, 3, 2)", "2"), ("concat('a', null, 'b')", "ab"),
      ("to_date('02/20/2023', 'mm/dd/yyyy')", "2023-02-20"), ("'a1' ~ '[0-9]'", "1"), ("'ABC' ilike 'abc'", "1"), ("array['a', 1::text]", #"["a","1"]"#),
      ("dateadd(day, 1, date '2020-02-28')", "2020-02-29"), ("dateadd('months', -1, '2020-03-31')", "2020-02-29"),
      ("dateadd(hour, 2 + 1, '2020-01-01 22:00:00')", "2020-01-02 01:00:00"), ("dateadd(year, 5, to_date('02/29/2020', 'mm/dd/yyyy'))", "2025-02-28"),
      ("datediff(month, '2019-11-30', dateadd(day, 1, '2020-01-31'))", "3"), ("datediff(day, '2020-01-01 23:59:00', '2020-01-02 00:01:00')", "1"),
      ("datediff('week', '2020-01-04', '2020-01-05')", "1"), ("datediff(hour, '1969-12-31 23:59:00', '1970-01-01 00:00:00')", "1"),
      ("length(now())", "19"), ("current_date() = date('now')", "1"),
    ])
  func expressions(_ expression: String, _ expected: String?) throws {
    #expect(try value(expression) == expected)
  }

  @Test(
    "What SQLite understands as it was meant stays as it is",
    arguments: [
      "select 'a::b', \"date '1'\", [x::y], `z` -- now() '", "select cast(a as text), date(a), datetime(a, '+1 day') /* ::int */ from (select 1 as a)",
      "select a from t left join u using (a) where date = '2020-01-01'", "select case when a then 1 else 2 end, replace(a, 'x', 'y') from t",
    ])
  func untouched(_ body: String) throws {
    let sql = "CREATE VIEW v AS " + body
    try adapter.execute(sql)
    #expect(try adapter.query("select sql from sqlite_master where name = 'v'").rows.first?.first?.text == sql)
  }

  @Test("A view made of such SQL uses nothing that another tool would lack")
  func views() throws {
    try adapter.execute("create or replace view v as (select '2020-01-02'::date as d, left('abc', 1) as l, now() as n)")
    try adapter.execute("create or replace view v as (select '2020-01-03'::date as d, left('abc', 1) as l, now() as n)")
    let sql = try #require(try adapter.query("select sql from sqlite_master where name = 'v'").rows.first?.first?.text)
    #expect(sql.contains("date('2020-01-03')") && sql.contains("substr(") && sql.contains("current_timestamp") && !sql.contains("::"))
  }

  @Test("Tables are made, filled, emptied and changed in other engines' words")
  func statements() throws {
    try adapter.execute("create table t as (select 1 as a)")
    try adapter.execute("insert into t (a) (select 2 union all select 3); insert into t (select 4)")
    #expect(try value("count(*) from t") == "4")
    try adapter.execute("alter table t add column b int, add column c numeric(10, 2)")
    #expect(try adapter.columns(of: Relation(schema: "main", identifier: "t")).map(\.name) == ["a", "b", "c"])
    try adapter.execute("truncate table t")
    #expect(try value("count(*) from t") == "0")
    try adapter.execute("drop table if exists t cascade")
    #expect(try adapter.relations(in: "main").isEmpty)
  }

  @Test("Three parts of a name are a schema and a table; the database in front is passed over")
  func names() throws {
    try adapter.execute("create schema audit; create table audit.log (a text); insert into analytics.audit.log values ('x')")
    #expect(try adapter.relations(in: "audit").map(\.identifier) == ["log"])
    #expect(try adapter.query("select log.a from \"analytics\".\"audit\".\"log\" as log").rows == [[.text("x")]])
    try adapter.execute("drop schema if exists audit cascade")
    #expect(try adapter.schemas() == ["main"])
  }

  @Test("An integer key of a contract refuses NULL")
  func keys() throws {
    try adapter.execute(adapter.enforcingKeys("create table t (id integer not null primary key check (id > 0), n int)"))
    #expect(throws: Diagnostic.self) { try adapter.execute("insert into t values (null, 1)") }
    try adapter.execute("insert into t values (7, 1)")
    #expect(try value("id from t") == "7")
  }

  @Test("No text brings it down")
  func fuzz() {
    let pieces = [
      "select", "cast", "(", ")", "as", "date", "'x'", "::", "int", "interval", "+", "-", "1", ",", "array", "[1]", "from", "a", ".", "b", ";", "create",
      "schema", "insert", "into", "case", "end", "extract", "left", "\"", "'", "--", "/*", "alter", "table", "add", "or", "replace", "view", "timestamp",
      "with",
      "time", "zone", "position", "in", "over",
    ]
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<3_000 {
      let words = (0..<Int.random(in: 1...14, using: &generator)).compactMap { _ in pieces.randomElement(using: &generator) }
      let sql = words.joined(separator: Bool.random(using: &generator) ? " " : "")
      // Whether it is SQL at all does not matter: it ends in rows or in a diagnostic.
      do { _ = try adapter.query("explain " + sql) } catch { #expect(error is Diagnostic) }
    }
  }
}
