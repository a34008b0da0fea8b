import Jinja
import Warehouse

/// A relation as templates see it: prints as its quoted name, gives its parts, makes variants of itself
/// (docs.getdbt.com/reference/dbt-classes#relation).
///
/// Immutable. A CTE is a relation too: that of an ephemeral model prints as `__dbt__cte__NAME`.
final class RelationObject: JinjaObject {
  /// Which parts of the name are printed.
  struct Parts: Sendable, Hashable {
    var schema = true
    var identifier = true
  }

  let relation: Relation
  let database: String
  let isCTE: Bool
  /// Rows that a reader gets at most; 0 under `--empty`.
  let limit: Int?
  /// What the rows that a reader gets must fulfil.
  let condition: String?
  private let parts: Parts
  private let adapter: any Adapter

  init(
    _ relation: Relation, database: String, adapter: any Adapter, isCTE: Bool = false, limit: Int? = nil, condition: String? = nil,
    parts: Parts = Parts()
  ) {
    self.relation = relation
    self.database = database
    self.adapter = adapter
    self.isCTE = isCTE
    self.limit = limit
    self.condition = condition
    self.parts = parts
  }

  /// The relation in `value`, if it is one.
  static func from(_ value: Value?) -> RelationObject? {
    if case .object(let object) = value { object as? RelationObject } else { nil }
  }

  var typeName: String { "Relation" }
  /// Macros of packages tell relations from texts by this, and by `metadata`.
  var isMapping: Bool { true }

  /// The name as it stands in SQL.
  var rendered: String {
    if isCTE { return relation.identifier }
    let full = adapter.render(relation)
    guard parts.identifier else { return adapter.quote(relation.schema) }
    let qualifier = adapter.quote(relation.schema) + "."
    return !parts.schema && full.hasPrefix(qualifier) ? String(full.dropFirst(qualifier.count)) : full
  }

  /// The name without its schema, as statements want it that take the schema from elsewhere.
  var withoutSchema: String { with(relation, parts: Parts(schema: false)).rendered }

  func text() -> String {
    guard limit != nil || condition != nil else { return rendered }
    let conditions = (limit == 0 ? ["false"] : []) + (condition.map { [$0] } ?? [])
    return "(select * from \(rendered)" + (conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and "))
      + (limit.map { " limit \($0)" } ?? "") + ")"
  }

  var representation: String { "<SQLiteRelation \(rendered)>" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "database": .string(database)
    case "schema": .string(relation.schema)
    case "identifier", "name", "table": .string(relation.identifier)
    case "type": relation.kind.map { .string($0.rawValue) } ?? (isCTE ? "cte" : Value.none)
    case "is_table": .bool(relation.kind == .table)
    case "is_view": .bool(relation.kind == .view)
    case "is_cte": .bool(isCTE)
    case "is_dynamic_table", "is_materialized_view", "is_pointer", "is_iceberg_format", "is_function": false
    case "can_be_renamed": .bool(!isCTE)
    case "can_be_replaced": false
    case "path", "quote_policy", "include_policy":
      ["database": .string(database), "schema": .string(relation.schema), "identifier": .string(relation.identifier)]
    case "metadata": ["type": "SQLiteRelation"]
    case "View": "view"
    case "Table": "table"
    case "CTE": "cte"
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "render": return .string(rendered)  // without limits: the way around `--empty`
    case "include":
      var parts = parts
      if let schema = call.keyword("schema") { parts.schema = try schema.isTrue }
      if let identifier = call.keyword("identifier") { parts.identifier = try identifier.isTrue }
      return .object(with(relation, parts: parts))
    case "quote", "replace_path": return .object(name == "quote" ? self : changed(by: call.keywords))
    case "without_identifier": return .object(with(relation, parts: Parts(identifier: false)))
    case "incorporate":
      var changes: [KeywordArgument] = []
      if let path = call.keyword("path")?.dict {
        changes = path.members.compactMap { key, value in key.text.map { KeywordArgument($0, value) } }
      }
      return .object(changed(by: changes + call.keywords.filter { $0.name == "type" }))
    case "add_ephemeral_prefix": return .string("__dbt__cte__" + (call.argument(0, "name")?.text ?? relation.identifier))
    case "information_schema": return .string("sqlite_master")
    case "matches":
      let wanted = { (index: Int, key: String, own: String) in call.argument(index, key)?.text.map { $0.lowercased() == own.lowercased() } ?? true }
      return .bool(wanted(1, "schema", relation.schema) && wanted(2, "identifier", relation.identifier))
    case "get": return call.argument(0, "key")?.text.flatMap { attribute($0) } ?? call.argument(1, "default") ?? Value.none
    case "include_catalog", "needs_to_drop": return .bool(false)
    default: return nil
    }
  }

  func item(_ key: Value) -> Value? { key.text.flatMap { attribute($0) } }

  func isEqual(to other: Value) -> Bool {
    guard let other = RelationObject.from(other) else { return false }
    return relation.isSame(as: other.relation) && isCTE == other.isCTE
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(relation.schema)
    hasher.combine(relation.identifier)
  }

  func with(_ relation: Relation, parts: Parts? = nil) -> RelationObject {
    RelationObject(relation, database: database, adapter: adapter, isCTE: isCTE, limit: limit, condition: condition, parts: parts ?? self.parts)
  }

  private func changed(by changes: [KeywordArgument]) -> RelationObject {
    var copy = relation
    for change in changes {
      switch change.name {
      case "schema": copy.schema = change.value.text ?? copy.schema
      case "identifier", "table", "name": copy.identifier = change.value.text ?? copy.identifier
      case "type": copy.kind = change.value.text.flatMap(Relation.Kind.init)
      default: break
      }
    }
    return with(copy)
  }
}
