import DataFormats
import Diagnostics
import Jinja
import OrderedCollections
import Project
import Warehouse

/// A table that grows: the query gives what is new, and a strategy says what becomes of it
/// (docs.getdbt.com/docs/build/incremental-models).
struct IncrementalMaterialization: Materialization {
  func build(_ node: NodeContext, _ session: any Session, _ sql: String, existing: Relation?) throws -> Outcome {
    let strategy = node.node.config.text("incremental_strategy") ?? "default"
    let macro = try node.incrementalStrategyMacro(strategy)
    let isFull = try node.batch.map { !$0.isIncremental } ?? node.callValue("should_full_refresh").isTrue
    guard let existing, existing.kind == .table, !isFull else {
      return try TableMaterialization.replace(node, session, sql, existing: existing)
    }
    return try merge(node, session, sql, macro)
  }

  /// Puts the rows of the query aside, adapts the table's columns, and runs the strategy's statements.
  private func merge(_ node: NodeContext, _ session: any Session, _ sql: String, _ strategy: Value) throws -> Outcome {
    let config = node.node.config
    let target = node.object(node.relation)
    var aside = node.relation
    aside.identifier += "__dbt_tmp"
    aside.kind = .table
    let temporary = node.object(aside).with(aside, parts: RelationObject.Parts(schema: false))
    try session.execute("DROP TABLE IF EXISTS temp.\(temporary.rendered)")
    let create = try node.call("get_create_table_as_sql", [true, .object(temporary), .string(sql)])
    try session.execute(create)

    let wanted = config.text("on_schema_change") ?? "ignore"
    let change = try node.call("incremental_validate_on_schema_change", [.string(wanted)], [KeywordArgument("default", "ignore")])
    var columns = try node.callValue(
      "process_schema_changes", [.string(change), .object(temporary), .object(target)])
    if try !columns.isTrue {
      columns = Value(try node.columns(of: node.relation).map { .object(ColumnObject(name: $0.name, dataType: $0.type, adapter: node.run.adapter)) })
    }
    let keys = config.uniqueKey.filter { !$0.isEmpty }
    let predicates = config["incremental_predicates"] ?? config["predicates"]
    let arguments = Value(names: [
      "target_relation": .object(target), "temp_relation": .object(temporary),
      "unique_key": keys.isEmpty ? Value.none : keys.count == 1 && config["unique_key"]?.string != nil ? .string(keys[0]) : Value(keys.map { .string($0) }),
      "dest_columns": columns,
      "incremental_predicates": predicates.map { Value(json: $0.string.map { .array([.string($0)]) } ?? $0) } ?? Value.none,
    ])
    guard case .macro(let macro) = strategy else { throw Fault(.type, "the incremental strategy is not a macro") }
    let statements = try macro([arguments]).str()
    try node.ran(create + ";\n" + statements)
    try session.execute(statements)
    let rows = try session.query("SELECT max(rowid) FROM temp.\(temporary.rendered)").rows.first?[0].integer ?? 0
    try session.execute("DROP TABLE temp.\(temporary.rendered)")
    return Outcome(message: "INSERT \(rows)", rowsAffected: Int(rows))
  }
}
