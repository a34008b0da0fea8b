/// A query in the part of SOQL that the sandbox understands
/// (https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/): one object, conditions, order, limit.
struct SOQL: Sendable {
  enum Comparison: String, Sendable {
    case equal = "=", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
  }

  enum Literal: Sendable, Equatable {
    case null
    case text(String)
    case number(Double)
    case bool(Bool)
    case time(Int64)
    case date(Int64)
  }

  indirect enum Condition: Sendable {
    case compare(String, Comparison, Literal)
    case among(String, [Literal])
    case both(Condition, Condition)
    case either(Condition, Condition)
    case not(Condition)
  }

  /// What is wrong with a query, in Salesforce's error code and words.
  struct Problem: Error {
    let code: String
    let message: String
  }

  var fields: [String] = []
  var isCount = false
  /// Whether all fields are asked for, and by which word: `ALL`, `STANDARD`.
  var allFields: String?
  var object = ""
  var condition: Condition?
  var order: [(field: String, descending: Bool)] = []
  var limit: Int?

  init(_ text: String) throws(Problem) {
    var parser = SOQLParser(try SOQLParser.tokens(of: text))
    self = try parser.query()
  }

  init() {}
}

/// Reads SOQL by recursive descent.
struct SOQLParser {
  enum Token: Equatable {
    case word(String)
    case string(String)
    case symbol(String)
  }

  private let tokens: [Token]
  private var at = 0

  init(_ tokens: [Token]) {
    self.tokens = tokens
  }

  static func tokens(of text: String) throws(SOQL.Problem) -> [Token] {
    var tokens: [Token] = []
    let characters = Array(text.unicodeScalars)
    var at = 0
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || "_.:+-".unicodeScalars.contains(scalar)
    }
    while at < characters.count {
      let scalar = characters[at]
      if scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" {
        at += 1
      } else if scalar == "'" {
        var value = ""
        at += 1
        while at < characters.count, characters[at] != "'" {
          if characters[at] == "\\", at + 1 < characters.count { at += 1 }
          value.unicodeScalars.append(characters[at])
          at += 1
        }
        guard at < characters.count else { throw malformed("unterminated string literal") }
        at += 1
        tokens.append(.string(value))
      } else if isWord(scalar) {
        var value = ""
        while at < characters.count, isWord(characters[at]) {
          value.unicodeScalars.append(characters[at])
          at += 1
        }
        tokens.append(.word(value))
      } else if "<>!=".unicodeScalars.contains(scalar) {
        var value = String(Character(scalar))
        at += 1
        if at < characters.count, characters[at] == "=" || (scalar == "<" && characters[at] == ">") {
          value.unicodeScalars.append(characters[at])
          at += 1
        }
        tokens.append(.symbol(value == "<>" ? "!=" : value))
      } else if "(),".unicodeScalars.contains(scalar) {
        tokens.append(.symbol(String(Character(scalar))))
        at += 1
      } else {
        throw malformed("unexpected token: '\(Character(scalar))'")
      }
    }
    return tokens
  }

  private static func malformed(_ message: String) -> SOQL.Problem {
    SOQL.Problem(code: "MALFORMED_QUERY", message: message)
  }

  private var current: Token? { at < tokens.count ? tokens[at] : nil }

  private mutating func takes(_ keyword: String) -> Bool {
    guard case .word(let word) = current, word.uppercased() == keyword else { return false }
    at += 1
    return true
  }

  private mutating func takes(symbol: String) -> Bool {
    guard current == .symbol(symbol) else { return false }
    at += 1
    return true
  }

  private mutating func name() throws(SOQL.Problem) -> String {
    guard case .word(let word) = current else { throw unexpected() }
    at += 1
    return word
  }

  private func unexpected() -> SOQL.Problem {
    switch current {
    case .word(let text), .symbol(let text): Self.malformed("unexpected token: '\(text)'")
    case .string(let text): Self.malformed("unexpected token: '\(text)'")
    case nil: Self.malformed("unexpected end of query")
    }
  }

  mutating func query() throws(SOQL.Problem) -> SOQL {
    var query = SOQL()
    guard takes("SELECT") else { throw unexpected() }
    repeat {
      let field = try name()
      if takes(symbol: "(") {
        switch field.uppercased() {
        case "COUNT": query.isCount = true
        case "FIELDS": query.allFields = try name().uppercased()
        default: throw Self.malformed("unknown function: \(field)")
        }
        guard takes(symbol: ")") else { throw unexpected() }
      } else {
        query.fields.append(field)
      }
    } while takes(symbol: ",")
    guard takes("FROM") else { throw unexpected() }
    query.object = try name()
    if takes("WHERE") { query.condition = try either() }
    if takes("ORDER") {
      guard takes("BY") else { throw unexpected() }
      repeat {
        let field = try name()
        let descending = takes("DESC")
        if !descending { _ = takes("ASC") }
        if takes("NULLS"), !takes("FIRST"), !takes("LAST") { throw unexpected() }
        query.order.append((field, descending))
      } while takes(symbol: ",")
    }
    if takes("LIMIT") {
      guard let limit = Int(try name()), limit >= 0 else { throw unexpected() }
      query.limit = limit
    }
    guard current == nil else { throw unexpected() }
    return query
  }

  private mutating func either() throws(SOQL.Problem) -> SOQL.Condition {
    var condition = try both()
    while takes("OR") { condition = .either(condition, try both()) }
    return condition
  }

  private mutating func both() throws(SOQL.Problem) -> SOQL.Condition {
    var condition = try single()
    while takes("AND") { condition = .both(condition, try single()) }
    return condition
  }

  private mutating func single() throws(SOQL.Problem) -> SOQL.Condition {
    if takes("NOT") { return .not(try single()) }
    if takes(symbol: "(") {
      let condition = try either()
      guard takes(symbol: ")") else { throw unexpected() }
      return condition
    }
    let field = try name()
    if takes("IN") {
      guard takes(symbol: "(") else { throw unexpected() }
      var values = [try literal()]
      while takes(symbol: ",") { values.append(try literal()) }
      guard takes(symbol: ")") else { throw unexpected() }
      return .among(field, values)
    }
    guard case .symbol(let symbol) = current, let comparison = SOQL.Comparison(rawValue: symbol) else { throw unexpected() }
    at += 1
    return .compare(field, comparison, try literal())
  }

  private mutating func literal() throws(SOQL.Problem) -> SOQL.Literal {
    guard let token = current else { throw unexpected() }
    defer { at += 1 }
    switch token {
    case .string(let text): return .text(text)
    case .symbol: throw unexpected()
    case .word(let word):
      switch word.lowercased() {
      case "null": return .null
      case "true": return .bool(true)
      case "false": return .bool(false)
      default: break
      }
      if let number = Double(word) { return .number(number) }
      guard let time = CivilTime.parse(word) else { throw unexpected() }
      return word.utf8.count == 10 ? .date(time / CivilTime.day) : .time(time)
    }
  }
}
