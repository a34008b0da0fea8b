import Project
import Testing
import Transform

@Suite("Packages that know nothing of SQLite")
struct PackageMacroTests {
  /// A package with the head of a macro of dbt_utils, whose own implementation SQLite would not take.
  private static let package = [
    "dbt_packages/dbt_utils/dbt_project.yml": "name: dbt_utils\nversion: '1.0'\n",
    "dbt_packages/dbt_utils/macros/width_bucket.sql": """
    {% macro width_bucket(expr, min_value, max_value, num_buckets) %}
      {{ return(adapter.dispatch('width_bucket', 'dbt_utils')(expr, min_value, max_value, num_buckets)) }}
    {% endmacro %}
    {% macro default__width_bucket(expr, min_value, max_value, num_buckets) %}no_such_function(1){% endmacro %}
    """,
    "models/m.sql": "{{ config(materialized='table') }} select {{ dbt_utils.width_bucket('7', '0', '10', '5') }} as bucket",
  ]

  @Test("What scv brings along for the package is found where the package has nothing for the engine")
  func completion() async throws {
    let project = try TransformedProject(PackageMacroTests.package)
    let results = try await project.run(.run)
    #expect(results.isSuccess, "\(results["m"]?.message ?? "")")
    #expect(try project.rows("select bucket from m") == [["4"]])
  }

  @Test("The project's own implementation comes first, then the package's own")
  func precedence() async throws {
    var files = PackageMacroTests.package
    files["dbt_packages/dbt_utils/macros/own.sql"] = "{% macro sqlite__width_bucket(a, b, c, d) %}'package'{% endmacro %}"
    let project = try TransformedProject(files)
    try await project.run(.run)
    #expect(try project.rows("select bucket from m") == [["package"]])
    try project.write("macros/own.sql", "{% macro sqlite__width_bucket(a, b, c, d) %}'project'{% endmacro %}")
    try await project.run(.run)
    #expect(try project.rows("select bucket from m") == [["project"]])
  }

  @Test("A namespace that no package bears finds the macros in sight")
  func unknownNamespace() async throws {
    let project = try TransformedProject([
      "macros/cut.sql":
        "{% macro cut(x) %}{{ return(adapter.dispatch('cut', 'elsewhere')(x)) }}{% endmacro %}{% macro default__cut(x) %}'{{ x }}'{% endmacro %}",
      "models/m.sql": "{{ config(materialized='table') }} select {{ cut('a') }} as v",
    ])
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select v from m") == [["a"]])
  }

  @Test("A variable that is missing fails who renders it, and nobody else; packages find the configuration under ref")
  func lateVariables() async throws {
    let project = try TransformedProject([
      "dbt_project.yml": "name: shop\nprofile: scv\nvars: {start_date: '2026-01-01'}\n",
      "models/m.sql":
        "{{ config(materialized='table') }} select '{{ builtins.ref.config.project_name }}{{ builtins.ref.config.vars.to_dict().start_date }}' as v",
      "models/needy.sql": "select {{ var('start_dat') }} as v", "models/off.sql": "{{ config(enabled=false) }} select {{ var('nope') }}",
    ])
    let results = try await project.run(.run)
    #expect(results["m"]?.status == .success && results["needy"]?.status == .error)
    #expect(results["needy"]?.message?.contains("did you mean 'start_date'?") == true, "\(results["needy"]?.message ?? "")")
    #expect(try project.rows("select v from m") == [["shop2026-01-01"]])
  }

  @Test("Members of compound queries may stand in parentheses, where other engines' macros put them")
  func compounds() async throws {
    let project = try TransformedProject([
      "models/m.sql": """
      {{ config(materialized='table') }}
      with t as ((select 1 as n) union all /* more */ (with u as (select 2 as n) select n from u order by n limit 1))
      (select n from t where n in ((select 1) union (select 2))) except (select 9)
      """
    ])
    let results = try await project.run(.run)
    #expect(results.isSuccess, "\(results["m"]?.message ?? "")")
    #expect(try project.rows("select n from m order by n") == [["1"], ["2"]])
  }
}
