import Project
import Warehouse

/// A view that shows the relation of an earlier run in place of a node (docs.getdbt.com/reference/commands/clone); this
/// engine copies no tables without reading them.
struct CloneMaterialization {
  /// Makes the view, unless the relation is there already and is not to be replaced.
  func build(_ node: NodeContext) throws -> Outcome {
    let run = node.run
    guard let other = run.options.deferred[node.node.uniqueID] else {
      run.report(.logged("No relation found in state manifest for \(node.node.uniqueID)", isInfo: true))
      return Outcome(message: "No-op")
    }
    try node.createSchema(node.node.schema)
    let existing = try node.find(node.relation)
    if let existing, !run.options.fullRefresh {
      run.report(.logged("Relation \(run.adapter.render(existing)) already exists", isInfo: true))
      return Outcome(message: "No-op")
    }
    let shown = Relation(schema: other.schema, identifier: other.identifier)
    guard !shown.isSame(as: node.relation) else {
      run.report(.logged("\(run.adapter.render(shown)) is the relation itself, skipping clone for relation", isInfo: true))
      return Outcome(message: "No-op")
    }
    return try node.transaction { session in
      if let existing { try session.drop(existing) }
      let create = try node.call("get_create_view_as_sql", [.object(node.object(node.relation)), .string("select * from \(run.adapter.render(shown))")])
      try node.ran(create)
      try session.execute(create)
      run.cache.add(Relation(schema: node.relation.schema, identifier: node.relation.identifier, kind: .view))
      return Outcome(message: "CREATE VIEW")
    }
  }
}
