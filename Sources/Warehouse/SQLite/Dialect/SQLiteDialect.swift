/// SQL in common spellings of other engines, PostgreSQL's before all, to SQLite's, so that a project written for those runs.
///
/// Works on tokens, never inside of quotes and comments, and leaves alone what SQLite understands as it was meant. What comes out
/// uses SQLite's own functions only: a view that was created from it opens in any tool. docs/decisions/ says what is covered.
struct SQLiteDialect {
  /// A part of a script.
  enum Part: Equatable {
    /// One or more statements.
    case sql(String)
    /// `CREATE SCHEMA`.
    case createSchema(String)
    /// `DROP SCHEMA`.
    case dropSchema(String)
  }

  /// The name that may stand before a schema: SQLite has no databases.
  let database: String?
  let naming: SQLiteNaming
  /// Whether a name is that of a schema that exists.
  let isSchema: (String) -> Bool

  /// `sql` as SQLite takes it.
  func translate(_ sql: String) -> [Part] {
    guard SQLiteDialectTriggers(database: database, hasPrefixes: hasPrefixes).found(in: sql) else { return [.sql(sql)] }
    let (tokens, rest) = SQLToken.tokens(of: sql)
    var parts: [Part] = []
    var pending = ""
    var statements = tokens.split(omittingEmptySubsequences: false) { $0.isSign(";") }
    let separators = tokens.filter { $0.isSign(";") }
    if statements.last?.isEmpty == true { statements.removeLast() }
    for (index, statement) in statements.enumerated() {
      let statement = Array(statement)
      let end = index < separators.count ? separators[index].lead + ";" : ""
      if let command = schemaCommand(statement) {
        if !pending.isEmpty { parts.append(.sql(pending)) }
        pending = ""
        parts.append(command)
      } else {
        pending += SQLToken.text(of: translate(statement), rest: end)
      }
    }
    pending += rest
    if parts.isEmpty || !pending.allSatisfy(\.isWhitespace) { parts.append(.sql(pending)) }
    return parts
  }

  private var hasPrefixes: Bool {
    if case .prefixes = naming.layout { true } else { false }
  }

  // MARK: Statements

  private func translate(_ statement: [SQLToken]) -> [SQLToken] {
    var tokens = statement
    names(&tokens)
    Definitions.translate(&tokens)
    Expressions.translate(&tokens)
    return tokens
  }

  private func schemaCommand(_ tokens: [SQLToken]) -> Part? {
    guard tokens.count > 2, tokens[1].isWord("schema"), tokens[0].isWord("create") || tokens[0].isWord("drop") else { return nil }
    var rest = tokens.dropFirst(2)
    while let word = rest.first, ["if", "not", "exists"].contains(word.text.lowercased()), rest.count > 1 { rest = rest.dropFirst() }
    guard let name = rest.last(where: { $0.isIdentifier && !["cascade", "restrict"].contains($0.text.lowercased()) }) else { return nil }
    return tokens[0].isWord("create") ? .createSchema(name.identifier) : .dropSchema(name.identifier)
  }

  /// Takes the database out of `database.schema.table`, and where schemas are prefixes, makes `schema.table` one name.
  private func names(_ tokens: inout [SQLToken]) {
    let before: Set<String> = ["from", "join", "into", "update", "table", "view", "exists", "on", "references", "truncate", "analyze"]
    var at = 0
    while at + 2 < tokens.count {
      defer { at += 1 }
      guard tokens[at].isIdentifier, tokens[at + 1].isSign("."), tokens[at + 2].isIdentifier, at == 0 || !tokens[at - 1].isSign(".") else {
        continue
      }
      if let database, tokens[at].identifier.lowercased() == database.lowercased(), at + 4 < tokens.count, tokens[at + 3].isSign("."),
        tokens[at + 4].isIdentifier
      {
        tokens[at + 2].lead = tokens[at].lead
        tokens.removeSubrange(at...(at + 1))
      }
      guard hasPrefixes, at > 0, tokens[at - 1].isSign(",") || before.contains(tokens[at - 1].text.lowercased()),
        at + 3 >= tokens.count || !tokens[at + 3].isSign(".")
      else { continue }
      let schema = tokens[at].identifier
      guard !["main", "temp"].contains(schema.lowercased()) || schema == naming.layout.defaultSchema, isTable(tokens, at), isSchema(schema) else { continue }
      let relation = Relation(schema: schema, identifier: tokens[at + 2].identifier)
      tokens.replaceSubrange(at...(at + 2), with: [SQLToken(.name, naming.render(relation), lead: tokens[at].lead)])
    }
  }

  /// Whether the dotted name at `at` is a table's: behind a comma only inside a FROM.
  private func isTable(_ tokens: [SQLToken], _ at: Int) -> Bool {
    guard tokens[at - 1].isSign(",") else { return true }
    var depth = 0
    for token in tokens[..<at].reversed() {
      if token.isSign(")") { depth += 1 }
      if token.isSign("(") { depth -= 1 }
      if depth < 0 { return false }
      guard depth == 0, token.kind == .word else { continue }
      switch token.text.lowercased() {
      case "from": return true
      case "select", "where", "by", "on", "having", "set", "values", "using": return false
      default: break
      }
    }
    return false
  }
}
