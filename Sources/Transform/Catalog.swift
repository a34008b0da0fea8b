import Project
import Warehouse

/// What the warehouse holds of a project's relations: the columns that really exist.
public struct Catalog: Sendable {
  /// One relation.
  public struct Entry: Sendable {
    /// The node or source that it belongs to.
    public var uniqueID: String
    /// The relation as it exists.
    public var relation: Relation
    /// Its columns, in order.
    public var columns: [Column]
    /// What the project says about it.
    public var comment: String?
  }

  /// Models, seeds and snapshots that exist.
  public var nodes: [Entry] = []
  /// Source tables that exist.
  public var sources: [Entry] = []

  /// A catalog of nothing.
  public init() {}

  /// Looks into the warehouse.
  ///
  /// - Throws: `Diagnostic`.
  public init(project: LoadedProject, adapter: any Adapter) throws {
    let cache = RelationCache(adapter)
    let manifest = project.manifest
    try adapter.read { session in
      func entry(_ id: String, _ relation: Relation) throws -> Entry? {
        guard let found = try cache.find(relation, in: session) else { return nil }
        return Entry(uniqueID: id, relation: found, columns: try session.columns(of: found))
      }
      for node in manifest.nodes.values where node.isRelational {
        if let entry = try entry(node.uniqueID, Relation(schema: node.schema, identifier: node.alias)) { nodes.append(entry) }
      }
      for source in manifest.sources.values {
        if let entry = try entry(source.uniqueID, Relation(schema: source.schema, identifier: source.identifier)) { sources.append(entry) }
      }
    }
  }
}
