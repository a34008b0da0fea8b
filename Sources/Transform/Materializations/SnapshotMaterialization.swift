import DataFormats
import Diagnostics
import Jinja
import OrderedCollections
import Project
import Warehouse

/// A table that keeps every state that another one had (docs.getdbt.com/docs/build/snapshots).
struct SnapshotMaterialization: Materialization {
  func build(_ node: NodeContext, _ session: any Session, _ sql: String, existing: Relation?) throws -> Outcome {
    try validate(node)
    let config = node.node.config
    if let existing, existing.kind == .view {
      throw Diagnostic(
        .compilation, "transform.wrong-relation", "the snapshot '\(node.node.name)' would replace the view \(node.run.adapter.render(existing))",
        at: node.node.place, hint: "drop the view, or give the snapshot another alias")
    }
    guard case .macro(let strategyMacro) = try node.callValue("strategy_dispatch", [.string(config.text("strategy") ?? "")]) else {
      throw Fault(.type, "the snapshot strategy is not a macro")
    }
    let strategy = try strategyMacro([
      try node.context.value(of: "model").map(compiled(node)) ?? Value.none, "snapshotted_data", "source_data", .object(ConfigObject(node)),
      .bool(existing != nil),
    ])
    guard existing != nil else {
      let build = try node.call("build_snapshot_table", [strategy, .string(sql)])
      return try TableMaterialization.replace(node, session, build, existing: nil)
    }
    return try merge(node, session, sql, strategy)
  }

  /// Puts the changes aside, adds columns that are new, and merges.
  private func merge(_ node: NodeContext, _ session: any Session, _ sql: String, _ strategy: Value) throws -> Outcome {
    let target = node.object(node.relation)
    var aside = node.relation
    aside.identifier += "__dbt_tmp"
    aside.kind = .table
    let staging = node.object(aside).with(aside, parts: RelationObject.Parts(schema: false))
    try session.execute("DROP TABLE IF EXISTS temp.\(staging.rendered)")
    let select = try node.call("snapshot_staging_table", [strategy, .string(sql), .object(target)])
    try session.execute("CREATE TEMPORARY TABLE \(staging.rendered) AS\n\(select)")

    let known = Set(try node.columns(of: node.relation).map { $0.name.lowercased() })
    try checkColumns(known, strategy, node)
    let own: (String) -> Bool = { $0 == "dbt_change_type" || $0.hasPrefix("dbt_unique_key") }
    let columns = try node.columns(of: aside).filter { !own($0.name.lowercased()) }
    for column in columns where !known.contains(column.name.lowercased()) {
      try session.execute("ALTER TABLE \(target.rendered) ADD COLUMN \(node.run.adapter.quote(column.name)) \(column.type)")
    }
    let names = Value(columns.map { .string(node.run.adapter.quote($0.name)) })
    let statements = try node.call("snapshot_merge_sql", [.object(target), .object(staging), names])
    try node.ran(statements)
    let rows = try session.execute(statements)
    try session.execute("DROP TABLE temp.\(staging.rendered)")
    return Outcome(message: "INSERT \(rows)", rowsAffected: rows)
  }

  /// Checks that the table has the columns that the snapshot keeps its history in, by the names that they bear now.
  private func checkColumns(_ known: Set<String>, _ strategy: Value, _ node: NodeContext) throws {
    let names = try node.callValue("snapshot_column_names").dict
    let isDeletedKept = strategy.dict?["hard_deletes"]?.text == "new_record"
    let missing = (["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"] + (isDeletedKept ? ["dbt_is_deleted"] : []))
      .map { names?[$0]?.text ?? $0 }.filter { !known.contains($0.lowercased()) }
    guard !missing.isEmpty else { return }
    throw Diagnostic(
      .compilation, "transform.snapshot-columns", "Snapshot target is missing configured columns: \(missing.joined(separator: ", "))",
      at: node.node.place, hint: "the names of such columns cannot be changed once the table is there: see snapshot_meta_column_names")
  }

  private func compiled(_ node: NodeContext) -> (Value) -> Value {
    { model in
      let copy = model.copy()
      copy.dict?["compiled_code"] = .string(node.compiledCode ?? "")
      return copy
    }
  }

  private func validate(_ node: NodeContext) throws {
    let config = node.node.config
    guard let strategy = config.text("strategy"), !config.uniqueKey.isEmpty else {
      throw Diagnostic(
        .compilation, "transform.snapshot-config",
        "Snapshots must be configured with a 'strategy' and 'unique_key'; '\(node.node.name)' is not", at: node.node.place,
        hint: "add strategy='timestamp', unique_key='id', updated_at='updated_at' to its config")
    }
    if strategy == "timestamp", config.text("updated_at") == nil {
      throw Diagnostic(
        .compilation, "transform.snapshot-config",
        "When using the timestamp strategy, the snapshot '\(node.node.name)' must be configured with an 'updated_at' column",
        at: node.node.place, hint: "add updated_at='…' to its config")
    }
    if strategy == "check", config["check_cols"] == nil {
      throw Diagnostic(
        .compilation, "transform.snapshot-config",
        "When using the check strategy, the snapshot '\(node.node.name)' must be configured with 'check_cols'", at: node.node.place,
        hint: "add check_cols='all' or a list of columns to its config")
    }
  }
}
