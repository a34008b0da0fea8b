/// A table or view of the warehouse by its name, whether it exists or not.
public struct Relation: Sendable, Hashable {
  /// What stands behind the name.
  public enum Kind: String, Sendable {
    /// A table.
    case table
    /// A view.
    case view
  }

  /// The database, where the engine has several; SQLite has none.
  public var database: String?
  /// The schema: a prefix, an attached file or a true schema, as the engine has it.
  public var schema: String
  /// The name inside the schema.
  public var identifier: String
  /// What it is, if known.
  public var kind: Kind?

  /// Names a relation.
  public init(database: String? = nil, schema: String, identifier: String, kind: Kind? = nil) {
    self.database = database
    self.schema = schema
    self.identifier = identifier
    self.kind = kind
  }

  /// Whether both name the same relation; what it is does not matter.
  public func isSame(as other: Relation) -> Bool {
    schema == other.schema && identifier == other.identifier
  }
}

/// A column of a relation as the engine declares it.
public struct Column: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The declared type in the engine's words; empty where it declares none (a view's expression in SQLite).
  public var type: String
  /// Whether NULL is refused.
  public var isRequired: Bool
  /// The place in the primary key, from 1; 0 for columns outside it.
  public var primaryKeyPosition: Int

  /// Describes a column.
  public init(name: String, type: String, isRequired: Bool = false, primaryKeyPosition: Int = 0) {
    self.name = name
    self.type = type
    self.isRequired = isRequired
    self.primaryKeyPosition = primaryKeyPosition
  }
}
