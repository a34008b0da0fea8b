import Foundation
import Project
import Testing
import Transform
import Warehouse

@Suite("Materializations")
struct MaterializationTests {
  @Test("A view follows what it reads, a table keeps what it read, and neither leaves anything behind")
  func viewAndTable() async throws {
    let project = try TransformedProject([
      "models/numbers.sql": "{{ config(materialized='view') }} select n from raw",
      "models/kept.sql": "{{ config(materialized='table') }} select n * 10 as n from {{ ref('numbers') }}",
    ])
    try project.execute("create table raw (n integer); insert into raw values (1), (2)")
    let results = try await project.run(.run)
    #expect(results["numbers"]?.message == "CREATE VIEW")
    #expect(results["kept"]?.message == "SELECT 2")
    try project.execute("insert into raw values (3)")
    #expect(try project.rows("select count(*) from numbers") == [["3"]])
    #expect(try project.rows("select count(*) from kept") == [["2"]])
    try await project.run(.run)
    #expect(try project.rows("select n from kept order by n") == [["10"], ["20"], ["30"]])
    #expect(try project.rows("select name from sqlite_master order by name") == [["kept"], ["numbers"], ["raw"]])
  }

  @Test("A view that would not change is left alone, and one that changes is made anew")
  func unchangedView() async throws {
    let project = try TransformedProject(["models/v.sql": "select 1 as n", "models/w.sql": "select * from {{ ref('v') }}"])
    try await project.run(.run)
    // A view that is made anew comes behind the others.
    let place = try project.rows("select rowid from sqlite_master where name = 'v'")
    let results = try await project.run(.run)
    #expect(results["v"]?.message == "CREATE VIEW")
    #expect(try project.rows("select rowid from sqlite_master where name = 'v'") == place)
    try project.write("models/v.sql", "select 2 as n")
    try await project.run(.run)
    #expect(try project.rows("select n from w") == [["2"]])
    #expect(try project.rows("select rowid from sqlite_master where name = 'v'") != place)
    try project.execute("drop view v; create view v as select 3 as n")
    try await project.run(.run)
    #expect(try project.rows("select n from v") == [["2"]])
  }

  @Test("A table becomes a view and a view a table when the configuration says so")
  func changesKind() async throws {
    let project = try TransformedProject(["models/m.sql": "{{ config(materialized='table') }} select 1 as n"])
    try await project.run(.run)
    try project.write("models/m.sql", "{{ config(materialized='view') }} select 2 as n")
    try await project.run(.run)
    #expect(try project.rows("select type from sqlite_master where name = 'm'") == [["view"]])
    try project.write("models/m.sql", "{{ config(materialized='table') }} select 3 as n")
    try await project.run(.run)
    #expect(try project.rows("select type, (select n from m) from sqlite_master where name = 'm'") == [["table", "3"]])
  }

  @Test("A table that fails to build anew stays as it was")
  func failureKeepsTheOld() async throws {
    let project = try TransformedProject([
      "models/m.sql": "{{ config(materialized='table', post_hook='insert into {{ this }} values (9)') }} select 1 as n"
    ])
    try await project.run(.run)
    #expect(try project.rows("select n from m order by n") == [["1"], ["9"]])
    try project.write("models/m.sql", "{{ config(materialized='table', post_hook='insert into nowhere values (1)') }} select 5 as n")
    let results = try await project.run(.run)
    #expect(results["m"]?.status == .error)
    #expect(try project.rows("select n from m order by n") == [["1"], ["9"]])
  }

  @Test("A reader sees the whole old table or the whole new one while tables are replaced", .timeLimit(.minutes(1)))
  func atomicReplacement() async throws {
    let project = try TransformedProject([
      "models/m.sql": """
      {{ config(materialized='table') }}
      with recursive c(i) as (select 1 union all select i + 1 from c where i < 2000)
      select i, {{ var('run', 0) }} as run from c
      """
    ])
    try await project.run(.run)
    let reader = try project.adapter()
    let watching = Task.detached {
      var seen: Set<String> = []
      while !Task.isCancelled {
        let row = try reader.query("select count(*), min(run), max(run) from m").rows[0].map { $0.text ?? "" }
        seen.insert(row[0] == "2000" && row[1] == row[2] ? "whole" : row.joined(separator: ","))
        await Task.yield()
      }
      return seen
    }
    for run in 1...8 { try await project.run(.run, vars: ["run": .int(Int64(run))]) }
    watching.cancel()
    #expect(try await watching.value == ["whole"])
    try reader.close()
    #expect(try project.rows("select distinct run from m") == [["8"]])
  }

  @Test("An ephemeral model becomes a common table expression of its readers, also behind another and beside a WITH of their own")
  func ephemeral() async throws {
    let project = try TransformedProject([
      "models/one.sql": "{{ config(materialized='ephemeral') }} select 1 as n",
      "models/two.sql": "{{ config(materialized='ephemeral') }} select n + 1 as n from {{ ref('one') }}",
      "models/three.sql": "with own as (select n from {{ ref('two') }}) select own.n, one.n as first from own, {{ ref('one') }} as one",
    ])
    let results = try await project.run(.run)
    #expect(results.results.map(\.uniqueID) == ["model.shop.three"])
    #expect(try project.rows("select n, first from three") == [["2", "1"]])
    #expect(try project.rows("select name from sqlite_master") == [["three"]])
  }

  @Test("A schema of its own is a prefix, and dbt's names for schemas and aliases hold")
  func schemas() async throws {
    let project = try TransformedProject([
      "models/m.sql": "{{ config(schema='marts', alias='renamed') }} select 1 as n", "models/reader.sql": "select * from {{ ref('m') }}",
    ])
    try await project.run(.run)
    #expect(try project.rows("select n from main_marts__renamed") == [["1"]])
    #expect(try project.rows("select n from reader") == [["1"]])
  }

  @Test("A materialization of the project itself is used")
  func customMaterialization() async throws {
    let project = try TransformedProject([
      "macros/mine.sql": """
      {% materialization doubled, default %}
        {% call statement('main') %}create table {{ this }} as select * from ({{ sql }}) union all select * from ({{ sql }}){% endcall %}
        {{ return({'relations': [this]}) }}
      {% endmaterialization %}
      """,
      "models/m.sql": "{{ config(materialized='doubled') }} select 1 as n",
    ])
    let results = try await project.run(.run)
    #expect(results["m"]?.status == .success)
    #expect(try project.rows("select count(*) from m") == [["2"]])
  }

  @Test("A materialization refuses models in a language that it does not take")
  func languages() async throws {
    let project = try TransformedProject([
      "macros/mine.sql": """
      {% materialization mine, default %}{% call statement('main') %}select 1{% endcall %}{{ return({'relations': [this]}) }}{% endmaterialization %}
      {% materialization foreign, default, supported_languages=['python'] %}{{ return({'relations': [this]}) }}{% endmaterialization %}
      """,
      "models/m.sql": "{{ config(materialized='foreign') }} select 1 as n",
      "models/p.py": "def model(dbt, session):\n    return\n", "models/p.yml": "models: [{name: p, config: {materialized: mine}}]\n",
    ])
    let results = try await project.run(.run)
    #expect(results["m"]?.message?.contains(#"Materialization "materialization_foreign_default" only supports languages ['python']; got "sql""#) == true)
    #expect(results["p"]?.message?.contains(#"Materialization "materialization_mine_default" only supports languages ['sql']; got "python""#) == true)
  }

  @Test("What is downstream of a failure is skipped, and the rest is built")
  func skipping() async throws {
    let project = try TransformedProject([
      "models/bad.sql": "select n from nowhere", "models/below.sql": "select * from {{ ref('bad') }}",
      "models/further.sql": "select * from {{ ref('below') }}", "models/apart.sql": "select 1 as n",
    ])
    let results = try await project.run(.run) { $0.threads = 2 }
    #expect(results.statuses == ["bad": .error, "below": .skipped, "further": .skipped, "apart": .success])
    #expect(results.isSuccess == false)
    let error = try #require(results["bad"]?.diagnostic)
    #expect(error.category == .database)
    #expect(error.message.contains("nowhere"))
  }

  @Test("--fail-fast ends the run at the first failure")
  func failFast() async throws {
    var files = ["models/a_bad.sql": "select n from nowhere"]
    for number in 0..<10 { files["models/m\(number).sql"] = "select 1 as n" }
    let results = try await TransformedProject(files).run(.run) { options in
      options.failFast = true
      options.threads = 1
    }
    #expect(results.count(.skipped) == 10)
  }

  @Test("--empty builds everything with no rows")
  func empty() async throws {
    let project = try TransformedProject([
      "models/a.sql": "{{ config(materialized='table') }} select * from {{ source('raw', 'people') }}",
      "models/b.sql": "{{ config(materialized='table') }} select * from {{ ref('a') }}",
      "models/s.yml": "version: 2\nsources: [{name: raw, schema: main, tables: [{name: people}]}]\n",
    ])
    try project.execute("create table people (id integer); insert into people values (1)")
    try await project.run(.run) { $0.isEmpty = true }
    #expect(try project.rows("select (select count(*) from a), (select count(*) from b)") == [["0", "0"]])
  }

  @Test("Models whose relations were not built are read from an earlier run when told so")
  func deferring() async throws {
    let project = try TransformedProject(["models/a.sql": "select 1 as n", "models/b.sql": "select * from {{ ref('a') }}"])
    try project.execute("create table prod__a (n integer); insert into prod__a values (42)")
    let deferred = ["model.shop.a": DeferredRelation(schema: "prod", identifier: "a")]
    try await project.run(.run, select: ["b"]) { $0.deferred = deferred }
    #expect(try project.rows("select n from b") == [["42"]])
    try await project.run(.run, select: ["a"])
    try await project.run(.run, select: ["b"]) { $0.deferred = deferred }
    #expect(try project.rows("select n from b") == [["1"]])
  }

  @Test("clone makes views of an earlier run's relations")
  func cloning() async throws {
    let project = try TransformedProject(["models/a.sql": "{{ config(materialized='table') }} select 1 as n"])
    try project.execute("create table prod__a (n integer); insert into prod__a values (42)")
    let results = try await project.run(.clone) { $0.deferred = ["model.shop.a": DeferredRelation(schema: "prod", identifier: "a")] }
    #expect(results.isSuccess)
    #expect(try project.rows("select n from a") == [["42"]])
    #expect(try project.rows("select type from sqlite_master where name = 'a'") == [["view"]])
  }
}
