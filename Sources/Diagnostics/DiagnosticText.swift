extension Diagnostic: CustomStringConvertible {
  /// The diagnostic as it is shown on a terminal or in a log, over several lines and without colours:
  ///
  ///     Compilation Error [project.unknown-ref]: model 'customers' refs 'orderz', which does not exist
  ///       --> models/customers.sql:3:8
  ///        3 | from {{ ref('orderz') }}
  ///          |         ^^^
  ///       Try: did you mean 'orders'?
  public var description: String {
    let title = severity == .warning ? "Warning" : category.rawValue
    var text = "\(title) [\(code)]: \(message)"
    if let place = location?.description, !place.isEmpty { text += "\n  --> \(place)" }
    if let window { text += "\n" + window.description }
    for step in trail { text += "\n  in \(step)" }
    if let cause, !cause.isEmpty { text += "\n  Cause: " + Diagnostic.indented(cause) }
    if let hint, !hint.isEmpty { text += "\n  Try: " + Diagnostic.indented(hint) }
    return text
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n       ")
  }
}

extension SourceWindow: CustomStringConvertible {
  /// The lines with their numbers, and carets under the place of the error.
  public var description: String {
    let width = max(5, String(firstLine + lines.count - 1).count + 2)
    func margin(_ label: String) -> String { String(repeating: " ", count: max(0, width - label.count)) + label + " |" }
    var rows: [String] = []
    for (offset, text) in lines.enumerated() {
      let number = firstLine + offset
      rows.append(margin(String(number)) + (text.isEmpty ? "" : " " + text))
      guard number == line, let column else { continue }
      // Tabs stay tabs, so that the carets stand under the same column however wide a terminal draws them.
      let before = text.prefix(max(0, column - 1)).map { $0 == "\t" ? "\t" : " " }.joined()
      let carets = String(repeating: "^", count: max(1, min(length, text.count - column + 1)))
      rows.append(margin("") + " " + before + carets)
    }
    return rows.joined(separator: "\n")
  }
}

extension Diagnostics: CustomStringConvertible {
  /// Every diagnostic, a blank line between.
  public var description: String {
    (all.map(\.description) + (remainder.map { [$0] } ?? [])).joined(separator: "\n\n")
  }
}
