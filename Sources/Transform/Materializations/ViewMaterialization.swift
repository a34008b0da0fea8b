import Diagnostics
import Jinja
import Project
import Warehouse

/// A view: the query itself, under a name.
struct ViewMaterialization: Materialization {
  func build(_ node: NodeContext, _ session: any Session, _ sql: String, existing: Relation?) throws -> Outcome {
    let view = try ViewMaterialization.definition(node, sql)
    if try ViewMaterialization.isThere(view, sql, node, session, existing: existing) { return ViewMaterialization.outcome }
    try ViewMaterialization.create(view, node, session, existing: existing)
    return ViewMaterialization.outcome
  }

  static let outcome = Outcome(message: "CREATE VIEW")

  /// The statement that makes the view of `node`, noted as what is run.
  static func definition(_ node: NodeContext, _ sql: String) throws -> ViewDefinition {
    let create = try node.call("get_create_view_as_sql", [.object(node.object(node.relation)), .string(sql)])
    try node.ran(create)
    return ViewDefinition(relation: node.relation, statement: create)
  }

  /// Whether the view is there already, word for word: making it anew would cost SQLite a walk over all there is.
  ///
  /// - Throws: `Diagnostic` if the query of the view does not hold.
  static func isThere(_ view: ViewDefinition, _ sql: String, _ node: NodeContext, _ session: any Session, existing: Relation?) throws -> Bool {
    try check(sql, node, session)
    return try existing?.kind == .view && node.run.cache.has(view, in: session)
  }

  /// Makes the view in the place of what is there.
  static func create(_ view: ViewDefinition, _ node: NodeContext, _ session: any Session, existing: Relation?) throws {
    if let existing { try session.execute("DROP \(existing.kind == .view ? "VIEW" : "TABLE") \(node.run.adapter.render(existing))") }
    try session.execute(view.statement)
    note(view, node)
  }

  /// Notes that the view was made.
  static func note(_ view: ViewDefinition, _ node: NodeContext) {
    node.run.cache.add(Relation(schema: view.relation.schema, identifier: view.relation.identifier, kind: .view))
  }

  /// SQLite takes a view without looking whether what it names exists; people want to hear about it now. What this run is still to
  /// make may be named without a ref: whether it is there already is a matter of chance.
  private static func check(_ sql: String, _ node: NodeContext, _ session: any Session) throws {
    do {
      _ = try session.query("EXPLAIN\n" + sql, [], limit: 0)
    } catch var error as Diagnostic {
      if isToCome(error, node) { return }
      error.location?.line? -= 1
      if let line = error.location?.line { error.window = SourceWindow(source: sql, line: line, column: error.location?.column ?? 1) }
      throw error
    }
  }

  private static func isToCome(_ error: Diagnostic, _ node: NodeContext) -> Bool {
    let words = "no such table: "
    guard error.message.hasPrefix(words) else { return false }
    let name = error.message.dropFirst(words.count).split(separator: "\n").first?.lowercased() ?? ""
    return node.run.selected.contains { id in
      guard id != node.node.uniqueID, let other = node.run.manifest.nodes[id], other.isRelational else { return false }
      let relation = node.run.adapter.render(Relation(schema: other.schema, identifier: other.alias)).lowercased().replacing("\"", with: "")
      return name == relation || name == "main." + relation
    }
  }
}

/// A table: the result of the query, made under another name and then put in the place of the old one.
struct TableMaterialization: Materialization {
  func build(_ node: NodeContext, _ session: any Session, _ sql: String, existing: Relation?) throws -> Outcome {
    try TableMaterialization.replace(node, session, sql, existing: existing)
  }

  /// Builds the table anew. The model may still read its old self meanwhile; views that name it keep doing so.
  static func replace(_ node: NodeContext, _ session: any Session, _ sql: String, existing: Relation?) throws -> Outcome {
    var target = node.relation
    target.kind = .table
    var fresh = target
    if existing != nil { fresh.identifier += "__dbt_tmp" }
    let create = try node.call("get_create_table_as_sql", [false, .object(node.object(fresh)), .string(sql)])
    try node.ran(create)
    if existing != nil { try session.execute("DROP TABLE IF EXISTS \(node.run.adapter.render(fresh))") }
    let hasContract = node.node.config["contract"]?["enforced"]?.bool == true
    try session.execute(hasContract ? (node.run.adapter as? SQLiteAdapter)?.enforcingKeys(create) ?? create : create)
    if let existing {
      try session.execute("DROP \(existing.kind == .view ? "VIEW" : "TABLE") \(node.run.adapter.render(existing))")
      try session.rename(fresh, to: target)
    }
    node.run.cache.add(target)
    if node.node.config["indexes"] != nil { _ = try node.call("create_indexes", [.object(node.object(target))]) }
    let rows = count(of: target, node, session)
    return Outcome(message: "SELECT \(rows)", rowsAffected: rows)
  }

  /// The number of rows of a table that was just filled: its last row number, which costs nothing to look up.
  static func count(of relation: Relation, _ node: NodeContext, _ session: any Session) -> Int {
    let name = node.run.adapter.render(relation)
    let rows = (try? session.query("SELECT max(rowid) FROM \(name)")) ?? (try? session.query("SELECT count(*) FROM \(name)"))
    return rows?.rows.first?[0].integer.map { Int($0) } ?? 0
  }
}
