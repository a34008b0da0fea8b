import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import Project
import Warehouse

/// Compiles and runs single nodes, and turns whatever goes wrong into a result.
struct NodeRun: Sendable {
  let run: RunContext
  /// What is done with nodes.
  var command = TransformCommand.run
  private var isCompileOnly: Bool { command == .compile }

  init(run: RunContext, command: TransformCommand) {
    self.run = run
    self.command = command
  }

  /// What has become of a node when its worker leaves it.
  enum Step: Sendable {
    /// It has ended.
    case finished(NodeResult)
    /// It ends together with others.
    case pending(Pending)
  }

  /// A node that waits for others.
  enum Pending: Sendable {
    /// A view that is made with others.
    case view(PendingView)
    /// A test that shares a scan with others.
    case test(PendingTest)

    var node: NodeContext {
      switch self {
      case .view(let view): view.node
      case .test(let test): test.test.node
      }
    }

    /// What it waits for the others of.
    var group: String {
      switch self {
      case .view: ""
      case .test(let test): test.scan.source
      }
    }
  }

  /// Ends nodes of one group; the results are in their order.
  func complete(_ pending: [Pending]) -> [NodeResult] {
    defer { for one in pending { one.node.end() } }
    let views = pending.compactMap { if case .view(let view) = $0 { view } else { nil } }
    if views.count == pending.count { return ViewBatch(run: run).make(views) }
    return TestBatch(run: run).make(pending.compactMap { if case .test(let test) = $0 { test } else { nil } })
  }

  /// Runs the node or unit test of a unique id.
  func callAsFunction(_ id: String, worker: Int) -> Step {
    if let test = run.manifest.unitTests[id] { return .finished(measure(id) { try UnitTestRun(run, test, worker: worker).run(&$0, isCompileOnly) }) }
    guard let node = run.manifest.nodes[id] else { return .finished(NodeResult(uniqueID: id, status: .noOp, message: "NO-OP")) }
    let context = NodeContext(run, node, worker: worker)
    var isPending = false
    defer { if !isPending { context.end() } }
    var view: (sql: String, definition: ViewDefinition)?
    var shared: PendingTest?
    let result = measure(id, context) { result in
      if !isCompileOnly, command != .clone, MicrobatchRun.applies(to: node, run) {
        return try MicrobatchRun(run: run, node: node, worker: worker).build(&result)
      }
      let sql = try compile(context, &result)
      guard !isCompileOnly else { return }
      if command == .run || command == .build, ViewBatch.takes(context) {
        try context.createSchema(node.schema)
        defer { writeStatements(context) }
        view = (sql, try ViewMaterialization.definition(context, sql))
      } else if node.resourceType == .test, let test = try DataTestRun(node: context).shared(sql, result) {
        writeStatements(context)
        shared = test
      } else {
        try work(context, sql, &result)
      }
    }
    guard result.status == .success else { return .finished(result) }
    isPending = view != nil || shared != nil
    if let view { return .pending(.view(PendingView(node: context, sql: view.sql, view: view.definition, result: result))) }
    if var shared {
      shared.result.executionTime = result.executionTime
      return .pending(.test(shared))
    }
    return .finished(result)
  }

  /// The SQL of a node, also written to its file; nothing for seeds.
  private func compile(_ context: NodeContext, _ result: inout NodeResult) throws -> String {
    let node = context.node
    guard command != .clone, node.resourceType != .seed else { return "" }
    let began = Date()
    let sql = try Compiler.compile(context).text
    result.timing.append(Timing(name: "compile", startedAt: began, completedAt: Date()))
    result.compiledCode = sql
    try run.write(sql, to: "compiled/" + node.outputPath)
    return sql
  }

  private func work(_ context: NodeContext, _ sql: String, _ result: inout NodeResult) throws {
    let node = context.node
    if command == .clone { return NodeRun.succeed(try CloneMaterialization().build(context), &result) }
    let began = Date()
    defer { result.timing.append(Timing(name: "execute", startedAt: began, completedAt: Date())) }
    defer { writeStatements(context) }
    switch node.resourceType {
    case .model, .snapshot:
      guard !node.isEphemeral else { return }
      NodeRun.succeed(try Materializations.run(context, sql), &result)
      result.relationName = node.relationName
    case .seed:
      NodeRun.succeed(try SeedMaterialization().build(context), &result)
      result.relationName = node.relationName
    case .test: try DataTestRun(node: context).run(sql, &result)
    default: break
    }
  }

  private func writeStatements(_ context: NodeContext) {
    guard !context.written.isEmpty, context.node.resourceType != .seed else { return }
    // What was run is a help, not a result: a full disk shows elsewhere.
    _ = try? run.write(context.written.joined(separator: ";\n"), to: "run/" + context.node.outputPath)
  }

  /// Writes down what a materialization did.
  static func succeed(_ outcome: Outcome, _ result: inout NodeResult) {
    result.message = outcome.message
    result.rowsAffected = outcome.rowsAffected
    result.adapterResponse = ["_message": .string(outcome.message)]
    if let rows = outcome.rowsAffected { result.adapterResponse["rows_affected"] = .int(Int64(rows)) }
  }

  /// Writes down what went wrong.
  static func fail(_ result: inout NodeResult, _ error: any Error, _ context: NodeContext?, _ run: RunContext) {
    let diagnostic = NodeFailure.diagnostic(context.map { SQLMistake(context: $0).explained(error) } ?? error, at: context?.node, run)
    result.status = .error
    result.diagnostic = diagnostic
    result.message = NodeFailure.message(diagnostic, context?.node, hasRun: !(context?.written.isEmpty ?? true), run)
  }

  static func seconds(since began: ContinuousClock.Instant) -> Double {
    let taken = (ContinuousClock.now - began).components
    return Double(taken.seconds) + Double(taken.attoseconds) / 1e18
  }

  private func measure(_ id: String, _ context: NodeContext? = nil, _ body: (inout NodeResult) throws -> Void) -> NodeResult {
    let began = ContinuousClock.now
    var result = NodeResult(uniqueID: id, status: .success)
    do {
      try body(&result)
    } catch let failure as EphemeralFailure {
      result.status = .skipped
      result.diagnostic = failure.cause
      result.message =
        "Compilation Error in \(id), caused by compilation error in referenced ephemeral model \(failure.uniqueID)\n" + failure.cause.message
    } catch {
      NodeRun.fail(&result, error, context, run)
    }
    result.executionTime = NodeRun.seconds(since: began)
    return result
  }
}

/// What a failed node tells: as a diagnostic, and in dbt's words for run_results.json.
enum NodeFailure {
  /// Any error as a diagnostic that names the node.
  static func diagnostic(_ error: any Error, at node: Node?, _ run: RunContext) -> Diagnostic {
    var diagnostic: Diagnostic
    switch error {
    case let error as Diagnostic: diagnostic = error
    case let error as EphemeralFailure: diagnostic = error.cause
    case let errors as Diagnostics:
      diagnostic = errors.all.first ?? Diagnostic(.system, "transform.unknown", "an unknown error occurred")
      if errors.all.count > 1 {
        diagnostic.trail += errors.all.dropFirst().map { "\($0.location?.description ?? ""): \($0.message)" }
      }
    case let fault as Fault:
      diagnostic = Diagnostic(.compilation, "jinja.\(fault.kind.rawValue)", fault.message, at: node?.place, hint: fault.hint)
    default: diagnostic = Diagnostic(.system, "transform.unexpected", "\(error)", at: node?.place)
    }
    guard let node else { return diagnostic }
    let subject = "\(node.resourceType.rawValue) \(node.name)"
    if diagnostic.location == nil {
      diagnostic.location = node.place
    } else if diagnostic.location?.file == nil {
      // Lines of the warehouse's errors are those of the statement, which stands in the file of what was run.
      diagnostic.location?.file = diagnostic.category == .database ? "\(run.relativeTargetPath)/run/\(node.outputPath)" : node.writtenIn
      diagnostic.location?.subject = subject
    }
    return diagnostic
  }

  /// dbt's message of a failed node.
  static func message(_ diagnostic: Diagnostic, _ node: Node?, hasRun: Bool, _ run: RunContext) -> String {
    var lines = [diagnostic.message]
    if let cause = diagnostic.cause, !cause.isEmpty { lines.append(cause) }
    if let node, hasRun { lines.append("compiled code at \(run.relativeTargetPath)/run/\(node.outputPath)") }
    if let hint = diagnostic.hint { lines.append("Try: " + hint) }
    let place = node.map { " in \($0.resourceType.rawValue) \($0.name) (\($0.writtenIn))" } ?? ""
    let body = lines.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n")
    return "\(diagnostic.category.rawValue)\(place)\n\(body)"
  }
}

extension Node {
  /// Its file below `compiled/` and `run/`: `shop/models/orders.sql`; of a generic test below its property file.
  public var outputPath: String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let isOwnFile = originalFilePath == name || originalFilePath.hasSuffix("/" + name)
    return packageName + "/" + originalFilePath + (isOwnFile ? "" : "/" + path)
  }

  /// What messages call the file that it is written in: a query of the command line by its option.
  var writtenIn: String { resourceType == .sqlOperation ? "--inline" : originalFilePath }
}
