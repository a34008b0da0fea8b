import Crypto
import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import OrderedCollections
import Project
import Synchronization
import Warehouse

/// What all nodes of one run share: project, warehouse, compiled macros, the names that mean the same for every node.
final class RunContext: @unchecked Sendable {
  let project: LoadedProject
  let adapter: any Adapter
  let options: TransformOptions
  let command: String
  let invocationID: String
  let startedAt: Date
  let selected: [String]
  private let selectedSet: Set<String>
  let report: @Sendable (RunEvent) -> Void
  let cache: RelationCache
  let macros: MacroLibrary
  let relationClass: RelationClass
  let columnClass: ColumnClass
  /// What every template sees, whatever node it belongs to.
  private(set) var shared = RenderContext()
  private let ephemerals = Mutex<[String: CompiledSQL]>([:])
  private let refables: [String: [Node]]
  private let folders = Mutex<Set<String>>([])
  private let results = Mutex<[NodeResult]>([])

  init(
    project: LoadedProject, adapter: any Adapter, options: TransformOptions, command: String, invocationID: String, startedAt: Date,
    selected: [String], macros: MacroLibrary, report: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.project = project
    facts = ReferenceFunction.facts(
      project.packages, root: project.configuration.name, profile: project.profile, cliVars: project.options.vars)
    self.adapter = adapter
    queryComment = QueryComment(project)
    self.options = options
    self.command = command
    self.invocationID = invocationID
    self.startedAt = startedAt
    self.selected = selected
    selectedSet = Set(selected)
    self.report = report
    self.macros = macros
    cache = RelationCache(adapter)
    refables = Dictionary(grouping: project.manifest.nodes.values.filter(\.resourceType.isRefable), by: \.name)
    relationClass = RelationClass(adapter: adapter, database: project.profile.database)
    columnClass = ColumnClass(adapter)
    shared = RenderContext(SharedFunctions.variables(of: self), lookup: { [unowned self] name, _ in try self.lateVariable(name) })
  }

  /// What the log says in front of statements.
  let queryComment: QueryComment

  /// The moment that the run takes for now, in UTC.
  var now: CivilTime { CivilTime.now(project.options.environment, startedAt) }

  var manifest: Manifest { project.manifest }
  /// What `builtins.ref.config` says.
  let facts: JSON
  var database: String { project.profile.database }
  var target: Value { Value(json: project.profile.target) }

  /// The models, seeds and snapshots of a name.
  func refable(_ name: String) -> [Node] { refables[name] ?? [] }

  /// Whether a node is part of this run.
  func isSelected(_ id: String) -> Bool { selectedSet.contains(id) }

  /// Where `print` writes.
  var printer: @Sendable (String) -> Void {
    { [report] text in report(.message(text)) }
  }

  /// `graph`, made when somebody asks, since most projects never do. One for the whole run, as in dbt: macros keep in it what
  /// others are to find later (`graph.setdefault`).
  private lazy var graph: Value = {
    let graph = GraphValue.make(manifest)
    graph.share()
    return graph
  }()
  private let graphLock = Mutex<Void>(())

  /// `graph` and the like, for those who ask.
  private func lateVariable(_ name: String) throws -> Value? {
    switch name {
    case "graph": graphLock.withLock { _ in graph }
    case "results": try ResultValues.make(results.withLock { $0 }, manifest)
    case "schemas": Value(OrderedSet(selected.compactMap { manifest.nodes[$0] }.filter(\.isRelational).map(\.schema)).map { .string($0) })
    case "database_schemas":
      Value(
        OrderedSet(selected.compactMap { manifest.nodes[$0] }.filter(\.isRelational).map(\.schema)).map {
          .tuple([.string(database), .string($0)])
        })
    default: nil
    }
  }

  /// The target folder as the user would name it.
  var relativeTargetPath: String {
    let root = project.configuration.root + "/"
    return options.targetPath.hasPrefix(root) ? String(options.targetPath.dropFirst(root.count)) : options.targetPath
  }

  /// Makes the results of the run known to on-run-end hooks.
  func publish(_ finished: [NodeResult]) {
    results.withLock { $0 = finished }
  }

  /// Compiles a node that another one needs.
  func compile(_ node: Node, worker: Int) throws -> CompiledSQL {
    let context = NodeContext(self, node, worker: worker)
    defer { context.end() }
    return try Compiler.compile(context)
  }

  /// The compiled form of an ephemeral model, compiled once a run.
  func ephemeral(_ id: String, _ compile: () throws -> CompiledSQL) throws -> CompiledSQL {
    if let known = ephemerals.withLock({ $0[id] }) { return known }
    let compiled = try compile()
    ephemerals.withLock { $0[id] = compiled }
    return compiled
  }

  /// Writes a text to a file below the target folder; its folder is made the first time.
  func write(_ text: String, to path: String) throws {
    guard options.writesFiles else { return }
    let file = options.targetPath + "/" + path
    let folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    do {
      if folders.withLock({ !$0.contains(folder) }) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = folders.withLock { $0.insert(folder) }
      }
      try FileText.write(text, to: file)
    } catch let error as Diagnostic {
      throw error
    } catch {
      throw Diagnostic(
        .system, "target.cannot-write", "the folder of compiled SQL cannot be made", at: SourceLocation(file: folder),
        hint: "check who may write there, or choose another with --target-path", cause: "\(error.localizedDescription)")
    }
  }
}
