import DataFormats
import OrderedCollections
import Project

/// What a command does with the nodes that it selected; the raw values are dbt's names of commands.
public enum TransformCommand: String, Sendable {
  /// Builds models.
  case run
  /// Loads CSV files.
  case seed
  /// Runs data tests and unit tests.
  case test
  /// Keeps the history of tables.
  case snapshot
  /// All of these, tests before what is downstream of what they test.
  case build
  /// Writes the SQL of every node and runs nothing.
  case compile
  /// Makes views that show the relations of an earlier run.
  case clone
}

/// How nodes are run: what dbt calls global flags.
public struct TransformOptions: Sendable {
  /// How many nodes run at once.
  public var threads = 4
  /// `--full-refresh`: incremental models and seeds are built anew.
  public var fullRefresh = false
  /// `--fail-fast`: the first failure ends the run.
  public var failFast = false
  /// `--store-failures`: what tests find is kept in tables; nil leaves it to the tests' configuration.
  public var storeFailures: Bool?
  /// `--empty`: refs and sources give no rows.
  public var isEmpty = false
  /// `--sample`: of inputs with an `event_time`, only this window is read.
  public var sample: EventWindow?
  /// Batches that failed in an earlier run, and are all that is built now, by model; each from its first moment to its last.
  public var failedBatches: [String: [(start: String, end: String)]] = [:]
  /// `--warn-error`: warnings of tests are errors.
  public var warnError = false
  /// `--event-time-start`, for microbatch models.
  public var eventTimeStart: String?
  /// `--event-time-end`, for microbatch models.
  public var eventTimeEnd: String?
  /// Where compiled SQL and artifacts go, an absolute path.
  public var targetPath: String
  /// Whether compiled SQL holds the ephemeral models that it reads: `--no-inject-ephemeral-ctes` says no.
  public var injectsEphemerals = true
  /// Whether compiled and run SQL is written to files.
  public var writesFiles = true
  /// The words of the command line, for the artifacts and `invocation_args_dict`.
  public var arguments: OrderedDictionary<String, JSON> = [:]
  /// `--defer`: relations of an earlier run to read where the own ones are not selected and do not exist, by unique id.
  public var deferred: [String: DeferredRelation] = [:]

  /// Options with dbt's defaults.
  public init(targetPath: String) {
    self.targetPath = targetPath
  }
}

/// A relation of an earlier run that stands in for one that was not built.
public struct DeferredRelation: Sendable {
  /// Its schema.
  public var schema: String
  /// Its name.
  public var identifier: String
  /// Whether it is used even if the own relation exists: `--favor-state`.
  public var isFavored: Bool

  /// Names a relation.
  public init(schema: String, identifier: String, isFavored: Bool = false) {
    self.schema = schema
    self.identifier = identifier
    self.isFavored = isFavored
  }
}

/// A node of the project; Jinja's nodes of a syntax tree bear the same name.
typealias Node = Project.Node
