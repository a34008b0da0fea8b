import Diagnostics
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

  @Test("What a model puts into graph is there for the others and for hooks, whatever thread they run on")
  func graphIsShared() async throws {
    var files = [
      "dbt_project.yml": """
      name: shop
      version: '1.0'
      profile: scv
      on-run-end: >
        {% if execute %}
        create table kept as select {{ graph.kept | length }} as n, '{{ graph.kept[0] }}' as first, {{ graph.nodes | length }} as nodes
        {% endif %}
      """,
      "models/first.sql": "{% if execute %}{% do graph.setdefault('kept', []).append(model.name) %}{% endif %}select 1 as id",
    ]
    for number in 0..<20 {
      files["models/m\(number).sql"] = """
        -- {{ ref('first') }}
        {% if execute %}{% for i in range(50) %}{% do graph.kept.append({'name': model.name}) %}{% endfor %}{% endif %}select 1 as id
        """
    }
    let project = try TransformedProject(files)
    #expect(try await project.run(.run) { $0.threads = 4 }.isSuccess)
    #expect(try project.rows("select n, first, nodes from kept") == [["1001", "first", "22"]])
  }

  @Test("graph has the metrics, semantic models and saved queries of the project's files")
  func semanticsInGraph() async throws {
    let project = try TransformedProject([
      "models/m.yml": """
      metrics:
        - name: revenue
          label: Revenue
          type: simple
          type_params: {measure: amount}
      """,
      "models/a.sql": "select '{% if execute %}{% for m in graph.metrics.values() %}{{ m.name }}{% endfor %}{% endif %}' as names",
    ])
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select names from a") == [["revenue"]])
  }

  @Test("The text of a variable is a template that sees what its place sees: a ref in it makes a dependency")
  func variablesAreRendered() async throws {
    let project = try TransformedProject([
      "dbt_project.yml": """
      name: shop
      version: '1.0'
      profile: scv
      vars:
        orders: "{{ ref('raw_orders') }}"
        year: "{{ '2020' if target.name == 'prod' else '2021' }}"
        nested: "{{ var('year') }}-01"
      """,
      "models/raw_orders.sql": "select 1 as id",
      "models/a_orders.sql": "select id, '{{ var('nested') }}' as month from {{ var('orders') }}",
    ])
    let manifest = try project.load().manifest
    #expect(manifest.nodes["model.shop.a_orders"]?.dependsOnNodes == ["model.shop.raw_orders"])
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select id, month from a_orders") == [["1", "2021-01"]])
  }

  @Test("A variable that stands for itself is told as such")
  func variableOfItself() async throws {
    let project = try TransformedProject(["models/a.sql": "select '{{ var('a') }}' as a"])
    do {
      try await project.run(.run, vars: ["a": "{{ var('b') }}", "b": "x{{ var('a') }}"])
      Issue.record("it was run")
    } catch let problem as Diagnostic {
      #expect(problem.message == "the variable 'a' stands for itself")
    }
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

  @Test(
    "A regular expression may begin with a lookbehind",
    arguments: [
      (#"re.findall('(?ix) # flags\n (?<!distinct\\s) # not this\n from \\s+ (\\w+)', 'is distinct FROM a FROM b, from c')"#, "['b', 'c']"),
      (#"re.findall('(?<=[$€])\\d+', '$12 34 €5 $6')"#, "['12', '5', '6']"), (#"re.sub('(?<!a)b', 'x', 'ab b bb')"#, "ab x xx"),
      (#"re.search('(?<=é)t\\w', 'tee été').start()"#, "5"), (#"re.match('(?<=a)b', 'b') is none"#, "True"), (#"re.match('(?<!a)b', 'b') is none"#, "False"),
      (#"re.split('(?<=;)', 'a;b;') | length"#, "3"), (#"re.findall('(?<!x)', 'ax') | length"#, "2"),
    ])
  func lookbehind(expression: String, value: String) async throws {
    let project = try TransformedProject(["models/a.sql": "{% set re = modules.re %}select '{{ (\(expression)) | string | replace(\"'\", \"''\") }}' as a"])
    #expect(try await project.run(.run).isSuccess)
    #expect(try project.rows("select a from a") == [[value]])
  }
}
