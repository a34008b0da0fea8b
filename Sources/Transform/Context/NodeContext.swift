import DataFormats
import Diagnostics
import Jinja
import OrderedCollections
import Project
import Warehouse

/// What the templates of one node see, while it is compiled and run: its refs, its configuration, its connection, the
/// results of its statements. Belongs to one thread.
final class NodeContext: @unchecked Sendable {
  let run: RunContext
  /// The node; for an operation of the command line a node that stands for it.
  let node: Node
  /// The package whose macros come first.
  let package: String
  let worker: Int
  /// The transaction that statements belong to; nil while there is none.
  var session: (any Session)?
  /// What `load_result` finds.
  var results: [String: Value] = [:]
  /// Common table expressions that the compiled SQL needs, in the order of their need: ephemeral models, fixtures.
  var ctes: OrderedDictionary<String, String> = [:]
  var compiledCode: String?
  /// What `write` collected: the SQL that was run.
  var written: [String] = []
  /// What the last statement of materializations said.
  var rowsAffected: Int?
  /// Stand-ins of a unit test: fixtures by the relation that they replace, variables, macros.
  var overrides = UnitTestOverrides()
  /// Values that `config.set` or in-file `config` gave while running.
  var configOverrides: OrderedDictionary<String, Value> = [:]
  /// The batch that is built, of a microbatch model.
  var batch: Batch? {
    didSet {
      guard let batch else { return }
      let model = Value(json: node.json)
      model.dict?["batch"] = batch.value
      context.variables["model"] = model
      let isIncremental = batch.isIncremental
      overrides.macros["is_incremental"] = Value(function: "is_incremental") { _ in .bool(isIncremental) }
      overrides.macros["should_full_refresh"] = Value(function: "should_full_refresh") { _ in .bool(!isIncremental) }
    }
  }
  /// Whether the hooks before and after the node run with it: not with every batch of a model.
  var runsPreHooks = true
  var runsPostHooks = true
  private var boundMacros: [String: Value] = [:]
  private(set) var context = RenderContext()

  init(_ run: RunContext, _ node: Node, worker: Int = 0) {
    self.run = run
    self.node = node
    self.package = node.packageName
    self.worker = worker
    context = RenderContext(parent: run.shared, lookup: { [self] name, _ in try variable(name) })
  }

  /// Lets go of the values that the node's templates used, which hold the context as it holds them. One that a template handed on
  /// to a later node keeps what it needs.
  func end() {
    context = RenderContext()
    boundMacros = [:]
    results = [:]
    overrides = UnitTestOverrides()
  }

  /// The relation that the node becomes.
  var relation: Relation { Relation(schema: node.schema, identifier: node.alias) }

  func object(_ relation: Relation) -> RelationObject {
    RelationObject(relation, database: run.database, adapter: run.adapter)
  }

  var this: Value {
    guard let stub = overrides.this else { return .object(object(relation)) }
    for (name, sql) in overrides.thisCTEs where ctes[name] == nil { ctes[name] = sql }
    return .object(stub)
  }

  // MARK: Names

  private func variable(_ name: String) throws -> Value? {
    if let value = overrides.macros[name] { return value }
    // A project's own macro of a name comes before what dbt gives: it may wrap `ref`.
    let resolver = run.manifest.macroResolver
    if let id = resolver.macro(named: name, from: package), !resolver.isBuiltin(id) { return try bind(id) }
    let value: Value?
    switch name {
    case "ref": value = .object(ReferenceFunction("ref", configuration: run.facts) { [self] in try References(self).ref($0) })
    case "source": value = Value(function: "source") { [self] in try References(self).source($0) }
    case "this": value = this
    case "config": value = .object(ConfigObject(self))
    case "var": value = .object(VarObject(self))
    case "env_var" where !overrides.environment.isEmpty: value = overrides.environmentFunction(run)
    case "adapter": value = .object(AdapterObject(self))
    case "model": value = Value(json: node.json)
    case "schema": value = .string(node.schema)
    case "database": value = .string(node.database ?? run.database)
    case "package_name": value = .string(package)
    case "thread_id": value = .string("Thread-\(worker + 1)")
    case "load_result", "store_result", "store_raw_result", "render", "write", "submit_python_job":
      value = StatementFunctions.named(name, self)
    case "pre_hooks": value = Value(node.config.preHooks.map { Value(json: $0.json) })
    case "post_hooks": value = Value(node.config.postHooks.map { Value(json: $0.json) })
    case "sql", "compiled_code", "compiled_sql":
      guard let compiledCode else { return nil }
      return .string(compiledCode)
    case "builtins": value = .object(Builtins(self))
    case "context": value = .object(ContextObject(self))
    default:
      value = SharedFunctions.changeable(name, run)
      if value == nil { return try macro(named: name) }
    }
    context.variables[name] = value
    return value
  }

  /// A macro by its plain name, or the package of that name.
  func macro(named name: String) throws -> Value? {
    if let bound = boundMacros[name] { return bound }
    var value: Value?
    if let id = run.manifest.macroResolver.macro(named: name, from: package) {
      value = try bind(id)
    } else if name == BuiltinMacros.packageName || run.project.packages[name] != nil || run.manifest.macroResolver.packages.contains(name) {
      value = .object(PackageObject(name, self))
    }
    if let value { boundMacros[name] = value }
    return value
  }

  /// The macro of a unique id, bound to the names of this node.
  func bind(_ id: String) throws -> Value {
    let key = "\u{0}" + id
    if let bound = boundMacros[key] { return bound }
    let value = Value.macro(try run.macros.macro(id, in: context))
    boundMacros[key] = value
    return value
  }

  /// The macro that fits the engine: `sqlite__name` before `default__name`, the project's before the package's.
  func dispatch(_ name: String, namespace: String?) throws -> Value {
    guard let id = run.manifest.macroResolver.dispatch(name, namespace: namespace, from: package) else {
      let tried = run.manifest.macroResolver.dispatchNames(name, namespace: namespace)
      throw Fault(
        .runtime, "In dispatch: No macro named '\(name)' found within namespace: '\(namespace ?? "None")'",
        hint: "searched for: " + tried.joined(separator: ", "))
    }
    return try bind(id)
  }

  /// Calls a macro by name and gives what it returns as text.
  func call(_ name: String, _ positional: [Value] = [], _ keywords: [KeywordArgument] = []) throws -> String {
    try callValue(name, positional, keywords).str()
  }

  /// Calls a macro by name and gives what it returns.
  func callValue(_ name: String, _ positional: [Value] = [], _ keywords: [KeywordArgument] = []) throws -> Value {
    guard case .macro(let macro)? = try macro(named: name) else {
      throw Diagnostic(
        .compilation, "project.unknown-macro", "there is no macro '\(name)'", at: node.place,
        hint: Suggestion.didYouMean(name, among: run.manifest.macroResolver.names(in: package)))
    }
    return try macro(positional, keywords: keywords)
  }

  /// Calls the macro of a unique id.
  func callBound(_ id: String, _ keywords: [KeywordArgument]) throws -> Value {
    guard case .macro(let macro) = try bind(id) else { return .none }
    return try macro(keywords: keywords)
  }

  func incrementalStrategyMacro(_ strategy: String) throws -> Value {
    let name = "get_incremental_\(strategy.replacing("+", with: "_"))_sql"
    if let macro = try macro(named: name) { return macro }
    throw Diagnostic(
      .compilation, "project.unknown-strategy",
      "dbt could not find an incremental strategy macro with the name \"\(name)\" in \(run.project.configuration.name)", at: node.place,
      hint: "strategies are append, delete+insert, merge, insert_overwrite, microbatch; others are macros of that name")
  }

  // MARK: The warehouse

  /// Runs SQL where it belongs: in the node's transaction if there is one, otherwise on a snapshot if it only reads.
  func execute(_ sql: String, fetch: Bool, limit: Int? = nil) throws -> (affected: Int, table: Table) {
    try log(sql)
    let reads = SQLText.isReading(sql)
    if !reads, SQLText.isDefining(sql) { run.cache.invalidate() }
    defer { if !reads, SQLText.isDefining(sql) { run.cache.invalidate() } }
    let work = { (session: any Session) in
      fetch || reads
        ? (0, try session.query(sql, [], limit: limit)) : (try session.execute(sql), Table(columns: []))
    }
    if let session { return try work(session) }
    return try reads ? run.adapter.read(work) : run.adapter.write(work)
  }

  /// Notes a statement of the materialization: for the file of what was run, and for the log.
  func ran(_ sql: String) throws {
    written.append(sql)
    try log(sql)
  }

  private func log(_ sql: String) throws {
    run.report(.statement(id: node.uniqueID, sql: try run.queryComment.adding(to: sql, self)))
  }

  func find(_ relation: Relation) throws -> Relation? { try run.cache.find(relation, in: session) }
  func relations(in schema: String) throws -> [Relation] { try run.cache.list(schema, in: session) }

  /// The columns of a relation, also of a temporary one.
  func columns(of relation: Relation) throws -> [Column] {
    let look = { (session: any Session) in
      let columns = try session.columns(of: relation)
      if !columns.isEmpty { return columns }
      return try session.query("SELECT name, type FROM pragma_table_info(?, 'temp')", [.text(relation.identifier)], limit: nil).rows.map {
        Column(name: $0[0].text ?? "", type: $0[1].text ?? "")
      }
    }
    if let session { return try look(session) }
    return try run.adapter.read(look)
  }

  /// The columns that a query gives.
  func columns(ofQuery sql: String) throws -> [Column] {
    let wrapped = "select * from (\n\(sql)\n) as scv_columns limit 0"
    let table = try session.map { try $0.query(wrapped) } ?? run.adapter.query(wrapped)
    return zip(table.columns, table.types).map { Column(name: $0, type: $1) }
  }

  func createSchema(_ schema: String) throws {
    try run.adapter.createSchema(schema)
  }

  func drop(_ relation: Relation) throws {
    try withSession { try $0.drop(relation) }
    run.cache.remove(relation)
  }

  func rename(_ relation: Relation, to new: Relation) throws {
    try withSession { session in
      try session.drop(new)
      try session.rename(relation, to: new)
    }
    run.cache.invalidate()
  }

  func withSession<Result>(_ body: (any Session) throws -> Result) throws -> Result {
    if let session { return try body(session) }
    return try run.adapter.write(body)
  }

  /// Runs `body` in one transaction on the warehouse, to which all statements of the node belong meanwhile.
  func transaction<Result>(_ body: (any Session) throws -> Result) throws -> Result {
    try run.adapter.write { session in
      self.session = session
      defer { self.session = nil }
      do {
        return try body(session)
      } catch {
        run.cache.invalidate()
        throw error
      }
    }
  }
}
