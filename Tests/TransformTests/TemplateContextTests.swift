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

  @Test("A function of a node that ended still works where a template kept it")
  func escape() async throws {
    let project = try TransformedProject([
      "macros/hold.sql": "{% macro hold() %}{{ return(ref) }}{% endmacro %}",
      "models/a.sql": "select 1 as id",
      "models/b.sql": "-- {{ ref('a') }}\n{% set held = hold() %}select * from {{ held('a') }}",
    ])
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select id from b") == [["1"]])
  }
}
