/// How syncs are run.
public struct SyncOptions: Sendable {
  /// Read everything anew, and replace the rows when that has succeeded.
  public var fullRefresh = false
  /// Take over what has changed in the sources, whatever the connections' policy.
  public var approves = false
  /// How many seconds a source may be silent before it is ended.
  public var heartbeat: Double = 20 * 60
  /// How many seconds to wait for another sync of the same connection to end.
  public var lockPatience: Double = 0
  /// How many attempts in a row may bring nothing on; nil leaves that to the connections (see `RetryPolicy`).
  public var attempts: Int?
  /// How many connections are synced at a time.
  public var threads = 4
  /// The schemas of the project's connections, by their names: where two share one, neither may replace the other's rows.
  public var schemas: [String: String] = [:]
  /// The project's folder: where connectors run, and where `.scv` is.
  public var projectFolder: String

  /// Options with their defaults.
  public init(projectFolder: String) {
    self.projectFolder = projectFolder
  }
}
