import Diagnostics
import Jinja
import Project
import Warehouse

/// What a materialization did, for the result.
struct Outcome {
  /// One line for people: `CREATE VIEW`, `SELECT 3`.
  var message: String
  /// How many rows were written, as far as known.
  var rowsAffected: Int?
}

/// A way in which a node's SQL becomes a relation.
///
/// Swift drives the flow, and macros of the package `dbt` give the SQL, so that a project changes the SQL by overriding
/// them. `build` runs inside one transaction: a reader sees the relation as it was before, or as it is afterwards.
protocol Materialization: Sendable {
  /// Builds the relation of the node.
  ///
  /// - Parameters:
  ///   - sql: the compiled code.
  ///   - existing: the relation as it is now; nil if there is none.
  /// - Throws: `Diagnostic`; the transaction is then undone.
  func build(_ node: NodeContext, _ session: any Session, _ sql: String, existing: Relation?) throws -> Outcome
}

/// The materializations by name; a macro `{% materialization %}` of a project comes before them.
enum Materializations {
  static let all: [String: any Materialization] = [
    "view": ViewMaterialization(), "table": TableMaterialization(), "incremental": IncrementalMaterialization(),
    "snapshot": SnapshotMaterialization(), "materialized_view": TableMaterialization(),
  ]

  /// Builds the node of `node`: schema, hooks, and the transaction in which everything happens.
  static func run(_ node: NodeContext, _ sql: String) throws -> Outcome {
    let name = node.node.config.materialized
    if let id = node.run.manifest.macroResolver.materialization(named: name) {
      try checkLanguage(node)
      return try custom(node, id)
    }
    guard let materialization = all[name] else {
      throw Diagnostic(
        .compilation, "transform.unknown-materialization",
        "No materialization '\(name)' was found for adapter \(node.run.adapter.type)! (searched types 'default' and '\(node.run.adapter.type)')",
        at: node.node.place, hint: Suggestion.didYouMean(name, among: all.keys.sorted()) ?? "built in are \(all.keys.sorted().joined(separator: ", "))")
    }
    return try inTransaction(node) { session in
      try materialization.build(node, session, sql, existing: node.find(node.relation))
    }
  }

  /// Refuses a model in a language that the project's materialization does not take: `supported_languages`.
  ///
  /// - Throws: `Diagnostic` (`transform.unsupported-language`).
  static func checkLanguage(_ node: NodeContext) throws {
    guard let id = node.run.manifest.macroResolver.materialization(named: node.node.config.materialized),
      let macro = node.run.manifest.macros[id], let languages = macro.supportedLanguages, !languages.contains(node.node.language)
    else { return }
    let list = languages.map { "'\($0)'" }.joined(separator: ", ")
    throw Diagnostic(
      .compilation, "transform.unsupported-language",
      "Materialization \"\(macro.name)\" only supports languages [\(list)]; got \"\(node.node.language)\"", at: node.node.place,
      hint: "give the model another materialization, or say supported_languages=[\(list), '\(node.node.language)'] in \(macro.originalFilePath)")
  }

  /// Schema, hooks outside, transaction with hooks inside, hooks outside.
  static func inTransaction(_ node: NodeContext, _ body: (any Session) throws -> Outcome) throws -> Outcome {
    let before = node.runsPreHooks ? node.node.config.preHooks : []
    let after = node.runsPostHooks ? node.node.config.postHooks : []
    try node.createSchema(node.node.schema)
    try Hooks.run(before, inTransaction: false, node)
    let outcome = try node.transaction { session in
      try Hooks.run(before, inTransaction: true, node)
      let outcome = try body(session)
      try refuseGrants(node)
      try Hooks.run(after, inTransaction: true, node)
      return outcome
    }
    try Hooks.run(after, inTransaction: false, node)
    return outcome
  }

  /// A materialization that is a macro: it runs its hooks and statements itself, all in one transaction.
  private static func custom(_ node: NodeContext, _ id: String) throws -> Outcome {
    try node.createSchema(node.node.schema)
    defer { node.run.cache.invalidate() }
    return try node.transaction { _ in
      guard case .macro(let macro) = try node.bind(id) else { return Outcome(message: "OK") }
      _ = try macro()
      guard case .object(let main)? = node.results["main"], let response = try main.attribute("response") else {
        return Outcome(message: "OK")
      }
      return Outcome(message: try response.str())
    }
  }

  private static func refuseGrants(_ node: NodeContext) throws {
    guard let grants = node.node.config["grants"]?.object, !grants.isEmpty else { return }
    _ = try node.call("apply_grants", [node.this, Value(json: grants)])
  }
}

/// SQL before and after a node.
enum Hooks {
  /// Renders and runs those of `hooks` that belong inside the transaction, or outside of it.
  static func run(_ hooks: [Hook], inTransaction: Bool, _ node: NodeContext) throws {
    for hook in hooks where hook.transaction == inTransaction {
      let sql = try node.render(hook.sql, name: "hook of \(node.node.name)").trimmed
      guard !sql.isEmpty, SQLText.firstWord(sql) != "" || sql.contains(where: \.isLetter) else { continue }
      if inTransaction || SQLText.isReading(sql) {
        _ = try node.execute(sql, fetch: false)
      } else {
        try outside(sql, node)
      }
    }
  }

  /// Runs SQL in no transaction at all, as VACUUM wants it.
  private static func outside(_ sql: String, _ node: NodeContext) throws {
    defer { node.run.cache.invalidate() }
    if let adapter = node.run.adapter as? SQLiteAdapter {
      _ = try adapter.maintain { try $0.execute(sql) }
    } else {
      try node.run.adapter.execute(sql)
    }
  }
}

extension String {
  /// The text without blanks around it.
  var trimmed: String { self[...].trimmed }
}

extension Substring {
  /// The text without blanks around it.
  var trimmed: String {
    let front = drop { $0.isWhitespace }
    guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(front[...last])
  }
}
