/// Rows under headings, with columns as wide as they need: numbers to the right, texts to the left.
struct TextTable {
  private let headings: [String]
  private var rows: [[String]] = []

  init(_ headings: [String]) {
    self.headings = headings
  }

  /// Adds a row; missing cells are empty.
  mutating func add(_ cells: [String]) {
    rows.append(cells + Array(repeating: "", count: max(0, headings.count - cells.count)))
  }

  /// The lines; cells wider than `limit` columns are cut with an ellipsis, and what ends the lines in blanks is cut off.
  func lines(limit: Int = 60) -> [String] {
    let cut = rows.map { $0.map { TextTable.shortened($0, to: limit) } }
    let widths = headings.indices.map { column in
      max(TextTable.width(headings[column]), cut.map { TextTable.width($0[column]) }.max() ?? 0)
    }
    let numeric = headings.indices.map { column in
      !rows.isEmpty && rows.allSatisfy { row in row[column].isEmpty || row[column].allSatisfy { $0.isNumber || ",.-+% /skMB".contains($0) } }
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let blanks = String(repeating: " ", count: max(0, widths[column] - TextTable.width(cells[column])))
        return numeric[column] ? blanks + cells[column] : cells[column] + blanks
      }
      return TextTable.trimmed(padded.joined(separator: "  "))
    }
    return [line(headings), TextTable.trimmed(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))] + cut.map(line)
  }

  /// `text` in at most `limit` columns of one line.
  static func shortened(_ text: String, to limit: Int) -> String {
    let flat = text.contains(where: \.isNewline) ? String(text.map { $0.isNewline ? " " : $0 }) : text
    guard width(flat) > limit else { return flat }
    var result = ""
    var used = 0
    for character in flat {
      used += width(character)
      if used > limit - 1 { break }
      result.append(character)
    }
    return result + "…"
  }

  /// How many columns a terminal gives the text: East Asian wide characters and emoji take two.
  static func width(_ text: String) -> Int {
    text.utf8.count == text.count ? text.count : text.reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default:
      return 1
    }
  }

  private static func trimmed(_ text: String) -> String {
    guard let last = text.lastIndex(where: { $0 != " " }) else { return "" }
    return String(text[...last])
  }
}
