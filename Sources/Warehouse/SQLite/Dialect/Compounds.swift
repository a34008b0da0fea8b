extension SQLiteDialect {
  /// Members of compound queries in parentheses, as `(select …) union all (select …)`: SQLite takes no parentheses there, but a
  /// query over what stands in them.
  enum Compounds {
    private static let operators: Set<String> = ["union", "except", "intersect"]

    static func translate(_ tokens: inout [SQLToken]) {
      guard tokens.contains(where: { $0.kind == .word && operators.contains($0.text.lowercased()) }) else { return }
      var at = 0
      while at < tokens.count {
        if isMember(tokens, at) {
          let lead = tokens[at].lead
          tokens[at].lead = " "
          tokens.insert(contentsOf: [.word("select", lead: lead), .sign("*", lead: " "), .word("from", lead: " ")], at: at)
          at += 3
        }
        at += 1
      }
    }

    /// Whether the parenthesis at `open` holds a member of a compound query: a query, with an operator behind it or before it.
    private static func isMember(_ tokens: [SQLToken], _ open: Int) -> Bool {
      guard tokens[open].isSign("("), let first = tokens[(open + 1)...].first(where: { !$0.isSign("(") }),
        first.kind == .word, ["select", "with", "values"].contains(first.text.lowercased())
      else { return false }
      if open > 0, isOperator(tokens, open - 1) { return true }
      guard open == 0 || tokens[open - 1].isSign("(") || tokens[open - 1].isSign(")") || tokens[open - 1].isWord("as"),
        let close = Expressions.closing(tokens, open), close + 1 < tokens.count
      else { return false }
      return tokens[close + 1].kind == .word && operators.contains(tokens[close + 1].text.lowercased())
    }

    /// Whether a compound's operator ends at `at`: `union`, `union all`.
    private static func isOperator(_ tokens: [SQLToken], _ at: Int) -> Bool {
      guard tokens[at].kind == .word else { return false }
      let word = tokens[at].text.lowercased()
      if operators.contains(word) { return true }
      return ["all", "distinct"].contains(word) && at > 0 && tokens[at - 1].kind == .word && operators.contains(tokens[at - 1].text.lowercased())
    }
  }
}
