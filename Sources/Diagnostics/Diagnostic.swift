/// Something that went wrong, told so that its reader can mend it: what happened, where, why, and what to try.
///
/// Every error that a user can cause reaches them as a `Diagnostic`. `message` is one sentence without a final period and
/// without secrets; `code` is stable and searchable, in the form `area.problem` (`project.unknown-ref`).
///
///     throw Diagnostic(.compilation, "project.unknown-ref", "model 'customers' refs 'orderz', which does not exist",
///                      at: SourceLocation(file: "models/customers.sql", line: 3, column: 8), hint: "did you mean 'orders'?")
public struct Diagnostic: Error, Sendable, Equatable {
  /// What kind of thing went wrong. The titles are dbt's, since tools tell its errors apart by them.
  public enum Category: String, Sendable, CaseIterable {
    /// The command line was wrong.
    case usage = "Usage Error"
    /// A project, profile or connection file is missing, unreadable or contradicts itself.
    case configuration = "Runtime Error"
    /// A file is not of its format: YAML, JSON, CSV.
    case parsing = "Parsing Error"
    /// A template or the graph of a project does not hold together.
    case compilation = "Compilation Error"
    /// An enforced contract was broken since the state that the project is compared with.
    case brokenContract = "Breaking change to contract Error"
    /// What a command builds on is not there, such as an artifact of an earlier run: named as dbt names it.
    case `internal` = "Internal Error"
    /// The warehouse refused a statement.
    case database = "Database Error"
    /// A connector, or the system behind it, failed.
    case connector = "Connector Error"
    /// The machine failed: disk, memory, network, processes.
    case system = "System Error"

    /// The exit code of a command that ends with this error: 2 for usage and projects, 1 for what failed while running.
    public var exitCode: Int32 {
      switch self {
      case .usage, .configuration, .parsing, .compilation, .brokenContract, .internal: 2
      case .database, .connector, .system: 1
      }
    }
  }

  /// How much it matters.
  public enum Severity: String, Sendable {
    /// The work it belongs to failed.
    case error
    /// The work went on.
    case warning
  }

  /// What kind of thing went wrong; decides title and exit code.
  public var category: Category
  /// A stable name of the form `area.problem`.
  public var code: String
  /// Whether the work it belongs to failed.
  public var severity: Severity
  /// One sentence: what happened.
  public var message: String
  /// Where, as far as known.
  public var location: SourceLocation?
  /// The lines around `location`, if the source is at hand.
  public var window: SourceWindow?
  /// The way there, outermost first: the macros that were being called, the file that included this one.
  public var trail: [String]
  /// What to try.
  public var hint: String?
  /// The error behind this one, in the words of whoever reported it.
  public var cause: String?

  /// Makes a diagnostic; see the properties for the parameters.
  public init(
    _ category: Category, _ code: String, _ message: String, at location: SourceLocation? = nil, window: SourceWindow? = nil,
    trail: [String] = [], hint: String? = nil, cause: String? = nil, severity: Severity = .error
  ) {
    self.category = category
    self.code = code
    self.severity = severity
    self.message = message
    self.location = location
    self.window = window
    self.trail = trail
    self.hint = hint
    self.cause = cause
  }
}

/// Several things that went wrong at once, for a loader that reports the first twenty of a project in one go.
public struct Diagnostics: Error, Sendable, Equatable {
  /// The errors and warnings, in the order in which they were found; at least one.
  public var all: [Diagnostic]
  /// How many more errors there are.
  public var omitted: Int

  /// Collects `all`.
  public init(_ all: [Diagnostic], omitted: Int = 0) {
    self.all = all
    self.omitted = omitted
  }

  /// The errors among them.
  public var errors: [Diagnostic] { all.filter { $0.severity == .error } }
  /// The warnings among them.
  public var warnings: [Diagnostic] { all.filter { $0.severity == .warning } }
  /// A line about the errors that are not shown; nil if all are.
  public var remainder: String? { omitted == 0 ? nil : "… and \(omitted) more error\(omitted == 1 ? "" : "s")" }
}
