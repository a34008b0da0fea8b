import DataFormats
import Testing

@testable import Project

@Suite("Plain templates")
struct PlainReadingTests {
  /// What a model of this text says: its references and configuration, or the errors and where they are.
  private func said(_ text: String) throws -> String {
    let project = try WrittenProject(["models/a.sql": "select 1 as id", "models/m.sql": text])
    do {
      guard let node = try project.load().model("m") else { return "nothing" }
      return "\(node.refs) \(node.sources) \(JSON.object(node.config.values).text()) \(JSON.object(node.unrenderedConfig).text())"
    } catch {
      return project.errors().map { "\($0.code) \($0.message) \($0.location?.line ?? 0):\($0.location?.column ?? 0)" }.joined(separator: "\n")
    }
  }

  private static let pieces = [
    "select 1\n", "{{ ref('a') }}", "{{ref('a')}}", "\n  {{- ref(\"b\") -}}\n", "{{ ref('p', 'q', v=2) }}", "{{ ref('a', version='1') }}",
    "{{ source('s', 't') }}", "{# {{ ref('z') }} #}", "{#- #}", "{{ config(materialized='table', tags=['x', 'y'], meta={'k': 1, 'n': none}) }}",
    "{{ config(pre_hook=\"select '{{ this }}'\") }}", "{{ config({'alias': 'other', 'lookback': 3}) }}", "ä – ", "{ } }} ", "{{ ref(\n  'missing'\n) }}",
    "{{ ref() }}", "{{ ref(1) }}", "{{ source('s') }}", "{{ config(1) }}", "{{ ref(name='a') }}", "{{ config(schema='x', schema='y') }}",
    "{{ config(lookback=12345678901234567890) }}", "{{ ref('a',) }}", "{{ config(meta={'a': [1, [True, False]]},) }}", "'{{ ref('a') }}'",
  ]

  @Test("What a template says is the same whether it is walked over or rendered")
  func sameAsRendered() throws {
    var state: UInt64 = 11
    func draw(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    var plain = 0
    for round in 0..<120 {
      let count = round < Self.pieces.count ? 0 : 1 + draw(3)
      let text = round < Self.pieces.count ? Self.pieces[round] : (0...count).map { _ in Self.pieces[draw(Self.pieces.count)] }.joined()
      guard PlainReading(text) != nil else { continue }
      plain += 1
      // A statement makes it a template that must be rendered.
      #expect(try said(text) == said(text + "{% if false %}{% endif %}"), "\(text)")
    }
    #expect(plain > 60)
  }

  @Test(
    "What must be rendered to know what it says is no plain template",
    arguments: [
      "{% set x = 1 %}", "{{ ref(x) }}", "{{ ref('a') | upper }}", "{{ ref('a').schema }}", "{{ var('x') }}", "{{ config(enabled=var('x')) }}",
      "{{ ref('a' 'b') }}", "{{ ref('it\\'s') }}", "{{ ref('a') ", "{{ ref('a'", "{{ ref('a", "{# never closed", "{{ ref('a') }}\r\n{{ ref('b') }}",
      "{{ config(lookback=1.5) }}", "{{ config(lookback=-1) }}", "{{ config(lookback=1_0) }}", "{{ config(lookback=007) }}", "{{ refs('a') }}",
      "{{ config(materialized=='table') }}", "{{ config(**x) }}", "{{ config(meta={1: 2}) }}", "{{ ref(('a')) }}", "{{ 'text' }}", "{{ ref }}",
    ])
  func notPlain(text: String) {
    #expect(PlainReading(text) == nil)
  }

  @Test("A project's own ref counts in a plain template too")
  func ownRef() throws {
    let project = try WrittenProject([
      "macros/ref.sql": "{% macro ref(name) %}{{ return(builtins.ref('a')) }}{% endmacro %}", "models/a.sql": "select 1 as id",
      "models/m.sql": "select * from {{ ref('elsewhere') }}",
    ])
    #expect(try project.load().model("m")?.refs.map(\.name) == ["a"])
  }

  @Test("A folder's configuration is the same for all in it, except what the project file names")
  func namedInProjectFile() throws {
    let project = try WrittenProject([
      "dbt_project.yml": "name: shop\nprofile: scv\nmodels: {shop: {mart: {+materialized: table, b: {+materialized: ephemeral, +tags: [x]}}}}\n",
      "models/mart/a.sql": "select 1 as id", "models/mart/b.sql": "select 1 as id", "models/mart/c.sql": "select 1 as id",
      "models/mart/d.sql": "{{ config(tags=['y']) }} select 1 as id", "models/e.sql": "select 1 as id",
    ])
    let loaded = try project.load()
    #expect(["a", "b", "c", "d", "e"].map { loaded.model($0)?.config.materialized } == ["table", "ephemeral", "table", "table", "view"])
    #expect(["a", "b", "d"].map { loaded.model($0)?.tags } == [[], ["x"], ["y"]])
  }
}
