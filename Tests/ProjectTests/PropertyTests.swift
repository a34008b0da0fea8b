import Diagnostics
import Project
import Testing

@Suite("What property files say")
struct PropertyTests {
  @Test("A test's configuration that renders to nothing leaves the word to the project")
  func emptyTestConfiguration() throws {
    let project = try WrittenProject([
      "dbt_project.yml": "name: shop\nprofile: scv\ndata_tests: {shop: {severity: WARN}}\n", "models/m.sql": "select 1 as id",
      "models/m.yml": """
      models: [{name: m, columns: [{name: id, data_tests: [{unique: {severity: "{{ var('unset', none) | as_native }}"}}]}]}]
      """,
    ])
    let test = try #require(try project.load().manifest.nodes.values.first { $0.resourceType == .test })
    #expect(test.config["severity"] == "WARN")
  }

  @Test("An exposure depends on its metrics, and by them on the models under them")
  func metricsOfExposures() throws {
    let project = try WrittenProject([
      "models/people.sql": "select 1 as id", "models/other.sql": "select 2 as id",
      "models/s.yml": """
      semantic_models: [{name: people_sm, model: ref('people'), measures: [{name: heads, agg: count}]}]
      metrics:
        - {name: head_count, label: Heads, type: simple, type_params: {measure: heads}}
        - {name: per_head, label: Each, type: ratio, type_params: {numerator: head_count, denominator: {name: head_count}}}
      saved_queries: [{name: weekly, query_params: {metrics: [per_head]}}]
      exposures:
        - {name: board, type: dashboard, owner: {name: Ann}, config: {tags: [b, a]}, depends_on: ["metric('per_head')", "ref('other')"]}
      """,
    ])
    let loaded = try project.load()
    let board = try #require(loaded.manifest.exposures["exposure.shop.board"])
    #expect(board.dependsOnNodes == ["model.shop.other", "metric.shop.per_head"])
    #expect(board.json["metrics"] == [["per_head"]])
    #expect(board.tags == ["a", "b"])
    #expect(loaded.manifest.graph.parents(of: "saved_query.shop.weekly") == ["metric.shop.per_head"])
    #expect(loaded.manifest.semantics["metric.shop.head_count"]?["depends_on"]?["nodes"] == ["semantic_model.shop.people_sm"])
    #expect(try loaded.names("+exposure:board") == ["other", "people"])
    #expect(try loaded.names("people+", types: [.metric, .semanticModel, .savedQuery, .exposure]).count == 5)
  }

  @Test("A metric that an exposure names must be there")
  func unknownMetric() throws {
    let project = try WrittenProject([
      "models/s.yml": """
      metrics: [{name: head_count, label: Heads, type: simple, type_params: {measure: heads}}]
      exposures: [{name: board, type: dashboard, owner: {name: Ann}, depends_on: ["metric('head_counts')"]}]
      """
    ])
    let error = try #require(project.errors().first)
    #expect(error.code == "project.unknown-metric")
    #expect(error.hint == "did you mean 'head_count'?")
  }

  @Test("Two metrics of one name are refused")
  func duplicateMetrics() throws {
    let metric = "{name: n, label: N, type: simple, type_params: {measure: m}}"
    let project = try WrittenProject(["models/s.yml": "metrics: [\(metric), \(metric)]\n"])
    #expect(project.errors().map(\.message) == ["dbt found two metrics with the name \"n\""])
  }

  @Test("A property file cannot enable several files of one name at once")
  func ambiguousEnabled() throws {
    let off = "{{ config(enabled=false) }} select 1 as id"
    let project = try WrittenProject([
      "models/a/m.sql": off, "models/b/m.sql": off, "models/s.yml": "models: [{name: m, config: {enabled: true}}]\n",
    ])
    let error = try #require(project.errors().first)
    #expect(error.message.hasPrefix("Found 2 matching disabled nodes for model 'm'"))
    #expect(error.location?.file == "models/s.yml")
  }

  @Test("Colors of nodes are those that a page can show", arguments: [("teal", true), ("#0af", true), ("#00AAFF", true), ("tael", false), ("#0af0", false)])
  func colors(_ color: String, _ isFine: Bool) throws {
    let project = try WrittenProject(["models/m.sql": "{{ config(docs={'node_color': '\(color)'}) }} select 1 as id"])
    #expect(project.errors().map(\.code) == (isFine ? [] : ["project.color"]))
  }

  @Test("Constraints of a view are told to be without effect, unless the project knows")
  func constraintsOfViews() throws {
    func warnings(_ constraint: String, _ materialized: String) throws -> [String] {
      try WrittenProject([
        "models/m.sql": "select 1 as id",
        "models/s.yml": """
        models:
          - name: m
            config: {materialized: \(materialized), contract: {enforced: true}}
            columns: [{name: id, data_type: integer, constraints: [\(constraint)]}]
        """,
      ]).load().warnings.map(\.code)
    }
    #expect(try warnings("{type: not_null}", "view") == ["transform.constraints-ignored"])
    #expect(try warnings("{type: not_null, warn_unsupported: false}", "view") == [])
    #expect(try warnings("{type: not_null}", "table") == [])
  }

  @Test("What the freshness of a source goes by is one thing, and has a name")
  func loadedAt() throws {
    func outcome(_ source: String, _ table: String) throws -> [String] {
      let project = try WrittenProject([
        "models/s.yml": "sources: [{name: s\(source), freshness: {warn_after: {count: 1, period: day}}, tables: [{name: t\(table)}]}]\n"
      ])
      let errors = project.errors()
      return try errors.isEmpty ? project.load().warnings.map(\.code) : errors.map(\.message)
    }
    #expect(try outcome(", loaded_at_field: at", "") == [])
    #expect(try outcome("", ", loaded_at_field: ''") == ["loaded_at_field cannot be an empty string"])
    #expect(try outcome("", ", loaded_at_field: at, loaded_at_query: select 1") == ["Cannot specify both loaded_at_field and loaded_at_query at table level"])
    #expect(try outcome("", "") == ["project.freshness-unknown"])
    #expect(try outcome(", loaded_at_field: at", ", loaded_at_field: null") == ["project.freshness-unknown"])
  }

  @Test("Paths of sources that configure nothing are told as those of models are")
  func unusedPaths() throws {
    let project = try WrittenProject([
      "dbt_project.yml": "name: shop\nprofile: scv\nmodels: {shop: {old: {+enabled: true}}}\nsources: {shop: {+enabled: true}}\n",
      "models/m.sql": "select 1 as id",
    ])
    let messages = try project.load().warnings.map(\.message)
    #expect(messages.contains { $0.hasSuffix("- models.shop.old") })
    #expect(messages.contains { $0.hasSuffix("- sources.shop") })
  }

  @Test(
    "What should be a dictionary and is not is shown",
    arguments: [
      ("- name: a\n", "Contents of file 'models/s.yml' are not valid. Dictionary expected."), ("models: [a]\n", "an entry of 'models' is a dictionary"),
      ("models: {name: a}\n", "'models' is a list"),
    ])
  func shapes(_ text: String, _ message: String) throws {
    let project = try WrittenProject(["models/a.sql": "select 1 as id", "models/s.yml": text])
    let error = try #require(project.errors().first)
    #expect(error.message.hasPrefix(message))
    #expect(error.location?.file == "models/s.yml")
  }

  @Test("Batches that nothing can be cut by are warned of")
  func unfilteredBatches() throws {
    let config = "materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', begin='2026-01-01'"
    func warnings(_ input: String) throws -> [String] {
      try WrittenProject([
        "models/raw.sql": "\(input) select 1 as at", "models/m.sql": "{{ config(\(config)) }} select * from {{ ref('raw') }}",
      ]).load().warnings.map(\.code)
    }
    #expect(try warnings("") == ["project.unfiltered-batches"])
    #expect(try warnings("{{ config(event_time='at') }}") == [])
  }

  @Test(
    "The freshness of a table is that of its source, of both configs and its own, level over level",
    arguments: [
      ("{warn_after: {count: 6, period: hour}}", 6, 24), ("{warn_after: {count: 6, period: hour}, error_after: {}}", 6, 24),
      ("{warn_after: {count: 6, period: hour}, error_after: null}", 6, nil), ("{error_after: {count: 72, period: hour}}", 12, 72), ("null", nil, nil),
    ] as [(String, Int?, Int?)])
  func freshness(_ rule: String, _ warn: Int?, _ error: Int?) throws {
    let project = try WrittenProject([
      "dbt_project.yml": "name: shop\nprofile: scv\nsources: {+freshness: {error_after: {count: 1, period: minute}}}\n",
      "models/s.yml": """
      sources:
        - name: s
          loaded_at_field: at
          freshness: {warn_after: {count: 18, period: hour}, error_after: {count: 24, period: hour}}
          config: {freshness: {warn_after: {count: 12}}}
          tables: [{name: beside, freshness: \(rule)}, {name: inside, config: {freshness: \(rule)}}]
        - {name: bare, loaded_at_field: at, tables: [{name: t}]}
      """,
    ])
    let sources = try project.load().manifest.sources
    for name in ["beside", "inside"] {
      #expect(sources["source.shop.s.\(name)"]?.freshness?.warnAfter?.count == warn)
      #expect(sources["source.shop.s.\(name)"]?.freshness?.errorAfter?.count == error)
    }
    #expect(sources["source.shop.bare.t"]?.freshness?.errorAfter?.period == "minute")
  }

  @Test("Metrics, semantic models and saved queries are written out in the manifest, whatever their short forms")
  func semanticShapes() throws {
    let project = try WrittenProject([
      "models/people.sql": "select 1 as id",
      "models/s.yml": """
      semantic_models: [{name: sm, model: ref('people'), entities: [{name: id, type: primary}], measures: [{name: heads, agg: count}]}]
      metrics:
        - {name: m, label: M, type: cumulative, filter: "x > 1", type_params: {measure: heads, cumulative_type_params: {window: 7 days}}}
        - {name: off, label: O, type: simple, type_params: {measure: heads}, config: {enabled: false}}
      saved_queries:
        - {name: q, query_params: {metrics: [m], where: [a, b]}, exports: [{name: e, config: {export_as: view, schema: x}}]}
      """,
    ])
    let semantics = try project.load().manifest.semantics
    let metric = try #require(semantics["metric.shop.m"])
    #expect(metric["type_params"]?["measure"]?["name"] == "heads")
    #expect(metric["type_params"]?["cumulative_type_params"]?["window"] == ["count": 7, "granularity": "day"])
    #expect(metric["filter"] == ["where_filters": [["where_sql_template": "x > 1"]]])
    #expect(metric["path"] == "s.yml")
    #expect(semantics["metric.shop.off"] == nil)
    #expect(semantics["semantic_model.shop.sm"]?["node_relation"]?["alias"] == "people")
    #expect(semantics["semantic_model.shop.sm"]?["entities"]?.array?.first?["config"] == ["meta": [:]])
    #expect(semantics["saved_query.shop.q"]?["query_params"]?["where"]?["where_filters"]?.array?.count == 2)
    #expect(semantics["saved_query.shop.q"]?["exports"]?.array?.first?["config"]?["schema_name"] == "x")
  }
}
