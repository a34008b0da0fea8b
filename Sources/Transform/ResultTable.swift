import DataFormats
import OrderedCollections
import Warehouse

/// The rows of a query for people and programs: as a text table, CSV or JSON.
public struct ResultTable: Sendable {
  /// The rows.
  public let table: Table

  /// Shows `table`.
  public init(_ table: Table) {
    self.table = table
  }

  /// One JSON object a row.
  public var json: JSON {
    .array(
      table.rows.map { row in
        .object(OrderedDictionary(zip(table.columns, row.map(JSON.init))) { $1 })
      })
  }

  /// CSV with a header (RFC 4180); NULL is empty.
  public var csv: String {
    func quoted(_ text: String) -> String {
      guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
      return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
    let lines = [table.columns.map(quoted)] + table.rows.map { $0.map { quoted($0.text ?? "") } }
    return lines.map { $0.joined(separator: ",") }.joined(separator: "\n")
  }

  /// A table between bars, one line a row, long cells cut short, numbers to the right.
  public func text(maxRows: Int = .max, maxWidth: Int = 60) -> String {
    func cell(_ text: String) -> String {
      let line = text.replacing("\n", with: " ")
      return line.count > maxWidth ? line.prefix(maxWidth - 1) + "…" : line
    }
    let shown = table.rows.prefix(maxRows)
    let rows = [table.columns.map(cell)] + shown.map { $0.map { cell($0.text ?? "") } }
    let widths = table.columns.indices.map { index in rows.map { $0[index].count }.max() ?? 0 }
    let isNumeric = table.columns.indices.map { index in
      shown.contains { !$0[index].isNull } && shown.allSatisfy { $0[index].isNull || $0[index].isNumber }
    }
    var lines = rows.map { row in
      "| "
        + row.indices.map { index in
          let padding = String(repeating: " ", count: widths[index] - row[index].count)
          return isNumeric[index] ? padding + row[index] : row[index] + padding
        }.joined(separator: " | ") + " |"
    }
    lines.insert("| " + widths.map { String(repeating: "-", count: $0) }.joined(separator: " | ") + " |", at: 1)
    if table.rows.count > maxRows { lines.append("| … \(table.rows.count - maxRows) more rows") }
    return lines.joined(separator: "\n")
  }
}

extension JSON {
  /// A value of a result; bytes become hexadecimal text.
  public init(_ value: SQLValue) {
    switch value {
    case .null: self = .null
    case .integer(let number): self = .int(number)
    case .real(let number): self = .double(number)
    case .text(let text): self = .string(text)
    case .blob: self = .string(value.text ?? "")
    }
  }
}
