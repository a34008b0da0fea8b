import Diagnostics
import Jinja
import Warehouse

/// `adapter` as templates see it (docs.getdbt.com/reference/dbt-jinja-functions/adapter): what exists in the warehouse, changes
/// to it, and the search for the macro that fits the engine.
final class AdapterObject: JinjaObject {
  private let node: NodeContext
  private var adapter: any Adapter { node.run.adapter }

  init(_ node: NodeContext) {
    self.node = node
  }

  var typeName: String { "SQLiteAdapter" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "Relation": .object(node.run.relationClass)
    case "Column": .object(node.run.columnClass)
    case "config": .object(AdapterConfiguration(node.run))
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "dispatch": return try dispatch(call)
    case "type": return .string(adapter.type)
    case "quote": return .string(adapter.quote(try call.argument(0, "identifier")?.str() ?? ""))
    case "quote_as_configured", "quote_seed_column":
      let column = try call.argument(0, "identifier")?.str() ?? call.keyword("column")?.str() ?? ""
      if name == "quote_seed_column", let flag = call.argument(1, "quote_config"), try !flag.isTrue { return .string(column) }
      return .string(adapter.quote(column))
    case "execute", "add_query": return try execute(call)
    case "get_columns_in_relation" where macro(named: name) != nil:
      guard let id = macro(named: name) else { return nil }
      return try node.callBound(id, [KeywordArgument("relation", call.argument(0, "relation") ?? .none)])
    case "get_relation", "already_exists", "check_schema_exists", "list_schemas", "list_relations", "list_relations_without_caching",
      "get_columns_in_relation", "get_columns_in_query", "get_missing_columns", "get_column_schema_from_query":
      return try introspect(name, call)
    case "create_schema", "drop_schema", "drop_relation", "rename_relation", "truncate_relation", "cache_added", "cache_dropped",
      "cache_renamed", "expand_target_column_types", "expand_column_types":
      return try change(name, call)
    case "render_raw_columns_constraints": return Value(try Constraints(node).columns().map { .string($0) })
    case "render_raw_model_constraints": return Value(try Constraints(node).model().map { .string($0) })
    case "assert_columns_equivalent": try Constraints(node).check(try call.argument(0, "sql")?.str() ?? "")
    case "qualified_index":
      guard let object = RelationObject.from(call.argument(0, "relation")) else { return nil }
      // An index lies in the file of its table, and SQLite takes the schema from the index's name alone.
      let full = adapter.render(object.relation)
      let prefix = adapter.quote(object.relation.schema) + "."
      return .string((full.hasPrefix(prefix) ? prefix : "") + adapter.quote(try call.argument(1, "name")?.str() ?? ""))
    case "index_table": return RelationObject.from(call.argument(0, "relation")).map { .string($0.withoutSchema) }
    case "valid_incremental_strategies": return ["append", "delete+insert", "merge", "insert_overwrite", "microbatch"]
    case "get_incremental_strategy_macro": return try incrementalStrategy(call)
    case "verify_database", "commit", "begin", "begin_transaction", "commit_if_has_connection", "clean_up_table", "rollback",
      "standardize_grants_dict", "grant_access_to", "pre_model_hook", "post_model_hook":
      break  // the materialization's transaction is scv's; there is nothing for a template to do
    case "supports": return false
    case "nice_connection_name": return .string("master")
    case "date_function": return "datetime('now')"
    case "convert_type": return "TEXT"
    default: return nil
    }
    return Value.none
  }

  // MARK: Macros

  private func dispatch(_ call: Call) throws -> Value {
    guard let name = call.argument(0, "macro_name")?.text else {
      throw Fault(.type, "adapter.dispatch() needs the name of a macro")
    }
    if name.contains(".") {
      let parts = name.split(separator: ".", maxSplits: 1)
      throw Fault(
        .runtime, "In adapter.dispatch, got a macro name of \"\(name)\", but \".\" is not a valid macro name component",
        hint: "write adapter.dispatch('\(parts[1])', macro_namespace='\(parts[0])')")
    }
    return try node.dispatch(name, namespace: call.argument(1, "macro_namespace")?.text)
  }

  /// The project's own macro of a name that the adapter goes by, or that of a package which `dispatch` puts in front.
  private func macro(named name: String) -> String? {
    let resolver = node.run.manifest.macroResolver
    let root = resolver.rootPackage
    return [resolver.macro(named: name, from: root), resolver.dispatch(name, namespace: "dbt", from: root)].compactMap { $0 }.first { !resolver.isBuiltin($0) }
  }

  private func incrementalStrategy(_ call: Call) throws -> Value {
    let strategy = (call.argument(1, "strategy") ?? call.argument(0, "strategy"))?.text ?? "default"
    return try node.incrementalStrategyMacro(strategy)
  }

  // MARK: Statements

  private func execute(_ call: Call) throws -> Value {
    let sql = try call.argument(0, "sql")?.str() ?? ""
    let fetch = try call.argument(2, "fetch")?.isTrue ?? false
    let limit = call.argument(3, "limit")?.int.map { Int($0) }
    let (affected, table) = try node.execute(sql, fetch: fetch, limit: limit)
    let message = fetch ? "SELECT \(table.rows.count)" : "OK"
    return .tuple([
      .object(ResponseObject(message: message, code: "SUCCESS", rowsAffected: fetch ? table.rows.count : affected)),
      .object(TableObject(table, print: node.run.printer)),
    ])
  }

  // MARK: Looking

  private func introspect(_ name: String, _ call: Call) throws -> Value {
    switch name {
    case "get_relation":
      guard let identifier = call.argument(2, "identifier")?.text else { return .none }
      let relation = Relation(schema: call.argument(1, "schema")?.text ?? adapter.defaultSchema, identifier: identifier)
      return try node.find(relation).map { .object(node.object($0)) } ?? Value.none
    case "already_exists":
      let relation = Relation(schema: call.argument(0, "schema")?.text ?? "", identifier: call.argument(1, "table")?.text ?? "")
      return .bool(try node.find(relation) != nil)
    case "check_schema_exists":
      let schema = call.argument(1, "schema")?.text ?? ""
      return .bool(try adapter.schemas().contains { $0.lowercased() == schema.lowercased() })
    case "list_schemas":
      return Value(try adapter.schemas().map { .string($0) })
    case "list_relations", "list_relations_without_caching":
      let schema = RelationObject.from(call.positional.first)?.relation.schema ?? call.argument(1, "schema")?.text ?? adapter.defaultSchema
      return Value(try node.relations(in: schema).map { .object(node.object($0)) })
    case "get_columns_in_query", "get_column_schema_from_query":
      return objects(try node.columns(ofQuery: try call.argument(0, "sql")?.str() ?? ""))
    case "get_missing_columns":
      guard let from = RelationObject.from(call.argument(0, "from_relation")), let to = RelationObject.from(call.argument(1, "to_relation"))
      else { return [] }
      let known = Set(try node.columns(of: to.relation).map { $0.name.lowercased() })
      return objects(try node.columns(of: from.relation).filter { !known.contains($0.name.lowercased()) })
    default:
      guard let relation = RelationObject.from(call.argument(0, "relation")) else {
        throw Fault(.type, "adapter.\(name)() needs a relation", hint: "give it ref('…'), source('…', '…') or this")
      }
      return relation.isCTE ? [] : objects(try node.columns(of: relation.relation))
    }
  }

  private func objects(_ columns: [Column]) -> Value {
    Value(columns.map { .object(ColumnObject(name: $0.name, dataType: $0.type, adapter: adapter)) })
  }

  // MARK: Changing

  private func change(_ name: String, _ call: Call) throws -> Value {
    let object = RelationObject.from(call.positional.first ?? call.keywords.first?.value)
    switch name {
    case "create_schema":
      try node.createSchema(object?.relation.schema ?? call.argument(1, "schema")?.text ?? adapter.defaultSchema)
    case "drop_schema":
      try adapter.dropSchema(object?.relation.schema ?? call.argument(1, "schema")?.text ?? "")
      node.run.cache.invalidate()
    case "drop_relation": if let relation = object?.relation { try node.drop(relation) }
    case "rename_relation":
      guard let from = object?.relation, let to = RelationObject.from(call.argument(1, "to_relation"))?.relation else {
        throw Fault(.type, "adapter.rename_relation() needs two relations")
      }
      try node.rename(from, to: to)
    case "truncate_relation": if let object { _ = try node.execute("delete from \(object.rendered)", fetch: false) }
    case "cache_added", "cache_dropped", "cache_renamed": node.run.cache.invalidate()
    default: break  // SQLite's columns take any length
    }
    return .none
  }
}

/// What the warehouse answered to a statement: prints as its message.
final class ResponseObject: JinjaObject {
  private let message: String
  private let code: String
  private let rowsAffected: Int?

  init(message: String, code: String, rowsAffected: Int?) {
    self.message = message
    self.code = code
    self.rowsAffected = rowsAffected
  }

  var typeName: String { "AdapterResponse" }
  var representation: String { message }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "_message", "message": .string(message)
    case "code": .string(code)
    case "rows_affected": rowsAffected.map { .int(Int64($0)) } ?? Value.none
    default: nil
    }
  }
}

/// `adapter.config`: the project's name and the credentials' harmless part.
final class AdapterConfiguration: JinjaObject {
  private let run: RunContext

  init(_ run: RunContext) { self.run = run }

  var typeName: String { "RuntimeConfig" }

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "project_name": return .string(run.project.configuration.name)
    case "profile_name": return .string(run.project.profile.profileName)
    case "target_name": return .string(run.project.profile.targetName)
    case "threads": return .int(Int64(run.options.threads))
    case "credentials": return run.target
    case "project_root": return .string(run.project.configuration.root)
    case "cli_vars": return Value(json: run.project.options.vars)
    case "vars": return Value(json: run.project.configuration.vars)
    default: return nil
    }
  }
}
