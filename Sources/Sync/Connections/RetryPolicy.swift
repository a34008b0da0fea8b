import Diagnostics

/// When a sync that failed is tried again, in the same run (`retry` of a connection).
///
///     retry: {attempts: 3, wait: 10, after: transient}
///
/// Each attempt goes on at the last checkpoint, and leaves out the streams that are complete. Attempts are counted in a row: one
/// that brought a stream on begins the count anew, up to `mostAttempts` in all, as in Airbyte
/// (https://docs.airbyte.com/understanding-airbyte/jobs#attempt-handling). What a repetition cannot mend is never tried again: a wrong
/// configuration, too many bad records, a full disk, an interrupt.
public struct RetryPolicy: Sendable, Equatable {
  /// After which failures.
  public enum Occasion: String, Sendable, CaseIterable {
    /// Those that are known to pass: the source says so itself (`transient_error`) or has fallen silent, or another process
    /// writes to the warehouse.
    case transient
    /// Also all others that another attempt might mend: a source that crashed or broke off.
    case any
  }

  /// How many attempts in a row may bring nothing on; 1 never tries again.
  public var attempts = 3
  /// How many seconds to wait before the second attempt; before each further one three times as long, half an hour at most.
  public var wait = 10.0
  /// After which failures.
  public var occasion = Occasion.transient
  /// How many attempts there are in all.
  public static let mostAttempts = 20

  /// Three attempts.
  public init() {}

  /// The seconds to wait after so many attempts in a row that brought nothing on; nil if that is the end of it.
  func pause(after failures: Int) -> Double? {
    guard failures < attempts else { return nil }
    var pause = wait
    for _ in 1..<max(1, failures) { pause *= 3 }
    return min(pause, 1800)
  }

  private static let passing: Set<String> = ["connector.transient-error", "connector.silent", "warehouse.busy"]
  private static let mendable: Set<String> = ["connector.error", "connector.failed", "connector.incomplete", "connector.discover"]

  /// Whether another attempt may mend something of what failed.
  func isWorthAnother(_ result: ConnectionResult) -> Bool {
    // What lasts and ended the whole would end it again; what lasts and is of one stream does not keep the others.
    if let error = result.error, !RetryPolicy.passing.contains(error.code), !RetryPolicy.mendable.contains(error.code) { return false }
    return result.failures.contains { RetryPolicy.passing.contains($0.code) || occasion == .any && RetryPolicy.mendable.contains($0.code) }
  }
}
