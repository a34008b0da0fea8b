extension SQLiteDialect {
  /// `dateadd(month, 1, x)` and `datediff(day, a, b)`, as several engines have them
  /// (docs.snowflake.com/en/sql-reference/functions/dateadd, …/datediff), in SQLite's date functions
  /// (https://www.sqlite.org/lang_datefunc.html). They mean what dbt's macros of these names mean.
  enum DateArithmetic {
    /// A date plus days is a date; months end on the last day of the month where the day does not exist.
    ///
    /// - Returns: nil if `part` is no part of a date that this knows.
    static func sum(_ part: String, _ count: String, _ base: String) -> String? {
      switch singular(part) {
      case "year": months("(\(count)) * 12", base)
      case "quarter": months("(\(count)) * 3", base)
      case "month": months("(\(count))", base)
      case "week": "substr(datetime(\(base), ((\(count)) * 7) || ' day'), 1, max(length(\(base)), 10))"
      case "day": "substr(datetime(\(base), (\(count)) || ' day'), 1, max(length(\(base)), 10))"
      case "hour", "minute", "second": "datetime(\(base), (\(count)) || ' \(singular(part))')"
      default: nil
      }
    }

    /// The number of boundaries between the two: from 23:59 to 00:01 is one day.
    ///
    /// - Returns: nil if `part` is no part of a date that this knows.
    static func difference(_ part: String, _ first: String, _ second: String) -> String? {
      func step(_ number: (String) -> String) -> String { "(\(number(second)) - \(number(first)))" }
      return switch singular(part) {
      case "year": step { "strftime('%Y', \($0))" }
      case "quarter": step { "(strftime('%Y', \($0)) * 4 + (strftime('%m', \($0)) - 1) / 3)" }
      case "month": step { "(strftime('%Y', \($0)) * 12 + strftime('%m', \($0)))" }
      case "week": step { "cast(julianday(date(\($0))) + 1.5 as integer) / 7" }
      case "day": step { "cast(julianday(date(\($0))) + 0.5 as integer)" }
      case "hour": step { "strftime('%s', strftime('%Y-%m-%d %H:00:00', \($0))) / 3600" }
      case "minute": step { "strftime('%s', strftime('%Y-%m-%d %H:%M:00', \($0))) / 60" }
      case "second": step { "strftime('%s', \($0))" }
      default: nil
      }
    }

    private static func months(_ count: String, _ base: String) -> String {
      """
      substr(min(datetime(\(base), (\(count)) || ' month'), date(\(base), 'start of month', (\(count) + 1) || ' month', '-1 day') \
      || ' ' || time(\(base))), 1, max(length(\(base)), 10))
      """
    }

    private static func singular(_ part: String) -> String { part.hasSuffix("s") ? String(part.dropLast()) : part }
  }
}
