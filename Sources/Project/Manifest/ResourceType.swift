/// What a node of the project is; the raw values are dbt's, and the first part of every unique id.
public enum ResourceType: String, Sendable, Hashable, CaseIterable, Codable {
  /// A SELECT that becomes a relation.
  case model
  /// A query that is compiled and never run.
  case analysis
  /// A query that should return no rows.
  case test
  /// A table that keeps the history of another.
  case snapshot
  /// A CSV file that becomes a table.
  case seed
  /// A hook of the project: `on-run-start`, `on-run-end`.
  case operation
  /// SQL from the command line: `show --inline`.
  case sqlOperation = "sql_operation"
  /// A table that the project reads and does not build.
  case source
  /// A use of the project downstream: a dashboard, a notebook.
  case exposure
  /// A macro.
  case macro
  /// A documentation block.
  case documentation = "doc"
  /// An owner of nodes.
  case group
  /// A test of a model's logic on given rows.
  case unitTest = "unit_test"
  /// A metric of the semantic layer, carried through unread.
  case metric
  /// A semantic model, carried through unread.
  case semanticModel = "semantic_model"
  /// A saved query, carried through unread.
  case savedQuery = "saved_query"

  /// Whether other nodes can `ref` it.
  public var isRefable: Bool { self == .model || self == .seed || self == .snapshot }

  /// The word for several of them, as dbt's counts name them: `data tests`, `analyses`.
  public var plural: String {
    switch self {
    case .analysis: "analyses"
    case .test: "data tests"
    case .unitTest: "unit tests"
    case .sqlOperation: "sql operations"
    case .semanticModel: "semantic models"
    case .savedQuery: "saved queries"
    default: rawValue + "s"
    }
  }
}
