import Diagnostics
import Jinja
import Project
import Warehouse

/// `ref` and `source` while a node is compiled: relations, and common table expressions for ephemeral models.
struct References {
  private let node: NodeContext
  private var run: RunContext { node.run }

  init(_ node: NodeContext) {
    self.node = node
  }

  /// `ref('orders')`, `ref('shop', 'orders')`, `ref('orders', version=2)`.
  func ref(_ call: Call) throws -> Value {
    guard (1...2).contains(call.positional.count), call.positional.allSatisfy({ $0.text != nil }) else {
      throw Fault(.type, "ref() takes at most two positional arguments (\(call.positional.count) given)", hint: "write ref('model')")
    }
    let name = call.positional.last?.text ?? ""
    let package = call.positional.count == 2 ? call.positional[0].text : nil
    let version = try (call.keyword("version") ?? call.keyword("v"))?.str()
    guard let target = try resolve(name, package: package, version: version) else {
      throw Fault(
        .runtime, "Model '\(node.node.uniqueID)' depends on a node named '\(name)'\(package.map { " in package '\($0)'" } ?? "") which was not found",
        hint: Suggestion.didYouMean(name, among: run.manifest.nodes.values.filter { $0.resourceType.isRefable }.map(\.name)))
    }
    if let fixture = node.overrides.fixtures[target.uniqueID] { return .object(try fixture(node)) }
    if let test = node.overrides.test { throw missing("node named '\(name)'", in: test, "ref('\(name)')") }
    guard !target.isEphemeral else { return try ephemeral(target) }
    var relation = Relation(schema: target.schema, identifier: target.alias)
    if let deferred = run.options.deferred[target.uniqueID], !run.isSelected(target.uniqueID),
      try deferred.isFavored || node.find(relation) == nil
    {
      relation = Relation(schema: deferred.schema, identifier: deferred.identifier)
    }
    return .object(limited(node.object(try known(relation, target)), eventTime: target.config.text("event_time")))
  }

  /// The kind is worth knowing to templates that ask for `relation.type`, but not a look into the warehouse.
  private func known(_ relation: Relation, _ target: Node) throws -> Relation {
    var relation = relation
    relation.kind = target.config.materialized == "view" ? .view : .table
    return relation
  }

  /// `source('stripe', 'charges')`.
  func source(_ call: Call) throws -> Value {
    guard call.positional.count == 2, let name = call.positional[0].text, let table = call.positional[1].text else {
      throw Fault(
        .type, "source() takes exactly two arguments (\(call.positional.count) given)", hint: "write source('source name', 'table name')")
    }
    let all = run.manifest.sources.values.filter { $0.sourceName == name && $0.name == table }
    guard let source = all.first(where: { $0.packageName == node.package }) ?? all.first else {
      throw Fault(
        .runtime, "Model '\(node.node.uniqueID)' depends on a source named '\(name).\(table)' which was not found",
        hint: Suggestion.didYouMean("\(name).\(table)", among: run.manifest.sources.values.map(\.searchName)))
    }
    if let fixture = node.overrides.fixtures[source.uniqueID] { return .object(try fixture(node)) }
    if let test = node.overrides.test { throw missing("source named '\(name).\(table)'", in: test, "source('\(name)', '\(table)')") }
    return .object(
      limited(node.object(Relation(schema: source.schema, identifier: source.identifier)), eventTime: source.config.text("event_time")))
  }

  /// A unit test says of every input what it gives, as dbt wants it.
  private func missing(_ target: String, in test: UnitTest, _ input: String) -> Fault {
    Fault(
      .runtime, "Unit_Test '\(test.uniqueID)' (\(test.originalFilePath)) depends on a \(target) which was not found",
      hint: "add it to given:, with no rows if none are needed: {input: \"\(input)\", rows: []}")
  }

  /// The relation with no more rows than the run wants to see: none of them, those of a batch, those of a sample.
  private func limited(_ object: RelationObject, eventTime: String?) -> RelationObject {
    guard node.node.resourceType == .model || node.node.resourceType == .snapshot else { return object }
    let window = eventTime == nil ? nil : node.batch.map { $0.window.narrowed(to: run.options.sample) } ?? run.options.sample
    guard run.options.isEmpty || window != nil else { return object }
    return RelationObject(
      object.relation, database: run.database, adapter: run.adapter, limit: run.options.isEmpty ? 0 : nil,
      condition: eventTime.flatMap { column in window?.condition(on: column) })
  }

  private func ephemeral(_ target: Node) throws -> Value {
    let compiled = try run.ephemeral(target.uniqueID) {
      do {
        return try run.compile(target, worker: node.worker)
      } catch let failure as EphemeralFailure {
        throw failure
      } catch {
        throw EphemeralFailure(uniqueID: target.uniqueID, cause: NodeFailure.diagnostic(error, at: target, run))
      }
    }
    for (id, sql) in compiled.ctes where node.ctes[id] == nil { node.ctes[id] = sql }
    let name = "__dbt__cte__" + target.alias
    if node.ctes[name] == nil { node.ctes[name] = compiled.body }
    return .object(
      RelationObject(
        Relation(schema: target.schema, identifier: name), database: run.database, adapter: run.adapter, isCTE: true,
        limit: run.options.isEmpty ? 0 : nil))
  }

  private func resolve(_ name: String, package: String?, version: String?) throws -> Node? {
    let manifest = run.manifest
    // What the project's loader found for this node comes first: it knows versions and packages.
    let reachable = node.node.dependsOnNodes.compactMap { manifest.nodes[$0] }
    func matches(_ candidate: Node) -> Bool {
      guard candidate.name == name, candidate.resourceType.isRefable, package == nil || candidate.packageName == package else { return false }
      guard let own = candidate.version else { return true }
      if let version { return own.plainText == version }
      return candidate.latestVersion == nil || candidate.latestVersion?.plainText == own.plainText
    }
    if let node = reachable.first(where: matches) { return node }
    if let node = run.refable(name).first(where: { matches($0) && $0.packageName == node.package }) { return node }
    return run.refable(name).first(where: matches)
  }
}

/// An ephemeral model that cannot be compiled: what reads it is skipped.
struct EphemeralFailure: Error {
  var uniqueID: String
  var cause: Diagnostic
}
