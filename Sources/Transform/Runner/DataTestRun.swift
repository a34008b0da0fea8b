import DataFormats
import Diagnostics
import Jinja
import OrderedCollections
import Project
import Warehouse

/// Runs one data test: counts what its query finds, and judges the count (docs.getdbt.com/reference/resource-configs/severity).
struct DataTestRun {
  let node: NodeContext

  /// Runs the test whose SQL is `sql`, and fills in `result`.
  func run(_ sql: String, _ result: inout NodeResult) throws {
    let config = node.node.config
    var query = sql
    var kept: Relation?
    if let kind = try storage() {
      let limited = config["limit"].map { $0.plainText }.map { "select *\nfrom (\n\(sql)\n) dbt_internal_test\nlimit \($0)" }
      kept = try keep(limited ?? sql, as: kind)
      query = "select *\nfrom \(kept.map(node.run.adapter.render) ?? "")"
    }
    let text = { (key: String, fallback: String) in config.text(key) ?? fallback }
    let (warnIf, errorIf) = (text("warn_if", "!= 0"), text("error_if", "!= 0"))
    let statement = try node.call(
      "get_test_sql",
      [
        .string(query), .string(text("fail_calc", "count(*)")), .string(warnIf), .string(errorIf),
        config["limit"].map { Value(json: $0) } ?? Value.none,
      ])
    try node.ran(statement)
    let table = try node.run.adapter.query(statement)
    guard table.columns.count == 3, let row = table.rows.first, table.rows.count == 1 else {
      throw Diagnostic(
        .database, "test.shape",
        "dbt internally failed to execute \(node.node.uniqueID): Returned \(table.rows.count) rows with \(table.columns.count) columns",
        at: node.node.place, hint: "fail_calc must be one aggregate, such as count(*)")
    }
    let failures = try failures(row[0])
    result.failures = failures
    judge(failures, warns: isTrue(row[1]), errs: isTrue(row[2]), warnIf: warnIf, errorIf: errorIf, &result)
    result.relationName = kept.map(node.run.adapter.render)
  }

  private func judge(_ failures: Int, warns: Bool, errs: Bool, warnIf: String, errorIf: String, _ result: inout NodeResult) {
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
