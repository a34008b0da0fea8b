import Diagnostics
import Project
import Testing

@Suite("Slips in configurations")
struct ConfigurationKeyTests {
  private func warnings(_ files: [String: String]) throws -> [Diagnostic] { try WrittenProject(files).load().warnings }

  @Test("A misspelt key of config() is warned of at its place, with the key that was meant")
  func inFile() throws {
    let warning = try #require(
      try warnings(["models/a.sql": "{{ config(\n  materialized='incremental',\n  uniqe_key='id'\n) }} select 1 as id"]).first)
    #expect(warning.code == "project.unknown-key")
    #expect(warning.location?.file == "models/a.sql" && warning.location?.line == 3 && warning.location?.column == 3)
    #expect(warning.hint == "did you mean 'unique_key'?")
  }

  @Test("The same key in many files is one warning that counts them")
  func summed() throws {
    var files: [String: String] = [:]
    for number in 0..<5 { files["models/m\(number).sql"] = "{{ config(my_own='x') }} select 1" }
    let found = try warnings(files)
    #expect(found.count == 1)
    #expect(found.first?.message.hasSuffix("(and in 4 more places)") == true)
    #expect(found.first?.hint == "keys of your own go under meta")
  }

  @Test("Keys of other engines, keys that a macro asks for, and keys under meta are no slips")
  func silent() throws {
    let config = "partition_by={'field': 'day'}, cluster_by=['a'], sort='x', dist='y', file_format='delta', labels={'a': 'b'}, tblproperties={}, transient=true"
    let found = try warnings([
      "models/a.sql": "{{ config(\(config), meta={'owner': 'me'}, mine=1, grants={'select': ['x']}) }} select 1",
      "macros/m.sql": "{% macro m() %}{{ config.get('mine') }}{% endmacro %}",
      "models/s.yml": "models:\n  - name: a\n    config: {hours_to_expiration: 3, snowflake_warehouse: x}\n",
    ])
    #expect(found.isEmpty, "\(found)")
  }

  @Test("Unknown keys and paths without use in dbt_project.yml are warned of")
  func projectFile() throws {
    let found = try warnings([
      "dbt_project.yml":
        "name: shop\nprofile: scv\nmodels:\n  shop:\n    +materialised: table\n    stagin:\n      +materialized: view\n    staging:\n      +tags: x\n",
      "models/staging/a.sql": "select 1",
    ])
    #expect(found.map(\.code) == ["project.unknown-key", "project.unused-config"])
    #expect(found.first?.hint == "did you mean '+materialized'?")
    #expect(found.last?.message.hasSuffix("models.shop.stagin") == true)
    #expect(found.last?.location?.line == 6)
    #expect(found.last?.hint == "did you mean 'staging'?")
  }

  @Test("Misspelt keys inside of sources, unit tests and versions are warned of")
  func propertyFile() throws {
    let found = try warnings([
      "models/a.sql": "select 1",
      "models/s.yml": """
      modles: []
      sources:
        - name: raw
          tabls: []
          tables:
            - name: orders
              desription: all of them
              freshness: {warn_afer: {count: 1, period: day}}
      unit_tests:
        - {name: u, model: a, given: [{inptu: ref('a')}], expect: {row: []}}
      """,
    ])
    #expect(
      found.compactMap(\.hint).map { $0.filter { $0 != "'" } }.sorted() == [
        "did you mean description?", "did you mean input?", "did you mean models?", "did you mean rows?", "did you mean tables?", "did you mean warn_after?",
      ])
  }

  @Test(
    "Values of the wrong type are errors, wherever they stand",
    arguments: [
      ("models/a.sql", "{{ config(enabled='maybe') }} select 1", 1), ("models/a.sql", "{{ config(\ntags={'a': 1}) }} select 1", 2),
      ("models/a.sql", "{{ config(meta='x') }} select 1", 1), ("models/s.yml", "models:\n  - name: a\n    config:\n      full_refresh: perhaps\n", 4),
      ("models/s.yml", "models:\n  - name: a\n    data_tests:\n      - unique: {column_name: a, config: {severity: eror}}\n", 4),
      ("dbt_project.yml", "name: shop\nprofile: scv\nmodels:\n  +enabled: [1]\n", 4),
    ])
  func wrongTypes(file: String, text: String, line: Int) throws {
    let project = try WrittenProject(["models/a.sql": "select 1"].merging([file: text]) { $1 })
    let error = try #require(project.errors().first)
    #expect(error.code == "project.bad-config")
    #expect(error.location?.file == file && error.location?.line == line, "\(error)")
  }

  @Test("An incremental strategy that nobody defines is warned of at its place")
  func strategies() throws {
    let found = try warnings([
      "models/a.sql": "{{ config(materialized='incremental',\n  incremental_strategy='merg') }} select 1",
      "models/b.sql": "{{ config(materialized='incremental', incremental_strategy='mine') }} select 1",
      "macros/m.sql": "{% macro get_incremental_mine_sql(arg_dict) %}{% endmacro %}",
    ])
    #expect(found.map(\.code) == ["project.unknown-strategy"])
    #expect(found.first?.location?.line == 2)
    #expect(found.first?.hint == "did you mean 'merge'?")
  }

  @Test("A materialization that nobody defines is warned of; one that a macro defines is not")
  func materializations() throws {
    let found = try warnings([
      "models/a.sql": "{{ config(materialized='tabel') }} select 1", "models/b.sql": "{{ config(materialized='mine') }} select 1",
      "macros/m.sql": "{% materialization mine, default %}{% endmaterialization %}",
    ])
    #expect(found.map(\.code) == ["project.unknown-materialization"])
    #expect(found.first?.hint == "did you mean 'table'?")
  }
}
