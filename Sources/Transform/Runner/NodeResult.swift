import DataFormats
import Diagnostics
import FoundationEssentials
import Warehouse

/// How a node ended; the raw values are dbt's (run_results.json v6).
public enum NodeStatus: String, Sendable, Hashable {
  /// Built, or compiled.
  case success
  /// Failed for a reason that is not what a test found.
  case error
  /// Not run, because something that it depends on failed.
  case skipped
  /// Some batches of it failed.
  case partialSuccess = "partial success"
  /// A test that found nothing.
  case pass
  /// A test that found something.
  case fail
  /// A test that found something and is not that severe, or a source that is getting old.
  case warn
  /// A source whose freshness could not be found out.
  case runtimeError = "runtime error"
  /// A node that needs no running.
  case noOp = "no-op"

  /// Whether what depends on the node must not run.
  public var blocksDescendants: Bool {
    switch self {
    case .error, .fail, .skipped, .partialSuccess, .runtimeError: true
    default: false
    }
  }

  /// Whether a run with such a node has failed as a whole.
  public var isFailure: Bool {
    switch self {
    case .error, .fail, .partialSuccess, .runtimeError: true
    default: false
    }
  }
}

/// One measured part of a node's work: `compile` or `execute`.
public struct Timing: Sendable, Hashable {
  /// What was done.
  public var name: String
  /// When it began.
  public var startedAt: Date
  /// When it ended.
  public var completedAt: Date

  /// A measured part.
  public init(name: String, startedAt: Date, completedAt: Date) {
    self.name = name
    self.startedAt = startedAt
    self.completedAt = completedAt
  }
}

/// What became of one node.
public struct NodeResult: Sendable {
  /// The node.
  public var uniqueID: String
  /// How it ended.
  public var status: NodeStatus
  /// One line for people: `SELECT 3`, `Got 2 results, configured to fail if != 0`, the error.
  public var message: String?
  /// Of a test, how much it found.
  public var failures: Int?
  /// How many rows were written, as far as known.
  public var rowsAffected: Int?
  /// What the warehouse answered: `_message`, `code`, `rows_affected`.
  public var adapterResponse: JSON = [:]
  /// The measured parts.
  public var timing: [Timing] = []
  /// Seconds from beginning to end.
  public var executionTime: Double = 0
  /// The worker: `Thread-1`.
  public var threadID: String = "Thread-1"
  /// The SQL, Jinja gone; nil if it was not compiled.
  public var compiledCode: String?
  /// The relation as it stands in SQL.
  public var relationName: String?
  /// The error in full.
  public var diagnostic: Diagnostic?
  /// The rows, for `show`.
  public var table: Table?
  /// The batches of a microbatch model.
  public var batches: JSON?

  /// A result; see the properties for the rest.
  public init(uniqueID: String, status: NodeStatus, message: String? = nil) {
    self.uniqueID = uniqueID
    self.status = status
    self.message = message
  }
}

/// What became of a run.
public struct RunResults: Sendable {
  /// One result a node, in the order in which they ended.
  public var results: [NodeResult]
  /// Seconds from beginning to end.
  public var elapsedTime: Double
  /// When the run ended.
  public var generatedAt: Date
  /// The id of the invocation.
  public var invocationID: String

  /// The outcome of a run; see the properties.
  public init(results: [NodeResult], elapsedTime: Double, generatedAt: Date, invocationID: String) {
    self.results = results
    self.elapsedTime = elapsedTime
    self.generatedAt = generatedAt
    self.invocationID = invocationID
  }

  /// Whether everything was done.
  public var isSuccess: Bool { !results.contains { $0.status.isFailure || $0.status == .skipped } }

  /// How many nodes ended how.
  public func count(_ status: NodeStatus...) -> Int {
    results.count { status.contains($0.status) }
  }
}

/// What happens in a run, as it happens.
public enum RunEvent: Sendable {
  /// The run begins: how many nodes, on how many threads.
  case started(nodes: Int, threads: Int)
  /// A node begins: its place among `total`, from 1.
  case nodeStarted(id: String, index: Int, total: Int)
  /// A node ended.
  case nodeFinished(NodeResult, index: Int, total: Int)
  /// A template prints something for whoever runs it: `print(…)`.
  case message(String)
  /// A template or hook has something to say: `log(…)`, with `info=true` to people, otherwise to the log.
  case logged(String, isInfo: Bool)
  /// A statement that the warehouse gets, with its comment: for the log.
  case statement(id: String, sql: String)
  /// Something is odd, but the run goes on.
  case warning(Diagnostic)
}
