import DataFormats
import Diagnostics
import Foundation
import Project
import Testing

/// raw → stg_a, stg_b → mart → report, and a model apart.
private func shop() throws -> WrittenProject {
  try WrittenProject([
    "models/staging/stg_a.sql": "{{ config(tags=['daily']) }} select * from {{ source('raw', 'a') }}",
    "models/staging/stg_b.sql": "{{ config(materialized='table') }} select * from {{ source('raw', 'b') }}",
    "models/marts/mart.sql": "select * from {{ ref('stg_a') }} join {{ ref('stg_b') }}",
    "models/marts/report.sql": "{{ config(tags=['daily', 'slow']) }} select * from {{ ref('mart') }}",
    "models/apart.sql": "select 1 as id",
    "models/schema.yml": """
    version: 2
    sources: [{name: raw, tables: [{name: a}, {name: b}]}]
    models:
      - name: stg_a
        columns: [{name: id, data_tests: [unique, {relationships: {to: ref('apart'), field: id}}]}]
    exposures:
      - {name: board, type: dashboard, owner: {name: Ann}, depends_on: [ref('report')]}
    """,
    "selectors.yml": """
    selectors:
      - name: nightly
        definition:
          union:
            - {method: tag, value: daily}
            - {method: fqn, value: apart}
            - exclude: [{method: tag, value: slow}]
      - name: by_words
        definition: "mart+"
    """,
  ])
}

@Suite("Selecting nodes")
struct SelectionTests {
  @Test("Names, dotted paths, files, folders, tags, sources, packages and configurations select")
  func methods() throws {
    let project = try shop().load()
    #expect(try project.names("mart") == ["mart"])
    #expect(try project.names("shop.staging") == ["stg_a", "stg_b"])
    #expect(try project.names("staging.*") == ["stg_a", "stg_b"])
    #expect(try project.names("path:models/marts") == ["mart", "report"])
    #expect(try project.names("models/marts/mart.sql") == ["mart"])
    #expect(try project.names("file:stg_a.sql") == ["stg_a"])
    #expect(try project.names("tag:daily") == ["report", "stg_a"])
    #expect(try project.names("source:raw.b+") == ["mart", "report", "stg_b"])
    #expect(try project.names("config.materialized:table") == ["stg_b"])
    #expect(try project.names("package:shop").count == 5)
    #expect(try project.names("resource_type:model").count == 5)
    #expect(try project.names("staging.stg_?") == ["stg_a", "stg_b"])
    #expect(try project.names("+exposure:board") == ["mart", "report", "stg_a", "stg_b"])
  }

  @Test("Pluses select parents and children, so far as their numbers say, and the at sign what the children need")
  func graphOperators() throws {
    let project = try shop().load()
    #expect(try project.names("+mart") == ["mart", "stg_a", "stg_b"])
    #expect(try project.names("stg_a+") == ["mart", "report", "stg_a"])
    #expect(try project.names("stg_a+1") == ["mart", "stg_a"])
    #expect(try project.names("1+report") == ["mart", "report"])
    #expect(try project.names("2+report") == ["mart", "report", "stg_a", "stg_b"])
    #expect(try project.names("+mart+") == ["mart", "report", "stg_a", "stg_b"])
    // The relationships test of stg_a is a child too, and needs the model apart.
    #expect(try project.names("@stg_a") == ["apart", "mart", "report", "stg_a", "stg_b"])
    #expect(try project.names("@stg_b") == ["mart", "report", "stg_a", "stg_b"])
  }

  @Test("Words are a union, commas an intersection, and exclusions come last")
  func setOperators() throws {
    let project = try shop().load()
    #expect(try project.names("stg_a", "apart") == ["apart", "stg_a"])
    #expect(try project.names("stg_a apart") == ["apart", "stg_a"])
    #expect(try project.names("tag:daily,path:models/marts") == ["report"])
    #expect(try project.names("+report", exclude: ["tag:daily"]) == ["mart", "stg_b"])
    #expect(try project.names(exclude: ["marts"]) == ["apart", "stg_a", "stg_b"])
  }

  @Test("Tests come along eagerly, or only if all that they need is selected")
  func indirectSelection() throws {
    let project = try shop().load()
    let unique = "unique_stg_a_id"
    let relationship = "relationships_stg_a_id__id__ref_apart_"
    #expect(try project.names("stg_a", types: [.test]) == [relationship, unique])
    #expect(try project.names("stg_a", types: [.test], indirect: .cautious) == [unique])
    #expect(try project.names("stg_a apart", types: [.test], indirect: .cautious) == [relationship, unique])
    #expect(try project.names("stg_a", types: [.test], indirect: .empty) == [])
    #expect(try project.names("test_name:relationships", types: [.test]) == [relationship])
  }

  @Test("Selectors of selectors.yml select by name")
  func selectors() throws {
    let project = try shop().load()
    func names(_ selector: String) throws -> [String] {
      var request = SelectionRequest()
      request.selectorName = selector
      request.resourceTypes = [.model]
      return try project.manifest.select(request).ids.compactMap { project.manifest.nodes[$0]?.name }.sorted()
    }
    #expect(try names("nightly") == ["apart", "stg_a"])
    #expect(try names("by_words") == ["mart", "report"])
    #expect(throws: Diagnostic.self) { try names("nightli") }
  }

  @Test("What matches nothing is a warning that says what may have been meant")
  func nothing() throws {
    var request = SelectionRequest()
    request.select = ["stg_aa"]
    let selection = try shop().load().manifest.select(request)
    #expect(selection.ids.isEmpty)
    #expect(selection.warnings.first?.hint?.contains("stg_a") == true)
  }

  @Test("A selection is in the order in which it is built")
  func order() throws {
    let project = try shop().load()
    var request = SelectionRequest()
    request.resourceTypes = [.model]
    let ids = try project.manifest.select(request).ids
    let place = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    for (child, parent) in [("report", "mart"), ("mart", "stg_a"), ("mart", "stg_b")] {
      #expect(place["model.shop.\(child)"] ?? -1 > place["model.shop.\(parent)"] ?? 99)
    }
  }

  @Test("State selects what is new or was modified since an earlier manifest, by body, configuration or macro")
  func state() throws {
    let project = try shop()
    try project.write("macros/m.sql", "{% macro one() %}1{% endmacro %}")
    try project.write("models/uses_macro.sql", "select {{ one() }} as id")
    let before = try project.load().manifest
    let nodes = JSON.object(before.nodes.mapValues(\.json))
    let previous = PreviousState(manifest: [
      "nodes": nodes, "sources": .object(before.sources.mapValues(\.json)), "macros": .object(before.macros.mapValues(\.json)),
      "exposures": .object(before.exposures.mapValues(\.json)),
    ])
    #expect(try project.load().names("state:modified", previous: previous) == [])
    try project.write("models/apart.sql", "select 2 as id")
    try project.write("models/fresh.sql", "select 3 as id")
    try project.write("models/staging/stg_b.sql", "{{ config(materialized='view') }} select * from {{ source('raw', 'b') }}")
    try project.write("macros/m.sql", "{% macro one() %}1 + 0{% endmacro %}")
    let now = try project.load()
    #expect(try now.names("state:new", previous: previous) == ["fresh"])
    #expect(try now.names("state:modified", previous: previous) == ["apart", "fresh", "stg_b", "uses_macro"])
    #expect(try now.names("state:modified.body", previous: previous).contains("apart"))
    #expect(try now.names("state:modified+", previous: previous).contains("report"))
    #expect(try now.names("state:unmodified", previous: previous).contains("mart"))
  }

  @Test("Results of an earlier run select")
  func results() throws {
    let previous = PreviousState(results: ["model.shop.mart": "error", "model.shop.report": "skipped", "model.shop.stg_a": "success"])
    let project = try shop().load()
    #expect(try project.names("result:error+", previous: previous) == ["mart", "report"])
    #expect(try project.names("result:success", previous: previous) == ["stg_a"])
  }

  @Test("What is missing of an earlier run is told by who needs it")
  func missingState() throws {
    let project = try shop().load()
    for (criterion, previous, message) in [
      ("state:new", PreviousState(), "no comparison manifest"), ("result:error", PreviousState(), "No comparison run_results"),
      ("source_status:fresher", PreviousState(), "No previous state comparison freshness results in sources.json"),
      ("source_status:fresher", PreviousState(sourcesBefore: [:]), "No current state comparison freshness results in sources.json"),
    ] {
      let error = #expect(throws: Diagnostic.self) { try project.names(criterion, previous: previous) }
      #expect(error?.code == "selection.no-state" && error?.message.contains(message) == true, "\(criterion)")
    }
    #expect(try project.names("source_status:fresher", previous: PreviousState(sourcesBefore: [:], sourcesNow: [:])) == [])
    #expect(try PreviousState.read("/nowhere/at/all").manifest == nil)
  }

  @Test("A comparison says that it cannot see into big seeds")
  func bigSeed() throws {
    let project = try shop()
    try project.write("seeds/big.csv", "id\n1\n")
    func warnings(_ previous: JSON) throws -> [String] {
      var request = SelectionRequest()
      request.select = ["state:modified"]
      request.previous = PreviousState(manifest: previous)
      return try project.load().manifest.select(request).warnings.map(\.code)
    }
    func state() throws -> JSON { try ["nodes": .object(project.load().manifest.nodes.mapValues(\.json))] }
    let small = try state()
    try project.write("seeds/big.csv", "id\n" + String(repeating: "1234567\n", count: 140_000))
    #expect(try warnings(small).contains("selection.seed-grew"))
    let big = try state()
    try project.write("seeds/big.csv", "id\n" + String(repeating: "7654321\n", count: 140_000))
    #expect(try warnings(big).contains("selection.seed-too-big"))
  }

  @Test("A contract has the digest that dbt gives it")
  func contractDigest() throws {
    let project = try shop()
    try project.write("models/apart.sql", "{{ config(materialized='table') }} select 1 as id, 'x' as name")
    try project.write(
      "models/contract.yml",
      """
      models:
        - name: apart
          config: {contract: {enforced: true}}
          constraints:
            - {type: primary_key, columns: [id], name: it's}
            - {type: foreign_key, columns: [id], to: ref('mart'), to_columns: [id], warn_unenforced: false}
          columns:
            - {name: name, data_type: text}
            - {name: id, data_type: integer, constraints: [{type: not_null}, {type: check, expression: "id > 0"}]}
      """)
    let digest = try project.load().manifest.nodes["model.shop.apart"]?.json["contract"]?["checksum"]
    #expect(digest == "e8a2ef97417c1129e2972c2b508625485bd50b581d212b8cc7d66306d43bc372")
  }

  @Test("A broken contract is an error of a versioned model, and a warning of another", arguments: [true, false])
  func brokenContract(isVersioned: Bool) throws {
    let project = try shop()
    func write(_ columns: String, materialized: String = "table", enforced: Bool = true) throws {
      try project.write(
        "models/contract.yml",
        """
        models:
          - name: apart
            config: {materialized: \(materialized), contract: {enforced: \(enforced)}}
            columns: [\(columns)]
            \(isVersioned ? "versions: [{v: 1, defined_in: apart}]" : "")
        """)
    }
    try write("{name: id, data_type: varchar(3), constraints: [{type: not_null}]}")
    let nodes = try project.load().manifest.nodes
    let previous = PreviousState(manifest: ["nodes": .object(nodes.mapValues(\.json))])
    func changes() throws -> String {
      var request = SelectionRequest()
      request.select = ["state:modified"]
      request.previous = previous
      guard isVersioned else { return try project.load().manifest.select(request).warnings.map(\.message).joined() }
      do {
        return try project.load().manifest.select(request).warnings.map(\.message).joined()
      } catch let error as Diagnostic {
        #expect(error.code == "selection.broken-contract")
        return error.message
      }
    }
    #expect(try changes() == "")
    // What only adds, or takes more, breaks nobody.
    try write("{name: id, data_type: VARCHAR(9), constraints: [{type: not_null}]}, {name: more, data_type: text}")
    #expect(try changes() == "")
    try write("{name: id, data_type: integer, constraints: [{type: not_null}]}")
    #expect(try changes().contains("detected a breaking change to an \(isVersioned ? "enforced contract" : "unversioned model")"))
    #expect(try changes().contains("Columns with data_type changes: \n    - id (varchar(3) -> integer)"))
    try write("{name: other, data_type: text}")
    #expect(try changes().contains("Columns were removed: \n    - id"))
    try write("{name: id, data_type: varchar(3)}")
    #expect(try changes().contains("Enforced column level constraints were removed: \n    - 'not_null' constraint on column id"))
    try write("{name: id, data_type: varchar(3), constraints: [{type: not_null}]}", materialized: "view")
    #expect(try changes().contains("Materialization changed with enforced constraints: \n    - table -> view"))
    try write("{name: id, data_type: varchar(3)}", enforced: false)
    #expect(try changes().contains("Contract enforcement was removed"))
    try project.write("models/contract.yml", "models: []")
    try FileManager.default.removeItem(atPath: project.path + "/models/apart.sql")
    #expect(try changes().contains("was deleted or renamed."))
  }

  @Test("A model is modified where others may refer to it in another way: its access, its latest version, its date")
  func modifiedReferences() throws {
    let properties = { (more: String, latest: Int) in
      "models:\n  - {name: a, latest_version: \(latest), versions: [{v: 1}, {v: 2}]}\n  - {name: b\(more)}\n"
    }
    let project = try WrittenProject([
      "models/a_v1.sql": "select 1 as id", "models/a_v2.sql": "select 2 as id", "models/b.sql": "select 3 as id", "models/s.yml": properties("", 1),
    ])
    let previous = PreviousState(manifest: ["nodes": .object(try project.load().manifest.nodes.mapValues(\.json))])
    #expect(try project.load().names("state:modified", previous: previous) == [])
    for more in [", access: public", ", deprecation_date: 2030-01-01"] {
      try project.write("models/s.yml", properties(more, 1))
      #expect(try project.load().names("state:modified", previous: previous) == ["b"])
    }
    try project.write("models/s.yml", properties("", 2))
    #expect(try project.load().names("state:modified", previous: previous) == ["a", "a"])
  }
}
