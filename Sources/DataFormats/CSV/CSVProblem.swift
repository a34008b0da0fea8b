import Diagnostics

/// What can be wrong with a record of a CSV text. Reading goes on behind it.
public enum CSVProblem: Sendable, Hashable {
  /// The record has `found` fields where the header, or the first record, has `expected`.
  case fieldCount(found: Int, expected: Int)
  /// Text stands between a closing quote and the next delimiter, at `column` (in bytes from 1) of the record.
  case textAfterQuote(column: Int)
  /// The quote that opens at `column` (in bytes from 1) never closes. Reading goes on with the next line.
  case unclosedQuote(column: Int)

  /// The problem as an error that a user reads.
  ///
  /// - Parameters:
  ///   - file: the file, as the user would name it.
  ///   - line: the line that the record begins on.
  public func diagnostic(file: String?, line: Int) -> Diagnostic {
    switch self {
    case .fieldCount(let found, let expected):
      Diagnostic(
        .parsing, "csv.field-count", "the record has \(found) \(found == 1 ? "field" : "fields"), but \(expected) are expected",
        at: SourceLocation(file: file, line: line),
        hint: found > expected
          ? "a field that holds the delimiter must stand in double quotes"
          : "check the line for a missing delimiter, and that the delimiter of the file is the configured one")
    case .textAfterQuote(let column):
      Diagnostic(
        .parsing, "csv.text-after-quote", "text follows a closing quote", at: SourceLocation(file: file, line: line, column: column),
        hint: "a quote inside a quoted field is written twice: \"\"")
    case .unclosedQuote(let column):
      Diagnostic(
        .parsing, "csv.unclosed-quote", "a quoted field is not closed", at: SourceLocation(file: file, line: line, column: column),
        hint: "close the quote; a quote that is meant literally is written twice inside quotes")
    }
  }
}
