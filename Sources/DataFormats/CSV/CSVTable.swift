import Diagnostics

/// A whole CSV text in memory: small files such as seeds.
public struct CSVTable: Sendable, Equatable {
  /// The names of the columns; without a header in the format, none.
  public var header: [String]
  /// The records, each with as many fields as the header.
  public var rows: [[CSVValue]]
  /// The line that each of `rows` begins on, counted from 1.
  public var lines: [Int]

  /// Reads `bytes`.
  ///
  /// - Parameter file: the file's name for messages, as the user would write it.
  /// - Throws: `Diagnostics`, one for each of the first twenty bad records (`csv.field-count`, `csv.text-after-quote`,
  ///   `csv.unclosed-quote`) with file and line, or `csv.no-header`, `csv.duplicate-column`, `csv.unnamed-column`.
  public init(_ bytes: some Sequence<UInt8>, format: CSVFormat = CSVFormat(), file: String? = nil) throws {
    var reader = CSVReader(format)
    var rows: [[CSVValue]] = []
    var lines: [Int] = []
    var problems: [Diagnostic] = []
    func take(_ row: CSVRow) {
      if let problem = row.problem {
        if problems.count < 20 { problems.append(problem.diagnostic(file: file, line: row.line)) }
      } else {
        rows.append(row.values)
        lines.append(row.line)
      }
    }
    try Array(bytes).withUnsafeBytes { try reader.read($0, take) }
    try reader.finish(take)
    if format.hasHeader {
      problems.insert(contentsOf: CSVTable.problems(of: reader.header, file: file, line: reader.headerLine), at: 0)
    }
    if !problems.isEmpty { throw Diagnostics(problems) }
    self.header = reader.header ?? []
    self.rows = rows
    self.lines = lines
  }

  private static func problems(of header: [String]?, file: String?, line: Int) -> [Diagnostic] {
    guard let header else {
      return [Diagnostic(.parsing, "csv.no-header", "the file is empty", at: SourceLocation(file: file), hint: "its first line must name the columns")]
    }
    var seen: Set<String> = []
    var problems: [Diagnostic] = []
    for (index, name) in header.enumerated() {
      if name.isEmpty {
        problems.append(
          Diagnostic(.parsing, "csv.unnamed-column", "column \(index + 1) has no name", at: SourceLocation(file: file, line: line)))
      } else if !seen.insert(name).inserted {
        problems.append(
          Diagnostic(.parsing, "csv.duplicate-column", "two columns are named '\(name)'", at: SourceLocation(file: file, line: line)))
      }
    }
    return problems
  }
}
