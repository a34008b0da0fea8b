/// A view that is to be made: what it is called, and the whole statement that makes it.
public struct ViewDefinition: Sendable {
  /// The view.
  public var relation: Relation
  /// `create view … as …`.
  public var statement: String

  /// Names a view and its statement.
  public init(relation: Relation, statement: String) {
    self.relation = relation
    self.statement = statement
  }
}
