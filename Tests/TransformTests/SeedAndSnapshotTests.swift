import Foundation
import Project
import Testing
import Transform

@Suite("Seeds")
struct SeedTests {
  @Test("Columns take the narrowest type that holds every value, and what is empty is NULL")
  func types() async throws {
    let project = try TransformedProject([
      "seeds/s.csv": "id,price,day,flag,name,code\n1,1.5,2026-01-02,true,Ann,007x\n2,,2026-01-03,false,\"Bo, \"\"B\"\"\",8\n"
    ])
    let results = try await project.run(.seed)
    #expect(results["s"]?.message == "INSERT 2")
    #expect(
      try project.rows("select typeof(id), typeof(price), typeof(day), typeof(flag), typeof(name), typeof(code) from s where id = 1") == [
        ["integer", "real", "text", "integer", "text", "text"]
      ])
    #expect(
      try project.rows("select group_concat(type, ' ') from pragma_table_info('s')") == [["INT REAL TEXT INT TEXT TEXT"]], "the types that dbt-sqlite declares")
    #expect(try project.rows("select price, name from s where id = 2") == [[nil, "Bo, \"B\""]])
  }

  @Test("Declared types, another delimiter and a byte order mark are heeded")
  func settings() async throws {
    let project = try TransformedProject([
      "seeds/s.csv": "\u{FEFF}zip;n\n01234;1\n", "seeds/p.yml": "version: 2\nseeds: [{name: s, config: {delimiter: ';', column_types: {zip: text}}}]\n",
    ])
    try await project.run(.seed)
    #expect(try project.rows("select zip, n from s") == [["01234", "1"]])
  }

  @Test("A seed is loaded again into the same table, and into a new one if its columns changed")
  func again() async throws {
    let project = try TransformedProject(["seeds/s.csv": "id\n1\n2\n", "models/v.sql": "select id from {{ ref('s') }}"])
    try await project.run(.build)
    try project.write("seeds/s.csv", "id\n5\n")
    try await project.run(.seed)
    #expect(try project.rows("select id from v") == [["5"]])
    try project.write("seeds/s.csv", "id,name\n6,x\n")
    try await project.run(.seed)
    #expect(try project.rows("select id, name from s") == [["6", "x"]])
  }

  @Test("A record with too many fields is told with its line, and nothing is loaded")
  func malformed() async throws {
    let project = try TransformedProject(["seeds/s.csv": "id,name\n1,a\n2,b,c\n"])
    let results = try await project.run(.seed)
    let error = try #require(results["s"]?.diagnostic)
    #expect(error.location?.file == "seeds/s.csv")
    #expect(error.location?.line == 3)
    #expect(try project.rows("select name from sqlite_master").isEmpty)
  }
}

@Suite("Snapshots")
struct SnapshotTests {
  private func project(_ config: String) throws -> TransformedProject {
    let project = try TransformedProject([
      "snapshots/h.sql": "{% snapshot h %}{{ config(unique_key='id', \(config)) }} select * from people{% endsnapshot %}"
    ])
    try project.execute("create table people (id integer, name text, at text); insert into people values (1, 'Ann', '2026-01-01'), (2, 'Bo', '2026-01-01')")
    return project
  }

  @Test("The timestamp strategy closes the old row and opens a new one when the time went on")
  func timestamp() async throws {
    let project = try project("strategy='timestamp', updated_at='at'")
    try await project.run(.snapshot)
    try await project.run(.snapshot)
    #expect(try project.rows("select count(*) from h") == [["2"]])
    try project.execute("update people set name = 'Anna', at = '2026-02-01' where id = 1; update people set name = 'unseen' where id = 2")
    try await project.run(.snapshot)
    #expect(
      try project.rows("select id, name, dbt_valid_from, dbt_valid_to from h order by id, dbt_valid_from") == [
        ["1", "Ann", "2026-01-01", "2026-02-01"], ["1", "Anna", "2026-02-01", nil], ["2", "Bo", "2026-01-01", nil],
      ])
  }

  @Test("The check strategy compares columns, NULL included")
  func check() async throws {
    let project = try project("strategy='check', check_cols=['name']")
    try await project.run(.snapshot)
    try project.execute("update people set name = null where id = 1; update people set at = '2027-01-01' where id = 2")
    try await project.run(.snapshot)
    #expect(try project.rows("select id, name from h where dbt_valid_to is null order by id") == [["1", nil], ["2", "Bo"]])
    #expect(try project.rows("select count(*) from h") == [["3"]])
    try await project.run(.snapshot)
    #expect(try project.rows("select count(*) from h") == [["3"]])
  }

  @Test("Rows that are gone stay open, are closed, or get a row that says so, as hard_deletes says", arguments: ["ignore", "invalidate", "new_record"])
  func hardDeletes(rule: String) async throws {
    let project = try project("strategy='timestamp', updated_at='at', hard_deletes='\(rule)'")
    try await project.run(.snapshot)
    try project.execute("delete from people where id = 2")
    try await project.run(.snapshot)
    let open = try project.rows("select count(*) from h where id = 2 and dbt_valid_to is null")
    #expect(open == [[rule == "invalidate" ? "0" : "1"]])
    #expect(try project.rows("select count(*) from h") == [[rule == "new_record" ? "3" : "2"]])
    if rule == "new_record" {
      #expect(try project.rows("select dbt_is_deleted from h where id = 2 and dbt_valid_to is null") == [["True"]])
    }
  }
}
