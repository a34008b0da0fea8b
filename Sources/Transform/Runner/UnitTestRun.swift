import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import OrderedCollections
import Project
import Warehouse

/// Runs one unit test: the model's query over rows that the test gives, compared with the rows that it expects
/// (docs.getdbt.com/docs/build/unit-tests).
struct UnitTestRun {
  let run: RunContext
  let test: UnitTest
  let worker: Int

  init(_ run: RunContext, _ test: UnitTest, worker: Int) {
    self.run = run
    self.test = test
    self.worker = worker
  }

  /// Runs the test and fills in `result`.
  func run(_ result: inout NodeResult, _ isCompileOnly: Bool) throws {
    guard let id = test.dependsOnNodes.first(where: { run.manifest.nodes[$0]?.resourceType == .model }), let model = run.manifest.nodes[id]
    else {
      throw Diagnostic(
        .compilation, "test.unknown-model", "the unit test '\(test.name)' tests a model '\(test.model)' that does not exist", at: test.location)
    }
    let began = Date()
    let context = NodeContext(run, model, worker: worker)
    defer { context.end() }
    context.overrides = try overrides(model)
    let sql = try Compiler.compile(context).text
    let actual = try context.columns(ofQuery: sql)
    let types = OrderedDictionary(actual.map { ($0.name.lowercased(), $0.type) }) { first, _ in first }
    let expected = try fixtureSQL(test.expect, types: types, subject: "expected output", context)
    let names = expectedColumns(types)
    let query = try context.call(
      "get_unit_test_sql", [.string(sql), .string(expected), Value(names.map { .string(run.adapter.quote($0)) })])
    result.compiledCode = query
    let folder = test.originalFilePath.lastIndex(of: "/").map { test.originalFilePath[...$0] } ?? ""
    let path = "compiled/\(test.packageName)/\(test.originalFilePath)/\(folder)\(test.name).sql"
    try run.write(query, to: path)
    result.timing.append(Timing(name: "compile", startedAt: began, completedAt: Date()))
    guard !isCompileOnly else { return }
    let executing = Date()
    let rows = try run.adapter.query(query).rows
    result.timing.append(Timing(name: "execute", startedAt: executing, completedAt: Date()))
    compare(rows, names, &result)
    guard result.status == .fail else { return }
    result.message = (result.message ?? "") + "\ncompiled code at \(run.relativeTargetPath)/\(path)"
  }

  private func expectedColumns(_ types: OrderedDictionary<String, String>) -> [String] {
    guard test.expect.format != .sql, let first = try? rows(of: test.expect).first else { return Array(types.keys) }
    return first.keys.map { $0.lowercased() }
  }

  // MARK: Stand-ins

  private func overrides(_ model: Node) throws -> UnitTestOverrides {
    var overrides = UnitTestOverrides()
    overrides.variables = test.overrides["vars"]?.object ?? [:]
    overrides.environment = (test.overrides["env_vars"]?.object ?? [:]).mapValues(\.plainText).reduce(into: [:]) { $0[$1.key] = $1.value }
    for (name, value) in test.overrides["macros"]?.object ?? [:] {
      let value = Value(json: value)
      // Some names are values and no macros.
      let isPlain = ["invocation_id", "run_started_at", "dbt_version", "project_name", "schema", "database", "thread_id"].contains(name)
      overrides.macros[name] = isPlain ? value : Value(function: name) { _ in value }
    }
    for given in test.given { try add(given, model, &overrides) }
    overrides.test = test
    return overrides
  }

  private func add(_ given: UnitTest.Fixture, _ model: Node, _ overrides: inout UnitTestOverrides) throws {
    let input = given.input ?? ""
    if input.trimmed == "this" {
      let relation = Relation(schema: model.schema, identifier: model.alias)
      let stub = stub(named: model.alias, given, relation, model)
      let probe = NodeContext(run, model, worker: worker)
      defer { probe.end() }
      overrides.this = try stub(probe)
      overrides.fixtures[model.uniqueID] = stub
      overrides.thisCTEs = probe.ctes
      return
    }
    let target = try resolve(input, model)
    guard let relation = relation(of: target) else {
      throw Diagnostic(
        .compilation, "test.unknown-input", "the unit test '\(test.name)' gives rows for \(input), which was not found in the manifest", at: test.location)
    }
    overrides.fixtures[target] = stub(named: relation.identifier, given, relation, run.manifest.nodes[target])
  }

  /// What `ref('…')` or `source('…', '…')` of a fixture names.
  private func resolve(_ input: String, _ model: Node) throws -> String {
    let context = NodeContext(run, model, worker: worker)
    defer { context.end() }
    let found = Found()
    context.context.variables["ref"] = Value(function: "ref") { call in
      found.names = call.positional.compactMap(\.text)
      found.version = try (call.keyword("version") ?? call.keyword("v"))?.str()
      return ""
    }
    context.context.variables["source"] = Value(function: "source") { call in
      found.names = call.positional.compactMap(\.text)
      found.isSource = true
      return ""
    }
    _ = try run.macros.environment.expression(input, name: test.originalFilePath).evaluate(in: context.context)
    if found.isSource {
      return run.manifest.sources.values.first { [$0.sourceName, $0.name] == found.names }?.uniqueID ?? input
    }
    let candidates = run.refable(found.names.last ?? "").filter { node in
      node.version?.plainText == found.version ?? node.latestVersion?.plainText && (found.names.count < 2 || node.packageName == found.names[0])
    }
    return candidates.first { model.dependsOnNodes.contains($0.uniqueID) }?.uniqueID ?? candidates.first?.uniqueID ?? input
  }

  private final class Found: @unchecked Sendable {
    var names: [String] = []
    var version: String?
    var isSource = false
  }

  private func relation(of id: String) -> Relation? {
    if let node = run.manifest.nodes[id] { return Relation(schema: node.schema, identifier: node.alias) }
    return run.manifest.sources[id].map { Relation(schema: $0.schema, identifier: $0.identifier) }
  }

  /// A common table expression of the fixture's rows, named as dbt names it.
  private func stub(named name: String, _ fixture: UnitTest.Fixture, _ relation: Relation, _ node: Node?) -> (NodeContext) throws -> RelationObject {
    { context in
      let cte = "__dbt__cte__" + name
      if context.ctes[cte] == nil {
        let seed = fixture.input != nil && fixture.rows == .null && node?.resourceType == .seed ? node : nil
        let columns = seed == nil ? try inputColumns(relation, node, context) : [:]
        context.ctes[cte] = try fixtureSQL(fixture, types: columns, subject: "'\(node?.name ?? name)'", seed: seed, context)
      }
      return RelationObject(Relation(schema: relation.schema, identifier: cte), database: run.database, adapter: run.adapter, isCTE: true)
    }
  }

  private func inputColumns(_ relation: Relation, _ node: Node?, _ context: NodeContext) throws -> OrderedDictionary<String, String> {
    var columns: [Column] = []
    if let node, node.isEphemeral {
      columns = try context.columns(ofQuery: run.compile(node, worker: worker).text)
    } else {
      columns = try context.columns(of: relation)
      if columns.isEmpty, let id = node?.uniqueID, let other = run.options.deferred[id] {
        columns = try context.columns(of: Relation(schema: other.schema, identifier: other.identifier))
      }
    }
    guard !columns.isEmpty else {
      throw Diagnostic(
        .compilation, "test.no-columns",
        "Not able to get columns for unit test '\(node?.name ?? relation.identifier)' from relation \(run.adapter.render(relation)) because the relation doesn't exist",
        at: test.location, hint: "build it first; an empty one will do: scv run --select +\(test.model) --empty")
    }
    return OrderedDictionary(columns.map { ($0.name.lowercased(), $0.type) }) { first, _ in first }
  }

  // MARK: Rows

  /// The rows of a fixture as a query.
  private func fixtureSQL(
    _ fixture: UnitTest.Fixture, types: OrderedDictionary<String, String>, subject: String, seed: Node? = nil, _ context: NodeContext
  ) throws -> String {
    if fixture.format == .sql { return fixture.rows.string ?? "" }
    if let seed { return try seedSQL(seed) }
    let rows = try rows(of: fixture)
    for row in rows {
      for name in row.keys where types[name.lowercased()] == nil {
        throw Diagnostic(
          .compilation, "test.unknown-column",
          "Invalid column name: '\(name)' in unit test fixture for \(subject).\nAccepted columns for \(subject) are: \(Array(types.keys))",
          at: test.location, hint: Suggestion.didYouMean(name, among: types.keys))
      }
    }
    let names = subject == "expected output" ? rows.first.map { $0.keys.map { $0.lowercased() } } ?? Array(types.keys) : Array(types.keys)
    let selects = rows.map { row in
      let row = OrderedDictionary(row.map { ($0.key.lowercased(), $0.value) }) { $1 }
      return "select " + names.map { literal(row[$0] ?? .null, type: types[$0] ?? "") + " as " + run.adapter.quote($0) }.joined(separator: ", ")
    }
    if selects.isEmpty { return "select " + names.map { "null as " + run.adapter.quote($0) }.joined(separator: ", ") + " where false" }
    return selects.joined(separator: "\nunion all\n")
  }

  /// The rows of a seed's file as a query.
  private func seedSQL(_ seed: Node) throws -> String {
    let file = try SeedFile(seed)
    var selects: [String] = []
    try file.forEach { row in
      let values = file.columns.indices.map { index in
        let value = file.columns[index].type.value(row[index].bytes)
        let text = if case .text(let text) = value { "'" + text.replacing("'", with: "''") + "'" } else { value.text ?? "null" }
        return text + " as " + run.adapter.quote(file.columns[index].name)
      }
      selects.append("select " + values.joined(separator: ", "))
    }
    if selects.isEmpty { return "select " + file.columns.map { "null as " + run.adapter.quote($0.name) }.joined(separator: ", ") + " where false" }
    return selects.joined(separator: "\nunion all\n")
  }

  private func rows(of fixture: UnitTest.Fixture) throws -> [OrderedDictionary<String, JSON>] {
    switch fixture.format {
    case .dict: return fixture.rows.array?.compactMap(\.object) ?? []
    case .csv:
      let text = (fixture.rows.string ?? "").trimmed
      guard !text.isEmpty else { return [] }
      let table = try CSVTable(text.utf8, file: fixture.fixture ?? test.originalFilePath)
      return table.rows.map { row in
        OrderedDictionary(zip(table.header.map(\.trimmed), row.map { $0.text.isEmpty && !$0.isQuoted ? .null : .string($0.text.trimmed) })) { $1 }
      }
    case .sql: return []
    }
  }

  private func literal(_ value: JSON, type: String) -> String {
    let text: String
    switch value {
    case .null: return "null"
    case .bool(let flag): text = flag ? "1" : "0"
    case .int, .double, .number: text = value.plainText
    case .string(let string): text = "'" + string.replacing("'", with: "''") + "'"
    case .array, .object: text = "'" + value.text().replacing("'", with: "''") + "'"
    }
    // Casting to a date type would make a number of a text in SQLite.
    let kind = type.lowercased()
    return kind.isEmpty || kind.contains("date") || kind.contains("time") ? text : "cast(\(text) as \(type))"
  }

  // MARK: Comparing

  private func compare(_ rows: [[SQLValue]], _ names: [String], _ result: inout NodeResult) {
    var actual = rows.filter { $0.last == .text("actual") }.map { Array($0.dropLast()) }
    var missing: [[SQLValue]] = []
    for row in rows.filter({ $0.last == .text("expected") }).map({ Array($0.dropLast()) }) {
      if let index = actual.firstIndex(where: { same($0, row) }) { actual.remove(at: index) } else { missing.append(row) }
    }
    result.failures = actual.isEmpty && missing.isEmpty ? 0 : 1
    guard !actual.isEmpty || !missing.isEmpty else {
      result.status = .pass
      return
    }
    result.status = .fail
    let difference = Table(
      columns: ["@@"] + names,
      rows: missing.map { [.text("---")] + $0 } + actual.map { [.text("+++")] + $0 })
    result.message = "\n\nactual differs from expected:\n\n" + ResultTable(difference).text() + "\n"
  }

  /// Whether rows are the same, given that columns of expressions have no type in SQLite: a text of a fixture stands for the number
  /// or the truth value that it spells.
  private func same(_ left: [SQLValue], _ right: [SQLValue]) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { a, b in
        if case .text = a, case .text = b { return a == b }
        return a == b || number(a).map { $0 == number(b) } ?? false
      }
  }

  private func number(_ value: SQLValue) -> Double? {
    switch value {
    case .integer(let number): Double(number)
    case .real(let number): number
    case .text(let text):
      switch text.lowercased() {
      case "true": 1
      case "false": 0
      default: Double(text)
      }
    default: nil
    }
  }
}
