import Foundation
import Project
import Testing
import Transform

@Suite("Incremental models")
struct IncrementalTests {
  private func project(_ config: String, columns: String = "id, amount") throws -> TransformedProject {
    let project = try TransformedProject([
      "models/m.sql": """
      {{ config(materialized='incremental'\(config.isEmpty ? "" : ", " + config)) }}
      select \(columns) from raw
      {% if is_incremental() %} where batch > 1 {% endif %}
      """
    ])
    try project.execute("create table raw (id integer, amount integer, batch integer, day text); insert into raw values (1, 10, 1, 'mon'), (2, 20, 1, 'mon')")
    return project
  }

  private static let second = "insert into raw values (2, 25, 2, 'tue'), (3, 30, 2, 'tue')"

  @Test("Without a unique key rows are appended")
  func append() async throws {
    let project = try project("")
    try await project.run(.run)
    try project.execute(IncrementalTests.second)
    try await project.run(.run)
    #expect(try project.rows("select id, amount from m order by id, amount") == [["1", "10"], ["2", "20"], ["2", "25"], ["3", "30"]])
  }

  @Test("With a unique key the newer row takes the place of the older", arguments: ["delete+insert", "merge"])
  func uniqueKey(strategy: String) async throws {
    let project = try project("unique_key='id', incremental_strategy='\(strategy)'")
    try await project.run(.run)
    try project.execute(IncrementalTests.second)
    try await project.run(.run)
    #expect(try project.rows("select id, amount from m order by id") == [["1", "10"], ["2", "25"], ["3", "30"]])
  }

  @Test("A unique key may be several columns, and NULL in one of them is a value of its own")
  func compositeKey() async throws {
    let project = try project("unique_key=['id', 'day']", columns: "id, day, amount")
    try await project.run(.run)
    try project.execute("insert into raw values (1, 99, 2, 'mon'), (1, 5, 2, 'tue')")
    try await project.run(.run)
    #expect(try project.rows("select id, day, amount from m order by 1, 2") == [["1", "mon", "99"], ["1", "tue", "5"], ["2", "mon", "20"]])
  }

  @Test("merge updates only the columns that it is told to")
  func mergeColumns() async throws {
    let project = try project("unique_key='id', incremental_strategy='merge', merge_update_columns=['amount']", columns: "id, amount, day")
    try await project.run(.run)
    try project.execute(IncrementalTests.second)
    try await project.run(.run)
    #expect(try project.rows("select id, amount, day from m order by id") == [["1", "10", "mon"], ["2", "25", "mon"], ["3", "30", "tue"]])
  }

  @Test("--full-refresh builds anew, unless the model says never")
  func fullRefresh() async throws {
    let project = try project("")
    try await project.run(.run)
    try await project.run(.run) { $0.fullRefresh = true }
    #expect(try project.rows("select count(*) from m") == [["2"]])
    try project.write("models/m.sql", "{{ config(materialized='incremental', full_refresh=false) }} select id, amount from raw")
    try await project.run(.run) { $0.fullRefresh = true }
    #expect(try project.rows("select count(*) from m") == [["4"]])
  }

  @Test("A new column is appended, ignored or refused as on_schema_change says", arguments: ["append_new_columns", "sync_all_columns", "ignore", "fail"])
  func schemaChange(rule: String) async throws {
    let project = try project("on_schema_change='\(rule)'", columns: "id, amount")
    try await project.run(.run)
    try project.write("models/m.sql", "{{ config(materialized='incremental', on_schema_change='\(rule)') }} select 7 as id, 70 as amount, 'x' as note")
    let results = try await project.run(.run)
    let columns = try project.rows("select name from pragma_table_info('m') order by cid").map { $0[0] }
    switch rule {
    case "fail":
      #expect(results["m"]?.status == .error)
      #expect(try project.rows("select count(*) from m") == [["2"]])
    case "ignore":
      #expect(columns == ["id", "amount"])
      #expect(try project.rows("select count(*) from m") == [["3"]])
    default:
      #expect(columns == ["id", "amount", "note"])
      #expect(try project.rows("select note from m where id = 7") == [["x"]])
    }
  }

  @Test("An unknown strategy is refused by name")
  func unknownStrategy() async throws {
    let project = try project("incremental_strategy='upsert'")
    try await project.run(.run)
    let results = try await project.run(.run)
    #expect(results["m"]?.message?.contains("upsert") == true)
  }
}
