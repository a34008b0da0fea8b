import Foundation
import Project
import Testing
import Transform
import Warehouse

@Suite("Tests that share a scan")
struct SharedScanTests {
  /// A generator that gives the same numbers every time.
  private struct Draw: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  private static let values = ["null", "''", "'a'", "'A'", "'1'", "1", "1.0", "2", "2.5", "-0.0", "0", "x'61'", "'it''s'", "'a '", "' '"]

  private func table(_ draw: inout Draw) -> String {
    let types = ["integer", "text", "real", "", "blob", "numeric", "text collate nocase"]
    let columns = (0..<4).map { "c\($0) \(types.randomElement(using: &draw) ?? "")" }
    let rows = (0..<Int.random(in: 0...12, using: &draw)).map { _ in
      "(" + (0..<4).map { _ in SharedScanTests.values.randomElement(using: &draw) ?? "1" }.joined(separator: ", ") + ")"
    }
    return "create table t (\(columns.joined(separator: ", ")));" + (rows.isEmpty ? "" : "insert into t values \(rows.joined(separator: ", "));")
  }

  private func test(_ number: Int, _ draw: inout Draw) -> String {
    let config =
      [
        "", ", config: {severity: warn}", ", config: {where: \"c1 is not null\"}", ", config: {warn_if: '>1', error_if: '>= 3'}", ", config: {limit: 1}",
        ", config: {where: \"c0 <> 'a' or c2 in (select c3 from t group by c3)\"}", ", config: {fail_calc: 'count(*) + 1'}",
        ", config: {error_if: 'between 1 and 2'}",
      ].randomElement(using: &draw) ?? ""
    let column = Int.random(in: 0...4, using: &draw)  // c4 does not exist
    if Bool.random(using: &draw) { return "- not_null: {name: t\(number)\(config)}".replacing("COLUMN", with: "c\(column)") }
    let list = (0..<Int.random(in: 1...3, using: &draw)).map { _ in ["a", "A", "1", "2.5", "it''s", "", "0"].randomElement(using: &draw) ?? "" }
    let quoted = list.map { "'\($0)'" }.joined(separator: ", ")
    let areNumbers = list.allSatisfy { Double($0) != nil }
    return "- accepted_values: {name: t\(number), values: [\(quoted)]\(areNumbers && Bool.random(using: &draw) ? ", quote: false" : "")\(config)}"
  }

  @Test("Tests that share a scan find what each finds alone", arguments: [1, 2, 3, 4] as [UInt64])
  func sameAsAlone(seed: UInt64) async throws {
    var draw = Draw(state: seed)
    var columns: [[String]] = [[], [], [], [], []]
    for number in 0..<24 { columns[Int.random(in: 0...4, using: &draw)].append(test(number, &draw)) }
    let listed = columns.enumerated().filter { !$0.element.isEmpty }.map { index, tests in
      "      - name: c\(index)\n        data_tests:\n" + tests.map { "          \($0)\n" }.joined()
    }
    let project = try TransformedProject([
      "models/m.sql": "{{ config(materialized='\(seed.isMultiple(of: 2) ? "view" : "table")') }} select * from t",
      "models/s.yml": "models:\n  - name: m\n    columns:\n" + listed.joined(),
    ])
    try project.execute(table(&draw))
    try await project.run(.run)
    let together = try await project.run(.test)
    #expect(together.results.count == 24)
    for number in 0..<24 {
      let alone = try #require(try await project.run(.test, select: ["t\(number)"])["t\(number)"])
      let shared = try #require(together["t\(number)"])
      #expect(shared.status == alone.status)
      #expect(shared.failures == alone.failures)
      #expect(shared.message == alone.message)
      #expect(shared.compiledCode == alone.compiledCode)
      #expect(shared.timing.map(\.name) == alone.timing.map(\.name))
    }
  }

  @Test("A project's own way of testing is not shared")
  func ownMacros() async throws {
    let project = try TransformedProject([
      "models/m.sql": "select 1 as a, null as b",
      "models/s.yml": "models: [{name: m, columns: [{name: a, data_tests: [not_null]}, {name: b, data_tests: [not_null, accepted_values: {values: [1]}]}]}]",
      "macros/own.sql": "{% macro default__test_not_null(model, column_name) %}select 1 union all select 2{% endmacro %}",
    ])
    try await project.run(.run)
    let results = try await project.run(.test)
    #expect(results["not_null_m_a"]?.failures == 2)
    #expect(results["not_null_m_b"]?.failures == 2)
    #expect(results["accepted_values_m_b__1"]?.status == .pass)
  }
}
