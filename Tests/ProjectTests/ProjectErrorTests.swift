import Diagnostics
import Project
import Testing

@Suite("Errors of projects")
struct ProjectErrorTests {
  @Test("An unknown ref names file, line, column, and what may have been meant")
  func unknownRef() throws {
    let project = try WrittenProject(["models/customers.sql": "select 1 as id", "models/orders.sql": "select *\nfrom {{ ref('customer') }}"])
    let error = try #require(project.errors().first)
    #expect(error.code == "project.unknown-ref")
    #expect(error.location?.file == "models/orders.sql")
    #expect(error.location?.line == 2)
    #expect(error.location?.column == 9)
    #expect(error.hint == "did you mean 'customers'?")
    #expect(error.window?.lines.contains("from {{ ref('customer') }}") == true)
  }

  @Test("An unknown source names the nearest that there is")
  func unknownSource() throws {
    let project = try WrittenProject([
      "models/a.sql": "select * from {{ source('stripe', 'charge') }}", "models/s.yml": "version: 2\nsources: [{name: stripe, tables: [{name: charges}]}]\n",
    ])
    let error = try #require(project.errors().first)
    #expect(error.code == "project.unknown-source")
    #expect(error.hint == "did you mean 'charges'?")
  }

  @Test("A cycle is told as the way round")
  func cycle() throws {
    let project = try WrittenProject([
      "models/a.sql": "select * from {{ ref('c') }}", "models/b.sql": "select * from {{ ref('a') }}", "models/c.sql": "select * from {{ ref('b') }}",
    ])
    let error = try #require(project.errors().first)
    #expect(error.code == "project.cycle")
    #expect(error.message.components(separatedBy: " --> ").count == 4)
    #expect(error.location?.file?.hasPrefix("models/") == true)
  }

  @Test("Two models of one name, and two of one relation, are refused")
  func duplicates() throws {
    let names = try WrittenProject(["models/a/x.sql": "select 1", "models/b/x.sql": "select 2"])
    #expect(names.errors().contains { $0.code == "project.duplicate-name" })
    let relations = try WrittenProject(["models/x.sql": "select 1", "models/y.sql": "{{ config(alias='x') }} select 2"])
    #expect(relations.errors().first?.code == "project.duplicate-relation")
  }

  @Test("Malformed YAML is placed at its line")
  func malformedYAML() throws {
    let project = try WrittenProject(["models/a.sql": "select 1", "models/schema.yml": "version: 2\nmodels:\n  - name: a\n   columns: []\n"])
    let error = try #require(project.errors().first)
    #expect(error.location?.file == "models/schema.yml")
    #expect(error.location?.line == 4 || error.location?.line == 3)
    #expect(error.category.exitCode == 2)
  }

  @Test("A malformed template is placed at its line")
  func malformedTemplate() throws {
    let project = try WrittenProject(["models/a.sql": "select 1\n{% if x %}\nas id"])
    let error = try #require(project.errors().first)
    #expect(error.location?.file == "models/a.sql")
    #expect(error.category == .compilation)
  }

  @Test("All broken models are told at once, the first twenty of them")
  func manyErrors() throws {
    var files: [String: String] = [:]
    for number in 0..<30 { files["models/m\(number).sql"] = "select * from {{ ref('nowhere\(number)') }}" }
    let errors = try WrittenProject(files).errors()
    #expect(errors.count == 20)
    #expect(Set(errors.compactMap(\.location?.file)).count == 20)
  }

  @Test("Mistakes of all kinds are told in one run, and what only follows from one of them is not")
  func kindsAtOnce() throws {
    let project = try WrittenProject([
      "macros/broken.sql": "{% macro cents(x) %}\n{{ x( }}\n{% endmacro %}",
      "models/uses_broken.sql": "select {{ cents('a') }} as a", "models/unclosed.sql": "select {% if true %} 1",
      "models/reads_unclosed.sql": "select * from {{ ref('unclosed') }}", "models/orders.sql": "select 1 as id",
      "models/misspelt.sql": "select * from {{ ref('ordrs') }}", "models/missing.sql": "select * from {{ source('raw', 'nothing') }}",
      "models/reads_lost.sql": "select * from {{ source('raw', 'payments') }}", "models/unknown.sql": "select {{ centz('a') }}{% if true %}{% endif %}",
      "models/broken.yml": "sources:\n  - name: raw\n   tables: [{name: payments}]\n", "models/x/dup.sql": "select 1", "models/y/dup.sql": "select 2",
      "models/a.sql": "select * from {{ ref('b') }}", "models/b.sql": "select * from {{ ref('a') }}",
      "models/c.sql": "select * from {{ ref('d') }}", "models/d.sql": "select * from {{ ref('c') }}",
      "models/wrong.sql": "{{ config(enabled='maybe') }} select 1",
      "models/tests.yml": "models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests:\n          - accepted_values: {valuess: [1]}\n",
    ])
    let errors = project.errors()
    let found = Set(errors.map { "\($0.code) \($0.location?.file ?? ""):\($0.location?.line ?? 0)" })
    #expect(
      found == [
        "jinja.syntax macros/broken.sql:2", "jinja.syntax models/unclosed.sql:1", "yaml.malformed models/broken.yml:3",
        "project.unknown-ref models/misspelt.sql:1", "project.unknown-source models/missing.sql:1", "jinja.undefined models/unknown.sql:1",
        "project.duplicate-name models/y/dup.sql:0", "project.cycle models/b.sql:1", "project.cycle models/d.sql:1",
        "project.bad-config models/wrong.sql:1", "project.malformed-test models/tests.yml:6",
      ], "\(errors)")
    #expect(errors.first { $0.code == "jinja.undefined" }?.hint == "did you mean 'cents'?")
    #expect(errors.first { $0.code == "project.malformed-test" }?.hint == "did you mean 'values'?")
  }

  @Test("Beyond twenty errors it is told how many more there are")
  func remainder() throws {
    var files: [String: String] = [:]
    for number in 0..<23 { files["models/m\(number).sql"] = "select * from {{ ref('nowhere\(number)') }}" }
    let project = try WrittenProject(files)
    let error = #expect(throws: Diagnostics.self) { try project.load() }
    #expect(error?.omitted == 3)
    #expect(error?.description.hasSuffix("… and 3 more errors") == true)
  }

  @Test("A misspelt ref inside of a macro names the macro and the model that calls it")
  func refInMacro() throws {
    let project = try WrittenProject([
      "macros/m.sql": "{% macro base(name) %}\nselect * from {{ ref(name) }}\n{% endmacro %}", "models/orders.sql": "select 1",
      "models/a.sql": "-- reads\n{{ base('ordres') }}",
    ])
    let error = try #require(project.errors().first)
    #expect(error.location?.file == "macros/m.sql" && error.location?.line == 2)
    #expect(error.message.contains("models/a.sql"))
    #expect(error.trail.contains { $0.contains("models/a.sql:2") })
    #expect(error.hint == "did you mean 'orders'?")
  }

  @Test("A missing environment variable is named")
  func missingVariable() throws {
    let project = try WrittenProject(["models/a.sql": "{{ config(alias=env_var('SCV_NOT_THERE')) }} select 1"])
    #expect(project.errors().first?.message.contains("SCV_NOT_THERE") == true)
    #expect(try project.load { $0.environment = ["SCV_NOT_THERE": "x"] }.model("a")?.alias == "x")
  }

  @Test("An unknown profile and an unknown target name those that there are")
  func profiles() throws {
    let project = try WrittenProject(["models/a.sql": "select 1"])
    let profile = try #require(project.errors { $0.profileName = "scw" }.first)
    #expect(profile.code == "profile.unknown")
    #expect(profile.hint == "did you mean 'scv'?")
    let target = try #require(project.errors { $0.targetName = "prod" }.first)
    #expect(target.code == "profile.unknown-target")
    #expect(target.message.contains("'dev'"))
  }

  @Test("Both spellings of a hook in one config are refused")
  func hookSpellings() throws {
    let project = try WrittenProject(["models/a.sql": "{{ config({'pre_hook': 'select 1', 'pre-hook': 'select 2'}) }} select 1"])
    let error = try #require(project.errors().first)
    #expect(error.message.contains("\"pre_hook\" and \"pre-hook\""))
  }

  @Test("An unknown generic test is placed in its property file")
  func unknownTest() throws {
    let project = try WrittenProject([
      "models/a.sql": "select 1 as id", "models/s.yml": "version: 2\nmodels:\n  - name: a\n    columns:\n      - {name: id, data_tests: [uniqe]}\n",
    ])
    let error = try #require(project.errors().first)
    #expect(error.code == "project.unknown-test")
    #expect(error.hint == "did you mean 'unique'?")
    #expect(error.location?.file == "models/s.yml")
    #expect(error.location?.line == 5)
  }

  @Test("Whatever bytes a property file holds, loading ends with a diagnostic or a project", arguments: 0..<60)
  func anyBytes(seed: Int) throws {
    // A linear congruential generator: the same files every time.
    var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let pieces = [
      "models:", "- name: a", "  ", "\n", "{{ ref('a') }}", "columns", ": ", "[", "]", "{", "}", "data_tests", "'", "&x", "*x", "version: 2", "\t", "é", "- ",
      "|",
    ]
    let text = (0..<(5 + next(40))).map { _ in pieces[next(pieces.count)] }.joined()
    for error in try WrittenProject(["models/a.sql": "select 1", "models/s.yml": text]).errors() {
      #expect(error.code != "test.other", "\(error.message)")
    }
  }

  @Test("Whatever the files of a project hold, loading ends with diagnostics or a project", arguments: 0..<60)
  func anyFiles(seed: Int) throws {
    var state = UInt64(seed) &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return bound > 0 ? Int(state >> 33) % bound : 0
    }
    var files = [
      "dbt_project.yml": "name: shop\nprofile: scv\nvars: {a: 1}\nmodels:\n  shop:\n    +materialized: table\n    staging: {+tags: [x], +enabled: true}\n",
      "models/a.sql": "{{ config(materialized='view', tags=['t']) }}\nselect {{ var('a') }} as id from {{ ref('b') }}",
      "models/b.sql": "select * from {{ source('raw', 'orders') }}",
      "models/s.yml": """
      version: 2
      models:
        - name: a
          description: "{{ doc('about') }}"
          columns:
            - {name: id, data_tests: [unique, {accepted_values: {values: [1, 2], config: {severity: warn}}}]}
      sources:
        - {name: raw, tables: [{name: orders, freshness: {warn_after: {count: 1, period: day}}}]}
      exposures:
        - {name: e, type: dashboard, owner: {name: x}, depends_on: [ref('a')]}
      unit_tests:
        - {name: u, model: a, given: [{input: ref('b'), rows: [{id: 1}]}], expect: {rows: [{id: 1}]}}
      """,
      "models/about.md": "{% docs about %}text{% enddocs %}", "macros/m.sql": "{% macro m(x) %}{{ x }}{% endmacro %}",
      "selectors.yml": "selectors:\n  - {name: s, definition: {union: [a, {method: tag, value: t}]}}\n",
      "snapshots/s.sql": "{% snapshot s %}{{ config(unique_key='id', strategy='check', check_cols='all') }}select 1 as id{% endsnapshot %}",
    ]
    let pieces = [
      "- ", ": ", "[", "]", "{", "}", "{{", "}}", "{%", "%}", "'", "\"", "&x", "*x", "<<", "\n  ", "\t", "null", "1e999", "ref('a')", "|", "%", "é", "\u{7}",
    ]
    for name in files.keys.sorted() where next(3) > 0 {
      var bytes = Array((files[name] ?? "").utf8)
      for _ in 0..<(1 + next(3)) {
        let from = next(bytes.count + 1)
        let to = min(bytes.count, from + next(10))
        switch next(4) {
        case 0: bytes.removeSubrange(from..<to)
        case 1: bytes.insert(contentsOf: bytes[from..<to], at: next(bytes.count + 1))
        case 2: bytes.insert(contentsOf: Array(pieces[next(pieces.count)].utf8), at: from)
        default: if from < bytes.count { bytes[from] = UInt8(32 + next(95)) }
        }
      }
      files[name] = String(decoding: bytes, as: UTF8.self)
    }
    for error in try WrittenProject(files).errors() {
      #expect(error.code != "test.other" && !error.message.isEmpty, "\(error.message)")
    }
  }

  @Test("YAML that nests without an end, and configurations that contain themselves, are diagnostics")
  func hostileYAML() throws {
    let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
    let nested = try WrittenProject(["models/a.sql": "select 1", "models/s.yml": "models: \(deep)\n"])
    #expect(nested.errors().first?.code == "yaml.malformed")
    let names = "abcdefghijk".map(String.init)
    var laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for (name, before) in zip(names.dropFirst(), names) {
      laughs += "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 9).joined(separator: ", ") + "]\n"
    }
    #expect(try WrittenProject(["models/a.sql": "select 1", "models/s.yml": laughs]).errors().first?.code == "yaml.too-large")
    let cyclic = try WrittenProject(["models/a.sql": "{% set a = {} %}{% do a.update({'a': a}) %}{{ config(meta=a) }} select 1"])
    #expect(cyclic.errors().first?.message == "the value is nested too deep, or contains itself")
    #expect(cyclic.errors().first?.location?.file == "models/a.sql")
  }
}
