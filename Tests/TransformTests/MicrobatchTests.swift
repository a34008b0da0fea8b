import Foundation
import Project
import Testing
import Transform

@Suite("Batches and samples by time")
struct MicrobatchTests {
  private func project() throws -> TransformedProject {
    let project = try TransformedProject([
      "models/events.sql": "{{ config(materialized='table', event_time='at') }}\nselect id, at from raw",
      "models/daily.sql": """
      {{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', begin='2026-01-01',
                pre_hook="insert into hooks values ('before')", post_hook="insert into hooks values ('after')") }}
      select id, at from {{ ref('events') }} {% if execute and model.batch.id == var('bad', '') %} syntax error {% endif %}
      """,
      "models/all_events.sql": "{{ config(materialized='table') }}\nselect id from {{ ref('events') }}",
    ])
    try project.execute(
      "create table hooks (a); create table raw (id, at); insert into raw values (1, '2026-01-01'), (2, '2026-01-02T23:59:59Z'), (3, '2026-01-03 00:00:00')")
    return project
  }

  @Test("A new table is built batch by batch, and then only what is recent is built again")
  func batches() async throws {
    let project = try project()
    try await project.run(.run, select: ["events"])
    let first = try await project.run(.run, select: ["daily"]) { $0.eventTimeEnd = "2026-01-03" }
    #expect(first.results.first?.batches?["successful"]?.array?.count == 2)
    #expect(try project.rows("select id from daily order by id") == [["1"], ["2"]])
    #expect(try project.rows("select a from hooks") == [["before"], ["after"]])
    // What is older than the lookback stays as it was built.
    try project.execute("update events set id = id + 10")
    let second = try await project.run(.run, select: ["daily"]) { $0.eventTimeEnd = "2026-01-04" }
    #expect(second.isSuccess)
    #expect(try project.rows("select id from daily order by id") == [["1"], ["12"], ["13"]])
  }

  @Test("A batch that fails leaves the others, and is all that is built when it is retried")
  func failure() async throws {
    let project = try project()
    try await project.run(.run, select: ["events"])
    let results = try await project.run(.run, select: ["daily"], vars: ["bad": "20260102"]) { $0.eventTimeEnd = "2026-01-04" }
    let result = try #require(results.results.first)
    #expect(result.status == .partialSuccess && result.message == "PARTIAL SUCCESS (2/3)")
    #expect(try project.rows("select id from daily order by id") == [["1"], ["3"]])
    let failed = try #require(result.batches?["failed"]?.array?.first?.array)
    let again = try await project.run(.run, select: ["daily"]) {
      $0.failedBatches["model.shop.daily"] = [(start: failed[0].string ?? "", end: failed[1].string ?? "")]
    }
    #expect(again.results.first?.batches?["successful"]?.array?.count == 1)
    #expect(try project.rows("select id from daily order by id") == [["1"], ["2"], ["3"]])
  }

  @Test("A sample reads a window of inputs that have an event time")
  func sample() async throws {
    let project = try project()
    try await project.run(.run, select: ["events"])
    let window = try EventWindow(sample: "2 days", environment: ["DBTX_NOW": "2026-01-04 00:00:00"])
    try await project.run(.run, select: ["all_events"]) { $0.sample = window }
    #expect(try project.rows("select id from all_events order by id") == [["2"], ["3"]])
    #expect(throws: (any Error).self) { try EventWindow(sample: "two days", environment: [:]) }
  }

  @Test("A microbatch model without its settings is told when the project is read")
  func settings() throws {
    let project = try TransformedProject([
      "models/m.sql": "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at') }} select 1 as at"
    ])
    #expect(throws: (any Error).self) { try project.load() }
  }
}

@Suite("What other adapters' users expect")
struct AdapterHabitTests {
  @Test("Times of a seed are written in one way, so that they compare")
  func seeds() async throws {
    let project = try TransformedProject(["seeds/s.csv": "id,at\n1,2026-01-02T03:04:05\n2,2026-01-02T03:04:05.5Z\n"])
    try await project.run(.seed)
    #expect(try project.rows("select at from s order by id") == [["2026-01-02 03:04:05"], ["2026-01-02 03:04:05.500000+00:00"]])
  }

  @Test("What reads an ephemeral model that cannot be compiled is skipped, and the run has failed")
  func ephemeral() async throws {
    let project = try TransformedProject([
      "models/base.sql": "{{ config(materialized='ephemeral') }} {{ adapter.no_such_method() }} select 1 as a",
      "models/top.sql": "select * from {{ ref('base') }}",
    ])
    let results = try await project.run(.run)
    #expect(results.results.map(\.status) == [.skipped] && !results.isSuccess)
    #expect(results.results.first?.message?.contains("caused by compilation error in referenced ephemeral model model.shop.base") == true)
  }

  @Test("Failures that are kept obey the limit, and are kept as what dbt knows")
  func storedFailures() async throws {
    let project = try TransformedProject([
      "tests/many.sql": "{{ config(store_failures=true, limit=2) }} select 1 as a union all select 2 union all select 3",
      "tests/odd.sql": "{{ config(store_failures_as='file') }} select 1 as a",
    ])
    let results = try await project.run(.test)
    let table = try #require(results.results.first { $0.uniqueID.contains("many") }?.relationName)
    #expect(try project.rows("select count(*) from \(table)") == [["2"]])
    #expect(results.results.first { $0.uniqueID.contains("odd") }?.message?.contains("'file' is not a valid value") == true)
  }

  @Test("A unit test whose input has no rows reads the seed's file; a text stands for the number that it spells")
  func unitTests() async throws {
    let project = try TransformedProject([
      "seeds/prices.csv": "id,price\n1,5\n2,7\n", "models/total.sql": "select sum(price) as total from {{ ref('prices') }}",
      "models/t.yml": """
      unit_tests:
        - name: sums
          model: total
          given: [{input: ref('prices')}]
          expect: {format: csv, rows: "total\\n12"}
      """,
    ])
    try await project.run(.seed)
    try await project.run(.run)
    let results = try await project.run(.test)
    #expect(results.results.map(\.status) == [.pass])
  }
}
