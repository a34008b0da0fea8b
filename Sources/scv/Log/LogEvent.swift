import DataFormats
import OrderedCollections

/// One thing that happened, for people (`message`) and for programs (`name`, `code`, `data`).
///
/// Names and codes are those of dbt's events (docs.getdbt.com/reference/events-logging), since programs that watch runs know them.
struct LogEvent: Sendable {
  /// How much it matters.
  enum Level: String, Sendable, Comparable, CaseIterable {
    case debug, info, warn, error, none

    private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
    static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
  }

  /// The kind: `LogModelResult`.
  var name: String
  /// The kind's short code: `Q012`.
  var code: String
  /// How much it matters.
  var level = Level.info
  /// What is shown to people.
  var message: String
  /// Whether it is what the user asked for, and so shown whatever the level is: `print(…)`.
  var isOutput = false
  /// The thread that it happened on.
  var thread = "MainThread"
  /// The particulars.
  var data: OrderedDictionary<String, JSON> = [:]
}
