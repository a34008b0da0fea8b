import DataFormats
import Foundation
import Testing

@testable import Project

@Suite("Partial state")
struct PartialStateTests {
  /// A generator that gives the same numbers every time.
  private struct Draw: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  /// A project as its files, its variables and its environment.
  private struct World {
    var files: [String: String] = [
      "macros/helpers.sql": "{% macro source_name() %}a{% endmacro %}", "models/a.sql": "select 1 as id", "models/b.sql": "select * from {{ ref('a') }}",
      "models/c.sql": "select * from {{ ref(source_name()) }}",
    ]
    var vars: [String: JSON] = ["kind": "table"]
    var environment: [String: String] = ["SCHEMA": "one"]
    var command = "run"
    var next = 0

    private static let bodies = [
      "select 1 as id", "select * from {{ ref('a') }}", "\n\n  select * from {{ ref('a') }}",
      "{{ config(materialized='table', tags=['x']) }} select * from {{ ref('b') }}",
      "{{ config(materialized=var('kind')) }} select 2", "{{ config(schema=env_var('SCHEMA', 'none')) }} select * from {{ ref(source_name()) }}",
      "{% if flags.WHICH == 'run' %}select * from {{ ref('a') }}{% else %}select * from {{ ref('b') }}{% endif %}", "select '{{ model.name }}' as n",
      "{% set x = ref('a') %}select * from {{ x }} -- {{ env_var('MISSING', 'z') }}",
    ]

    mutating func edit(_ draw: inout Draw) {
      let own = files.keys.filter { $0.hasPrefix("models/m") && $0.hasSuffix(".sql") }.sorted()
      switch Int.random(in: 0..<10, using: &draw) {
      case 0, 1, 2:
        files["models/m\(next).sql"] = World.bodies.randomElement(using: &draw)
        next += 1
      case 3: if let name = own.randomElement(using: &draw) { files[name] = World.bodies.randomElement(using: &draw) }
      case 4:
        guard let name = own.randomElement(using: &draw) else { return }
        files["models/sub/m\(next).sql"] = files.removeValue(forKey: name)
        next += 1
      case 5: if let name = own.randomElement(using: &draw) { files[name] = nil }
      case 6:
        let described = own.randomElement(using: &draw).map { $0.dropFirst(7).dropLast(4) } ?? "a"
        files["models/schema.yml"] = """
          models:
            - name: \(described)
              description: "{{ 1 + \(Int.random(in: 0..<9, using: &draw)) }}"
              config: {tags: [t\(Int.random(in: 0..<3, using: &draw))], materialized: "{{ var('kind') }}"}
              columns: [{name: id, data_tests: [not_null]}]
              \(Bool.random(using: &draw) ? "versions: [{v: 1, defined_in: \(described)}]" : "")
              \(Bool.random(using: &draw) ? "misspelt: 1" : "")
          """
      case 7:
        files["macros/helpers.sql"] = "{% macro source_name() %}\(Bool.random(using: &draw) ? "a" : "b"){% endmacro %}"
        files["macros/ref.sql"] = Bool.random(using: &draw) ? "{% macro ref(name) %}{{ return(builtins.ref('a')) }}{% endmacro %}" : nil
      case 8: vars["kind"] = Bool.random(using: &draw) ? "table" : "view"
      default:
        environment["SCHEMA"] = ["one", "two", nil].randomElement(using: &draw) ?? nil
        command = Bool.random(using: &draw) ? "run" : "compile"
      }
    }
  }

  /// Everything that loading gives, as text; the first errors if it fails.
  private func outcome(_ project: WrittenProject, _ world: World, keepsState: Bool) -> String {
    do {
      let loaded = try project.load { options in
        options.keepsState = keepsState
        for (name, value) in world.vars { options.vars[name] = value }
        options.environment = world.environment
        options.command = world.command
      }
      let manifest = loaded.manifest
      let nodes = manifest.nodes.values.map { $0.json.text(sorted: true) + " at \($0.location)" }
      let disabled = manifest.disabled.values.flatMap { $0 }.map { "\($0)" }
      return (nodes + manifest.macros.values.map { $0.json.text(sorted: true) } + disabled + loaded.warnings.map(\.description)).joined(separator: "\n")
    } catch {
      return "\(error)"
    }
  }

  private func write(_ world: World, over old: World, in project: WrittenProject) throws {
    for name in old.files.keys where world.files[name] == nil { try FileManager.default.removeItem(atPath: project.path + "/" + name) }
    for (name, text) in world.files where old.files[name] != text { try project.write(name, text) }
  }

  @Test("A project edited at random is read with the state of the last time as without", arguments: [1, 2, 3, 4] as [UInt64])
  func sameAsAfresh(seed: UInt64) throws {
    var draw = Draw(state: seed)
    var world = World()
    let project = try WrittenProject(world.files)
    for _ in 0..<25 {
      let old = world
      for _ in 0..<Int.random(in: 1...3, using: &draw) { world.edit(&draw) }
      try write(world, over: old, in: project)
      #expect(outcome(project, world, keepsState: true) == outcome(project, world, keepsState: false))
    }
  }

  @Test("What has not changed is not read again, and what has changed is")
  func isUsed() throws {
    var world = World()
    world.files["models/schema.yml"] = "models: [{name: a, description: first, columns: [{name: id, data_tests: [not_null]}]}]"
    let project = try WrittenProject(world.files)
    let fresh = outcome(project, world, keepsState: true)
    let path = project.path + "/target/" + PartialState.fileName
    let state = try Data(contentsOf: URL(filePath: path))
    #expect(outcome(project, world, keepsState: true) == fresh)
    #expect(try Data(contentsOf: URL(filePath: path)) == state)
    // What can be told without rendering is not kept, and is told anew.
    try project.write("models/b.sql", "select * from {{ ref('a') }} where 1 = 1")
    let second = outcome(project, world, keepsState: true)
    #expect(second != fresh)
    #expect(try Data(contentsOf: URL(filePath: path)) == state)
    try project.write("models/c.sql", "select * from {{ ref(source_name()) }} where 1 = 1")
    #expect(outcome(project, world, keepsState: true) != second)
    #expect(try Data(contentsOf: URL(filePath: path)) != state)
  }

  @Test("A state that is damaged, cut short or somebody else's counts for nothing")
  func damaged() throws {
    var world = World()
    world.files["models/schema.yml"] = "models: [{name: a, columns: [{name: id, data_tests: [not_null]}]}]"
    let project = try WrittenProject(world.files)
    let fresh = outcome(project, world, keepsState: true)
    let path = project.path + "/target/" + PartialState.fileName
    let state = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var draw = Draw(state: 7)
    for round in 0..<60 {
      var bytes = state
      switch round % 3 {
      case 0: bytes[Int.random(in: bytes.indices, using: &draw)] ^= UInt8.random(in: 1...255, using: &draw)
      case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &draw))
      default: bytes = (0..<Int.random(in: 0...200, using: &draw)).map { _ in UInt8.random(in: 0...255, using: &draw) }
      }
      try Data(bytes).write(to: URL(filePath: path))
      #expect(outcome(project, world, keepsState: true) == fresh)
    }
  }

  @Test("The project can do without a state")
  func switchedOff() throws {
    let project = try WrittenProject(World().files.merging(["dbt_project.yml": "name: shop\nprofile: scv\nflags: {partial_parse: false}\n"]) { $1 })
    _ = outcome(project, World(), keepsState: true)
    #expect(!FileManager.default.fileExists(atPath: project.path + "/target"))
  }
}
