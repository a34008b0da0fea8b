import DataFormats
import Diagnostics
import Jinja
import OrderedCollections
import Project
import Warehouse

/// Runs one data test: counts what its query finds, and judges the count (docs.getdbt.com/reference/resource-configs/severity).
struct DataTestRun: Sendable {
  let node: NodeContext

  private var warnIf: String { node.node.config.text("warn_if") ?? "!= 0" }
  private var errorIf: String { node.node.config.text("error_if") ?? "!= 0" }
  private var failCalc: String { node.node.config.text("fail_calc") ?? "count(*)" }

  /// Runs the test whose SQL is `sql`, and fills in `result`.
  func run(_ sql: String, _ result: inout NodeResult) throws {
    var query = sql
    var kept: Relation?
    if let kind = try storage() {
      let limited = node.node.config["limit"].map { $0.plainText }.map { "select *\nfrom (\n\(sql)\n) dbt_internal_test\nlimit \($0)" }
      kept = try keep(limited ?? sql, as: kind)
      query = "select *\nfrom \(kept.map(node.run.adapter.render) ?? "")"
    }
    let statement = try statement(query)
    try node.ran(statement)
    try execute(statement, &result)
    result.relationName = kept.map(node.run.adapter.render)
  }

  /// The test as one of several that share a scan; nil if it goes alone.
  func shared(_ sql: String, _ result: NodeResult) throws -> PendingTest? {
    let config = node.node.config
    guard try storage() == nil, config["limit"] == nil, failCalc == "count(*)", CountCondition(warnIf) != nil, CountCondition(errorIf) != nil,
      !node.run.options.failFast, let column = node.node.testMetadata?.arguments["column_name"]?.string, let scan = SharedScan(sql, column: column)
    else { return nil }
    let statement = try statement(sql)
    // A project may count in its own way.
    guard SharedScan.words(statement) == SharedScan.words(DataTestRun.plainStatement(sql, warnIf, errorIf)) else { return nil }
    try node.ran(statement)
    return PendingTest(test: self, statement: statement, scan: scan, result: result)
  }

  /// The query that counts what `query` finds.
  private func statement(_ query: String) throws -> String {
    let limit = node.node.config["limit"].map { Value(json: $0) } ?? Value.none
    return try node.call("get_test_sql", [.string(query), .string(failCalc), .string(warnIf), .string(errorIf), limit])
  }

  private static func plainStatement(_ sql: String, _ warnIf: String, _ errorIf: String) -> String {
    """
    select count(*) as failures, count(*) \(warnIf) as should_warn, count(*) \(errorIf) as should_error
    from ( \(sql) ) dbt_internal_test
    """
  }

  /// Runs the counting query, and fills in `result`.
  func execute(_ statement: String, _ result: inout NodeResult) throws {
    let table = try node.run.adapter.query(statement)
    guard table.columns.count == 3, let row = table.rows.first, table.rows.count == 1 else {
      throw Diagnostic(
        .database, "test.shape",
        "dbt internally failed to execute \(node.node.uniqueID): Returned \(table.rows.count) rows with \(table.columns.count) columns",
        at: node.node.place, hint: "fail_calc must be one aggregate, such as count(*)")
    }
    let failures = try failures(row[0])
    result.failures = failures
    judge(failures, warns: isTrue(row[1]), errs: isTrue(row[2]), &result)
  }

  /// Judges a count that was found together with others.
  func judge(_ count: SQLValue, _ result: inout NodeResult) throws {
    let failures = try failures(count)
    result.failures = failures
    judge(failures, warns: CountCondition(warnIf)?(failures) ?? false, errs: CountCondition(errorIf)?(failures) ?? false, &result)
  }

  private func judge(_ failures: Int, warns: Bool, errs: Bool, _ result: inout NodeResult) {
    let found = "Got \(failures) result\(failures == 1 ? "" : "s"), configured to"
    if node.node.config.severity == "ERROR", errs {
      result.status = .fail
      result.message = "\(found) fail if \(errorIf)"
    } else if warns {
      result.status = node.run.options.warnError ? .fail : .warn
      result.message = "\(found) \(node.run.options.warnError ? "fail" : "warn") if \(warnIf)"
    } else {
      result.status = .pass
      result.message = nil
    }
  }

  private func failures(_ value: SQLValue) throws -> Int {
    switch value {
    case .integer(let number): return Int(number)
    case .real(let number) where number.isFinite: return Int(number)
    case .null:
      throw Diagnostic(
        .database, "test.null", "fail_calc of the test gave NULL: it must give a number", at: node.node.place,
        hint: "write for example coalesce(sum(…), 0)")
    default:
      throw Diagnostic(
        .database, "test.shape", "fail_calc of the test gave \(value.text ?? "nothing"): it must give a number", at: node.node.place)
    }
  }

  private func isTrue(_ value: SQLValue) -> Bool {
    switch value {
    case .integer(let number): number != 0
    case .real(let number): number != 0
    case .text(let text): ["true", "t", "1"].contains(text.lowercased())
    default: false
    }
  }

  /// What the rows that were found are kept as; nil if they are not kept.
  private func storage() throws -> Relation.Kind? {
    let config = node.node.config
    if let kind = config.text("store_failures_as") {
      guard ["ephemeral", "table", "view"].contains(kind) else {
        throw Diagnostic(
          .compilation, "test.store-failures-as",
          "'\(kind)' is not a valid value for `store_failures_as`. Accepted values are: ['ephemeral', 'table', 'view']", at: node.node.place,
          hint: Suggestion.didYouMean(kind, among: ["ephemeral", "table", "view"]))
      }
      return Relation.Kind(rawValue: kind)
    }
    return config.flag("store_failures") ?? node.run.options.storeFailures ?? false ? .table : nil
  }

  private func keep(_ sql: String, as kind: Relation.Kind) throws -> Relation {
    var target = node.relation
    target.kind = kind
    try node.createSchema(target.schema)
    try node.transaction { session in
      if let existing = try session.find(target) { try session.drop(existing) }
      let macro = kind == .view ? "get_create_view_as_sql" : "get_create_table_as_sql"
      let arguments: [Value] = (kind == .view ? [] : [false]) + [.object(node.object(target)), .string(sql)]
      try session.execute(try node.call(macro, arguments))
    }
    node.run.cache.add(target)
    return target
  }
}
