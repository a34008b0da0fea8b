/// What relations are called in SQLite, and what a name found there means.
struct SQLiteNaming {
  let layout: SQLiteLayout

  init(_ layout: SQLiteLayout) {
    self.layout = layout
  }

  static func quote(_ identifier: String) -> String {
    identifier.utf8.contains(UInt8(ascii: "\"")) ? "\"" + identifier.replacing("\"", with: "\"\"") + "\"" : "\"" + identifier + "\""
  }

  func render(_ relation: Relation) -> String {
    switch layout {
    case .prefixes: SQLiteNaming.quote(physicalName(relation))
    case .attached: SQLiteNaming.quote(relation.schema) + "." + SQLiteNaming.quote(relation.identifier)
    }
  }

  /// The name in sqlite_master.
  func physicalName(_ relation: Relation) -> String {
    guard case .prefixes(_, let schema) = layout, relation.schema != schema, !relation.schema.isEmpty else { return relation.identifier }
    return relation.schema + "__" + relation.identifier
  }

  /// The sqlite_master of a schema.
  func master(of schema: String) -> String {
    if case .attached = layout { SQLiteNaming.quote(schema) + ".sqlite_master" } else { "main.sqlite_master" }
  }

  /// The schema qualifier of pragma functions.
  func pragmaSchema(of schema: String) -> String {
    if case .attached = layout { schema } else { "main" }
  }
}
