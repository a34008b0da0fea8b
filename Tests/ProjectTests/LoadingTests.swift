import DataFormats
import Project
import Testing

@Suite("Loading a project")
struct LoadingTests {
  @Test("Models, seeds, snapshots, singular tests, analyses and macros are found in their folders")
  func folders() throws {
    let project = try WrittenProject([
      "models/staging/stg_orders.sql": "select * from {{ ref('orders') }}",
      "models/notes.txt": "no model",
      "seeds/orders.csv": "id\n1\n",
      "snapshots/history.sql": "{% snapshot orders_history %}{{ config(unique_key='id', strategy='check', check_cols='all') }}select 1 as id{% endsnapshot %}",
      "tests/no_orders.sql": "select * from {{ ref('stg_orders') }}",
      "analyses/look.sql": "select count(*) from {{ ref('stg_orders') }}",
      "macros/cents.sql": "{% macro cents(x) %}{{ x }} / 100{% endmacro %}",
    ]).load()
    let manifest = project.manifest
    #expect(
      Set(manifest.nodes.keys) == [
        "model.shop.stg_orders", "seed.shop.orders", "snapshot.shop.orders_history", "test.shop.no_orders", "analysis.shop.look",
      ])
    #expect(manifest.macros["macro.shop.cents"] != nil)
    let model = try #require(project.model("stg_orders"))
    #expect(model.fqn == ["shop", "staging", "stg_orders"])
    #expect(model.originalFilePath == "models/staging/stg_orders.sql")
    #expect(model.dependsOnNodes == ["seed.shop.orders"])
  }

  @Test("Configuration of the file comes before that of the properties, that before that of the project, the nearer folder before the farther")
  func precedence() throws {
    let project = try WrittenProject([
      "dbt_project.yml": """
      name: shop
      profile: scv
      models:
        +materialized: view
        shop:
          +tags: daily
          marts:
            +materialized: table
            +schema: marts
      """,
      "models/a.sql": "select 1",
      "models/marts/b.sql": "select 1",
      "models/marts/c.sql": "select 1",
      "models/marts/d.sql": "{{ config(materialized='ephemeral', tags=['own']) }} select 1",
      "models/marts/schema.yml": """
      version: 2
      models:
        - {name: c, config: {materialized: incremental, tags: [listed]}}
        - {name: d, config: {materialized: incremental}}
      """,
    ]).load()
    #expect(["a", "b", "c", "d"].map { project.model($0)?.config.materialized } == ["view", "table", "incremental", "ephemeral"])
    #expect(project.model("a")?.schema == "main")
    #expect(project.model("b")?.schema == "main_marts")
    #expect(project.model("c")?.tags == ["daily", "listed"])
    #expect(project.model("d")?.tags == ["daily", "own"])
  }

  @Test("Variables of the command line come before those of the package and those before those for all")
  func variables() throws {
    let project = try WrittenProject([
      "dbt_project.yml": "name: shop\nprofile: scv\nvars:\n  name: all\n  shop: {name: own}\n",
      "models/a.sql": "{{ config(alias=var('name')) }} select 1",
      "models/b.sql": "{{ config(alias=var('other', 'fallback')) }} select 1",
    ])
    #expect(try project.load().model("a")?.alias == "own")
    #expect(try project.load().model("b")?.alias == "fallback")
    #expect(try project.load { $0.vars = ["name": "given"] }.model("a")?.alias == "given")
  }

  @Test("Sources take their schema from their name, and their tables' identifiers from the tables")
  func sources() throws {
    let project = try WrittenProject([
      "models/charges.sql": "select * from {{ source('stripe', 'charges') }} join {{ source('crm', 'people') }}",
      "models/sources.yml": """
      version: 2
      sources:
        - name: stripe
          tables: [{name: charges}]
        - name: crm
          schema: salesforce
          tables: [{name: people, identifier: contact, columns: [{name: id, data_tests: [not_null]}]}]
      """,
    ]).load()
    let people = try #require(project.manifest.sources["source.shop.crm.people"])
    #expect(people.schema == "salesforce")
    #expect(people.identifier == "contact")
    #expect(project.manifest.sources["source.shop.stripe.charges"]?.schema == "stripe")
    #expect(project.model("charges")?.dependsOnNodes == ["source.shop.stripe.charges", "source.shop.crm.people"])
    #expect(try project.names("source:crm+", types: [.test]) == ["source_not_null_crm_people_id"])
  }

  @Test("Refs inside of macros and hooks are dependencies too")
  func indirectRefs() throws {
    let project = try WrittenProject([
      "macros/m.sql": "{% macro from_orders() %}select * from {{ ref('orders') }}{% endmacro %}",
      "models/orders.sql": "select 1 as id",
      "models/audit.sql": "select 1 as id",
      "models/big.sql": "{{ config(post_hook=\"insert into x select * from {{ ref('audit') }}\") }} {{ from_orders() }}",
    ]).load()
    #expect(project.model("big")?.dependsOnNodes == ["model.shop.orders", "model.shop.audit"])
    #expect(project.model("big")?.dependsOnMacros.contains("macro.shop.from_orders") == true)
  }

  @Test("A manifest has a ref as often as it is made, and the node under it once, behind the sources")
  func repeatedRefs() throws {
    let project = try WrittenProject([
      "models/s.yml": "sources: [{name: crm, tables: [{name: people}]}]", "models/a.sql": "select 1 as id",
      "models/plain.sql": "select * from {{ ref('a') }} union all select * from {{ ref('a') }}, {{ source('crm', 'people') }}, {{ source('crm', 'people') }}",
      "models/rendered.sql":
        "{% for _ in [1, 2] %}select * from {{ ref('a') }}, {{ source('crm', 'people') }} {% endfor %}",
    ]).load()
    for (name, sources) in [("plain", 1), ("rendered", 2)] {
      let model = try #require(project.model(name))
      #expect(model.refs.count == 2 && model.sources.count == sources, "\(name)")
      #expect(model.dependsOnNodes == ["source.shop.crm.people", "model.shop.a"])
    }
  }

  @Test("A test depends on its own macro and on those that its arguments call; what it calls itself stands with that macro")
  func macrosOfTests() throws {
    let project = try WrittenProject([
      "macros/m.sql": "{% macro inner() %}1{% endmacro %}{% macro argument() %}2{% endmacro %}",
      "macros/t.sql": "{% test more_than(model, least) %}select {{ inner() }} from {{ model }}{% endtest %}", "models/a.sql": "select 1 as id",
      "models/a.yml": "models: [{name: a, data_tests: [{more_than: {arguments: {least: '{{ argument() }}'}}}]}]",
    ]).load()
    let test = try #require(project.manifest.nodes.values.first { $0.resourceType == .test })
    #expect(test.dependsOnMacros == ["macro.shop.test_more_than", "macro.shop.argument"])
    #expect(project.manifest.macros["macro.shop.test_more_than"]?.dependsOnMacros == ["macro.shop.inner"])
  }

  @Test("A test of a source has the tags of the source, the table and the column, one of a model those of the column")
  func tagsOfTests() throws {
    let project = try WrittenProject([
      "models/a.sql": "select 1 as id",
      "models/p.yml": """
      models: [{name: a, tags: [model], columns: [{name: id, tags: [column], data_tests: [not_null]}]}]
      sources: [{name: crm, tags: [source], tables: [{name: people, tags: [table], columns: [{name: id, tags: [column], data_tests: [not_null]}]}]}]
      """,
    ]).load()
    let tests = project.manifest.nodes.values.filter { $0.resourceType == .test }
    #expect(tests.first { $0.name == "not_null_a_id" }?.tags == ["column"])
    #expect(tests.first { $0.name == "source_not_null_crm_people_id" }?.tags == ["column", "source", "table"])
  }

  @Test("Types of columns are merged level by level; a key is known from a test of a combination of columns as well")
  func columnTypes() throws {
    let project = try WrittenProject([
      "dbt_project.yml": "name: shop\nprofile: scv\nseeds: {+column_types: {at: timestamp, id: text}, shop: {s: {+column_types: {id: bigint}}}}\n",
      "seeds/s.csv": "id,at\n1,2026-01-01\n", "macros/t.sql": "{% test unique_combination_of_columns(model, combination_of_columns) %}select 1{% endtest %}",
      "models/a.sql": "select 1 as x, 2 as y",
      "models/a.yml": "models: [{name: a, data_tests: [{unique_combination_of_columns: {arguments: {combination_of_columns: [x, y]}}}]}]",
      "models/b.sql": "select 1 as z", "models/b.yml": "models: [{name: b, columns: [{name: z, data_tests: [{unique: {config: {enabled: false}}}]}]}]",
    ]).load()
    #expect(project.manifest.nodes["seed.shop.s"]?.config["column_types"] == ["at": "timestamp", "id": "bigint"])
    #expect(project.model("a")?.primaryKey == ["x", "y"])
    #expect(project.model("b")?.primaryKey == ["z"])
  }

  @Test("A ref without version means the newest, or the one that latest_version names")
  func versions() throws {
    let project = try WrittenProject([
      "models/orders_v1.sql": "select 1 as id",
      "models/orders_v2.sql": "select 2 as id",
      "models/newest.sql": "select * from {{ ref('orders') }}",
      "models/oldest.sql": "select * from {{ ref('orders', v=1) }}",
      "models/schema.yml": "version: 2\nmodels:\n  - name: orders\n    latest_version: 2\n    versions: [{v: 1}, {v: 2}]\n",
    ]).load()
    #expect(project.model("newest")?.dependsOnNodes == ["model.shop.orders.v2"])
    #expect(project.model("oldest")?.dependsOnNodes == ["model.shop.orders.v1"])
    #expect(project.manifest.nodes["model.shop.orders.v1"]?.alias == "orders_v1")
  }

  @Test("What is disabled is out of the graph, and its tests with it")
  func disabled() throws {
    let project = try WrittenProject([
      "models/a.sql": "{{ config(enabled=false) }} select 1 as id",
      "models/b.sql": "select 1 as id",
      "models/schema.yml": "version: 2\nmodels:\n  - {name: a, columns: [{name: id, data_tests: [unique]}]}\n",
    ]).load()
    #expect(Array(project.manifest.nodes.keys) == ["model.shop.b"])
    #expect(project.manifest.disabled["model.shop.a"] != nil)
  }

  @Test("A misspelt key of a column is a warning with its place, and not lost tests")
  func misspeltColumnKey() throws {
    let project = try WrittenProject([
      "models/a.sql": "select 1 as id",
      "models/schema.yml": "models:\n  - name: a\n    columns:\n      - name: id\n        data_test: [unique]\n",
    ]).load()
    let warning = try #require(project.warnings.first { $0.code == "project.unknown-key" })
    #expect(warning.location?.line == 5 && warning.hint?.contains("'data_tests'") == true)
  }

  @Test("A test of a model that does not exist is a warning, and is not run")
  func testOfNothing() throws {
    let project = try WrittenProject([
      "models/orders.sql": "select 1 as id",
      "models/schema.yml": "version: 2\nmodels:\n  - {name: orderz, columns: [{name: id, data_tests: [unique]}]}\n",
    ]).load()
    #expect(project.manifest.nodes.values.allSatisfy { $0.resourceType == .model })
    #expect(project.warnings.contains { $0.code == "project.unknown-ref" && $0.hint == "did you mean 'orders'?" })
  }

  @Test("Generic tests bear dbt's names and hashes, so that state and selections carry over")
  func testNames() throws {
    let project = try WrittenProject([
      "models/orders.sql": "select 1 as order_id, 'a' as status",
      "models/schema.yml": """
      version: 2
      models:
        - name: orders
          columns:
            - {name: order_id, data_tests: [unique, not_null]}
            - name: status
              data_tests: [{accepted_values: {values: [placed, shipped, completed, return_pending, returned]}}]
      """,
    ]).load()
    let ids = project.manifest.nodes.keys.filter { $0.hasPrefix("test.") }
    #expect(ids.contains("test.shop.unique_orders_order_id.fed79b3a6e"))
    #expect(ids.contains("test.shop.not_null_orders_order_id.cf6c17daed"))
    #expect(ids.contains("test.shop.accepted_values_orders_status__placed__shipped__completed__return_pending__returned.be6b5b5ec3"))
  }

  @Test("A local package is read from where it is installed, also where that is another folder than packages.yml says by now")
  func installedLocalPackage() throws {
    let project = try WrittenProject([
      "packages.yml": "packages:\n  - local: own/\n", "own/dbt_project.yml": "name: own\nversion: '1.0'\n", "own/models/a.sql": "select 1 as id",
      "dbt_packages/own/dbt_project.yml": "name: own\nversion: '1.0'\n", "dbt_packages/own/models/b.sql": "select 1 as id",
    ])
    #expect(Array(try project.load().manifest.nodes.keys) == ["model.own.b"])
  }
}
