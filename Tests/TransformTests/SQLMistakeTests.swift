import Diagnostics
import Testing
import Transform

@Suite("Mistakes in SQL")
struct SQLMistakeTests {
  private func mistake(_ sql: String, _ files: [String: String] = [:]) async throws -> Diagnostic {
    let project = try TransformedProject(
      ["models/stg_orders.sql": "{{ config(materialized='table') }} select 1 as order_id, 2 as amount", "models/bad.sql": sql].merging(files) { $1 })
    // One at a time, so that what is to come later is not there yet.
    return try #require(try await project.run(.run) { $0.threads = 1 }["bad"]?.diagnostic)
  }

  @Test("A column that does not exist is placed in the model's file, with the column that was meant", arguments: ["view", "table", "incremental"])
  func column(materialized: String) async throws {
    let error = try await mistake(
      "\n\n{{ config(materialized='\(materialized)') }}\n{% set x = 1 %}\nselect order_id,\n  ammount\nfrom {{ ref('stg_orders') }}")
    #expect(error.location?.file == "models/bad.sql" && error.location?.line == 6 && error.location?.column == 3, "\(error)")
    #expect(error.hint == "did you mean 'amount'?")
    #expect(error.trail.contains { $0.contains("/compiled/shop/models/bad.sql:") })
  }

  @Test("A bare name of a model is told to be written as a ref, and a misspelt one which model was meant")
  func table() async throws {
    let bare = try await mistake("select *\nfrom stg_orders2")
    #expect(bare.hint == "did you mean {{ ref('stg_orders') }}?")
    #expect(bare.location?.line == 2 && bare.location?.column == 6)
    let other = try await mistake("{{ config(materialized='table') }} select * from zz_later", ["models/zz_later.sql": "select * from {{ ref('stg_orders') }}"])
    #expect(other.hint?.contains("write {{ ref('zz_later') }}") == true, "\(other)")
    let declared = try await mistake("select * from raw__orders", ["models/s.yml": "sources: [{name: raw, tables: [{name: orders}]}]\n"])
    #expect(declared.hint == "it is a source: write {{ source('raw', 'orders') }}")
  }

  @Test("A syntax error is placed at its word, also behind loops and calls")
  func syntax() async throws {
    let error = try await mistake("select\n{% for c in ['a', 'b'] %}\n  1 as {{ c }},\n{% endfor %}\n  2 as d\nfromm {{ ref('stg_orders') }}")
    #expect(error.location?.file == "models/bad.sql" && error.location?.line == 6 && error.location?.column == 1, "\(error)")
    #expect(error.hint == "did you mean 'from'?")
    #expect(try await mistake("select 1 as a,\nfrom {{ ref('stg_orders') }}").hint == "there is a comma too many before it")
  }

  @Test("What stands in a macro is placed there")
  func macro() async throws {
    let error = try await mistake(
      "select * from (\n{{ base() }}\n)", ["macros/m.sql": "-- m\n{% macro base() %}\n  select nope from {{ ref('stg_orders') }}\n{% endmacro %}"])
    #expect(error.location?.file == "macros/m.sql" && error.location?.line == 3, "\(error)")
    #expect(error.hint == "columns of stg_orders are order_id, amount")
  }

  @Test("A test of a column that is not there points to the property file")
  func genericTest() async throws {
    let project = try TransformedProject([
      "models/a.sql": "select 1 as order_id", "models/s.yml": "models:\n  - name: a\n    columns:\n      - name: order_idd\n        data_tests: [not_null]\n",
    ])
    let error = try #require(try await project.run(.build)["not_null_a_order_idd"]?.diagnostic)
    #expect(error.location?.file == "models/s.yml" && error.location?.line == 5, "\(error)")
    #expect(error.hint == "did you mean 'order_id'?")
  }

  @Test("Lines of errors while running are those of the file, whatever blank lines it begins with; compiled SQL begins without them")
  func leadingLines() async throws {
    let error = try await mistake("\n\nselect 1 as id\n{% if execute %}{{ 1 / 0 }}{% endif %}")
    #expect(error.location?.line == 4, "\(error)")
    let project = try TransformedProject(["models/a.sql": "\n\nselect 1 as id"])
    #expect(try await project.run(.run)["a"]?.compiledCode == "select 1 as id")
  }
}
