extension SQLiteDialect {
  /// What other engines allow in statements that define or fill relations.
  enum Definitions {
    static func translate(_ tokens: inout [SQLToken]) {
      guard let first = tokens.first, first.kind == .word else { return }
      switch first.text.lowercased() {
      case "create": create(&tokens)
      case "insert": unwrapQuery(&tokens, from: 1)
      case "drop":
        if let last = tokens.last, last.isWord("cascade") || last.isWord("restrict") { tokens.removeLast() }
      case "truncate": truncate(&tokens)
      case "alter": alter(&tokens)
      default: break
      }
    }

    /// `create or replace view v as (select …)` is two statements without parentheses; `create table t as (select …)` has none either.
    private static func create(_ tokens: inout [SQLToken]) {
      var replaced: [SQLToken] = []
      if tokens.count > 4, tokens[1].isWord("or"), tokens[2].isWord("replace") {
        tokens.removeSubrange(1...2)
        let kind = tokens[1].isWord("view") || tokens[1].isWord("table") ? 1 : 2
        if kind < tokens.count, tokens[kind].isWord("view") || tokens[kind].isWord("table") {
          let end = tokens[(kind + 1)...].firstIndex { !$0.isIdentifier && !$0.isSign(".") || $0.isWord("as") } ?? tokens.count
          replaced = [.word("drop", lead: tokens[0].lead), .word(tokens[kind].text, lead: " "), .word("if", lead: " "), .word("exists", lead: " ")]
          replaced += tokens[(kind + 1)..<end] + [.sign(";")]
          tokens[0].lead = " "
        }
      }
      if let query = tokens.firstIndex(where: { $0.isWord("as") }), query + 1 < tokens.count, tokens[query + 1].isSign("(") {
        unwrap(&tokens, at: query + 1)
      }
      tokens = replaced + tokens
    }

    /// `insert into t (a, b) (select …)`.
    private static func unwrapQuery(_ tokens: inout [SQLToken], from start: Int) {
      var at = start
      while at < tokens.count, !tokens[at].isSign("(") {
        if ["select", "with", "values"].contains(tokens[at].text.lowercased()) { return }
        at += 1
      }
      guard at < tokens.count else { return }
      if !isQuery(tokens, at), let close = Expressions.closing(tokens, at) { at = close + 1 }
      if at < tokens.count, tokens[at].isSign("("), isQuery(tokens, at) { unwrap(&tokens, at: at) }
    }

    private static func isQuery(_ tokens: [SQLToken], _ at: Int) -> Bool {
      at + 1 < tokens.count && (tokens[at + 1].isWord("select") || tokens[at + 1].isWord("with") || tokens[at + 1].isSign("("))
    }

    /// Takes away parentheses around all that is left of the statement.
    private static func unwrap(_ tokens: inout [SQLToken], at open: Int) {
      guard isQuery(tokens, open), let close = Expressions.closing(tokens, open), close == tokens.count - 1 else { return }
      tokens.remove(at: close)
      if tokens[open + 1].lead.isEmpty { tokens[open + 1].lead = " " }
      tokens[open + 1].lead = tokens[open].lead + tokens[open + 1].lead
      tokens.remove(at: open)
      if tokens[open].isSign("(") { unwrap(&tokens, at: open) }
    }

    /// `truncate table t` is `delete from t`.
    private static func truncate(_ tokens: inout [SQLToken]) {
      guard tokens.count > 1 else { return }
      let lead = tokens[0].lead
      tokens.removeFirst(tokens[1].isWord("table") && tokens.count > 2 ? 2 : 1)
      if let last = tokens.last, last.isWord("cascade") || last.isWord("restrict") { tokens.removeLast() }
      tokens = [.word("delete", lead: lead), .word("from", lead: " ")] + tokens
    }

    /// SQLite adds one column a statement.
    private static func alter(_ tokens: inout [SQLToken]) {
      guard tokens.count > 5, tokens[1].isWord("table"), let add = tokens.firstIndex(where: { $0.isWord("add") }) else { return }
      let head = Array(tokens[..<add])
      var depth = 0
      var result: [SQLToken] = []
      for (index, token) in tokens.enumerated() {
        if token.isSign("(") { depth += 1 }
        if token.isSign(")") { depth -= 1 }
        if depth == 0, token.isSign(","), index + 1 < tokens.count, tokens[index + 1].isWord("add") {
          result.append(.sign(";"))
          result += head
        } else {
          result.append(token)
        }
      }
      tokens = result
    }
  }
}
