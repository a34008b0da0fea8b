import Testing
import Transform

@Suite("What templates see while nodes run")
struct TemplateContextTests {
  @Test("What one model puts into a dictionary of the run does not reach another model")
  func isolation() async throws {
    let project = try TransformedProject([
      "models/a.sql": "{% do invocation_args_dict.update({'kept': ref, 'target': target}) %}{% do target.update({'schema': 'x'}) %}select 1 as id",
      "models/b.sql": "-- {{ ref('a') }}\nselect '{{ invocation_args_dict.get('kept') is none }}' as gone, '{{ target.schema }}' as name",
    ])
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select gone, name from b") == [["True", "main"]])
  }

  @Test("config.meta_get and config.meta_require read meta, and what is required must be there")
  func meta() async throws {
    let project = try TransformedProject([
      "models/a.sql": """
      {{ config(meta={'owner': 'me'}) }}
      select '{{ config.meta_require('owner') }}' as owner, '{{ config.meta_get('team', 'none') }}' as team
      """,
      "models/b.sql": "select '{{ config.meta_require('owner') }}' as owner",
    ])
    let results = try await project.run(.run)
    #expect(try project.rows("select owner, team from a") == [["me", "none"]])
    #expect(results["b"]?.message?.contains("does not define a required meta config parameter 'owner'") == true)
  }

  @Test("A macro may hand ref itself to a template")
  func handing() async throws {
    let project = try TransformedProject([
      "macros/hold.sql": "{% macro hold() %}{{ return(ref) }}{% endmacro %}",
      "models/a.sql": "select 1 as id",
      "models/b.sql": "-- {{ ref('a') }}\n{% set held = hold() %}select * from {{ held('a') }}",
    ])
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select id from b") == [["1"]])
  }

  @Test("toyaml writes blocks in the order of the members, and gives the default for what YAML has no words for")
  func toyaml() async throws {
    let project = try TransformedProject([
      "models/m.sql": """
      {% set data = toyaml({'b': [{'c': 1, 'd': 'yes'}], 'a': {}}) %}
      {% set sorted = toyaml({'b': 2, 'a': 1}, sort_keys=True) %}
      {{ config(materialized='table') }}
      select '{{ data }}' as data, '{{ sorted }}' as sorted, '{{ toyaml({'a': adapter}, 'failed') }}' as failed, '{{ toyaml(1) }}' as bare
      """.replacing("'{{ data }}'", with: "'{{ data | replace(\"'\", \"''\") }}'")
    ])
    try await project.run(.run)
    #expect(try project.rows("select * from m") == [["b:\n- c: 1\n  d: 'yes'\na: {}\n", "a: 1\nb: 2\n", "failed", "1\n...\n"]])
  }
}
