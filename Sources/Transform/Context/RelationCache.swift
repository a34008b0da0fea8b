import Synchronization
import Warehouse

/// Which relations exist, loaded once a schema and kept up to date: a run of a thousand views asks the warehouse once.
final class RelationCache: Sendable {
  private struct State {
    var schemas: [String: [String: Relation]] = [:]
    /// The statements of the views of a schema, as the engine keeps them, once somebody has asked.
    var views: [String: Set<String>] = [:]
  }

  private let adapter: any Adapter
  private let state = Mutex(State())

  init(_ adapter: any Adapter) {
    self.adapter = adapter
  }

  /// The relation as it exists; names are compared without regard to case.
  ///
  /// - Parameter session: the transaction that the caller is in, if any: it sees what is not committed yet.
  func find(_ relation: Relation, in session: (any Session)?) throws -> Relation? {
    try relations(in: relation.schema, session)[relation.identifier.lowercased()]
  }

  /// All relations of a schema, by name.
  func list(_ schema: String, in session: (any Session)?) throws -> [Relation] {
    try relations(in: schema, session).values.sorted { $0.identifier < $1.identifier }
  }

  /// Notes that a relation was made.
  func add(_ relation: Relation) {
    state.withLock { $0.schemas[relation.schema]?[relation.identifier.lowercased()] = relation }
  }

  /// Notes that a relation was dropped.
  func remove(_ relation: Relation) {
    state.withLock { _ = $0.schemas[relation.schema]?.removeValue(forKey: relation.identifier.lowercased()) }
  }

  /// Forgets everything: somebody may have changed what exists.
  func invalidate() {
    state.withLock { state in
      state.schemas.removeAll()
      state.views.removeAll()
    }
  }

  /// Whether a view is there already, word for word.
  func has(_ view: ViewDefinition, in session: any Session) throws -> Bool {
    guard let kept = session.keptStatement(view) else { return false }
    let schema = view.relation.schema
    let known: Set<String>
    if let views = state.withLock({ $0.views[schema] }) {
      known = views
    } else {
      known = try session.viewStatements(in: schema)
      state.withLock { $0.views[schema] = known }
    }
    return known.contains(kept)
  }

  private func relations(in schema: String, _ session: (any Session)?) throws -> [String: Relation] {
    if let known = state.withLock({ $0.schemas[schema] }) { return known }
    let found = try adapter.schemas().contains(schema) ? session?.relations(in: schema) ?? adapter.relations(in: schema) : []
    let byName = Dictionary(found.map { ($0.identifier.lowercased(), $0) }) { $1 }
    state.withLock { $0.schemas[schema] = byName }
    return byName
  }
}
