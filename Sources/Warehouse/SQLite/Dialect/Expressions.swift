extension SQLiteDialect {
  /// Casts, literals of dates, intervals and functions that SQLite spells otherwise.
  enum Expressions {
    static func translate(_ tokens: inout [SQLToken]) {
      arrays(&tokens)
      literals(&tokens)
      casts(&tokens)
      intervals(&tokens)
      calls(&tokens)
    }

    // MARK: Finding one's way

    /// The parenthesis that closes the one at `open`.
    static func closing(_ tokens: [SQLToken], _ open: Int) -> Int? {
      var depth = 0
      for index in open..<tokens.count {
        if tokens[index].isSign("(") { depth += 1 }
        if tokens[index].isSign(")") {
          depth -= 1
          if depth == 0 { return index }
        }
      }
      return nil
    }

    private static func opening(_ tokens: [SQLToken], _ close: Int) -> Int? {
      var depth = 0
      for index in stride(from: close, through: 0, by: -1) {
        if tokens[index].isSign(")") { depth += 1 }
        if tokens[index].isSign("(") {
          depth -= 1
          if depth == 0 { return index }
        }
      }
      return nil
    }

    private static let operators: Set<String> = [
      "in", "and", "or", "not", "select", "from", "where", "on", "as", "by", "then", "else", "when", "case", "values", "using", "having",
      "union", "all", "like", "is", "between", "limit", "distinct", "join", "set", "exists", "any", "some", "except", "intersect", "over", "filter",
    ]

    /// Where the operand begins that ends at `end`: a name, a literal, a call, a parenthesis, a CASE.
    static func operand(_ tokens: [SQLToken], endingAt end: Int) -> Int? {
      guard end >= 0 else { return nil }
      var begin = end
      let last = tokens[end]
      if last.isSign(")") {
        guard let open = opening(tokens, end) else { return nil }
        begin = open
        guard open > 0, tokens[open - 1].isIdentifier else { return begin }
        // An aggregate with its window or filter is one operand.
        if tokens[open - 1].isWord("over") || tokens[open - 1].isWord("filter") { return operand(tokens, endingAt: open - 2) }
        guard tokens[open - 1].kind == .name || !operators.contains(tokens[open - 1].text.lowercased()) else { return begin }
        begin = open - 1
      } else if last.isWord("end") {
        var depth = 0
        for index in stride(from: end, through: 0, by: -1) {
          if tokens[index].isWord("end") { depth += 1 }
          if tokens[index].isWord("case") {
            depth -= 1
            if depth == 0 { return index }
          }
        }
        return nil
      } else if last.kind == .sign {
        return nil
      }
      while begin > 1, tokens[begin].isIdentifier, tokens[begin - 1].isSign("."), tokens[begin - 2].isIdentifier { begin -= 2 }
      return begin
    }

    /// Puts what `make` makes of some tokens in their place, with the blanks that stood before them.
    private static func replace(_ tokens: inout [SQLToken], _ range: ClosedRange<Int>, operand: ClosedRange<Int>, _ make: ([SQLToken]) -> [SQLToken]?) -> Int? {
      var inner = Array(tokens[operand])
      inner[0].lead = ""
      guard var made = make(inner), !made.isEmpty else { return nil }
      made[0].lead = tokens[range.lowerBound].lead
      tokens.replaceSubrange(range, with: made)
      return made.count
    }

    // MARK: Literals and casts

    /// `array[1, 2]` is a JSON array. What stands in brackets was read as a name, which they make in SQLite.
    private static func arrays(_ tokens: inout [SQLToken]) {
      for at in tokens.indices.reversed() where at + 1 < tokens.count && tokens[at].isWord("array") {
        guard tokens[at + 1].kind == .name, tokens[at + 1].text.hasPrefix("["), tokens[at + 1].text.hasSuffix("]"), at == 0 || !tokens[at - 1].isSign(".")
        else { continue }
        var inner = SQLToken.tokens(of: tokens[at + 1].identifier).tokens
        translate(&inner)
        var made = SQLType.call("json_array", inner)
        made[0].lead = tokens[at].lead
        tokens.replaceSubrange(at...(at + 1), with: made)
      }
    }

    /// `date '2020-01-02'`, `timestamp with time zone '…'`.
    private static func literals(_ tokens: inout [SQLToken]) {
      var at = 0
      while at + 1 < tokens.count {
        defer { at += 1 }
        guard tokens[at].kind == .word, ["date", "time", "timestamp", "timestamptz", "datetime"].contains(tokens[at].text.lowercased()),
          at == 0 || !tokens[at - 1].isSign(".") && !tokens[at - 1].isWord("as"), let type = SQLType(tokens[at...]),
          at + type.length < tokens.count, tokens[at + type.length].kind == .text
        else { continue }
        let text = at + type.length
        _ = replace(&tokens, at...text, operand: text...text, type.cast)
      }
    }

    /// `x::int`, from the left, so that `x::text::date` is right; then `cast(x as date)`, inner ones first.
    private static func casts(_ tokens: inout [SQLToken]) {
      var at = 0
      while at + 1 < tokens.count {
        defer { at += 1 }
        guard tokens[at].isSign("::"), let type = SQLType(tokens[(at + 1)...]), let begin = operand(tokens, endingAt: at - 1), begin < at else { continue }
        if type.name == "interval", tokens[at - 1].kind == .text {
          tokens.replaceSubrange(
            (at - 1)...(at + type.length), with: [.word("interval", lead: tokens[at - 1].lead), SQLToken(.text, tokens[at - 1].text, lead: " ")])
        } else if let count = replace(&tokens, begin...(at + type.length), operand: begin...(at - 1), type.convert) {
          at = begin + count - 1
        }
      }
      for at in tokens.indices.reversed() where tokens[at].kind == .word && at + 1 < tokens.count && tokens[at + 1].isSign("(") {
        let name = tokens[at].text.lowercased()
        guard ["cast", "try_cast", "safe_cast"].contains(name), at == 0 || !tokens[at - 1].isSign("."), let close = closing(tokens, at + 1),
          let word = lastAs(tokens, (at + 2)..<close), word > at + 2, let type = SQLType(tokens[(word + 1)..<close]), word + type.length + 1 == close
        else { continue }
        if replace(&tokens, at...close, operand: (at + 2)...(word - 1), type.cast) == nil, name != "cast" { tokens[at].text = "cast" }
      }
    }

    private static func lastAs(_ tokens: [SQLToken], _ range: Range<Int>) -> Int? {
      var depth = 0
      for index in range.reversed() {
        if tokens[index].isSign(")") { depth += 1 }
        if tokens[index].isSign("(") { depth -= 1 }
        if depth == 0, tokens[index].isWord("as") { return index }
      }
      return nil
    }

    // MARK: Intervals

    /// `x + interval '1 day'` is `datetime(x, '+1 days')` (https://www.sqlite.org/lang_datefunc.html).
    private static func intervals(_ tokens: inout [SQLToken]) {
      var at = 0
      while at + 1 < tokens.count {
        defer { at += 1 }
        guard at > 1, tokens[at].isWord("interval"), tokens[at - 1].isSign("+") || tokens[at - 1].isSign("-"),
          let begin = operand(tokens, endingAt: at - 2), let (modifiers, end) = modifiers(tokens, at + 1, sign: tokens[at - 1].text)
        else { continue }
        let arguments = modifiers.flatMap { [.sign(","), SQLToken(.text, "'\($0)'", lead: " ")] }
        if let count = replace(&tokens, begin...end, operand: begin...(at - 2), { SQLType.call("datetime", $0 + arguments) }) { at = begin + count - 1 }
      }
    }

    /// The modifiers that `'1 month 2 days'`, `'1' month` or `1 month` mean, and their last token.
    private static func modifiers(_ tokens: [SQLToken], _ at: Int, sign: String) -> ([String], Int)? {
      var end = at
      var words: [Substring]
      switch tokens[at].kind {
      case .text: words = tokens[at].text.dropFirst().dropLast().split(separator: " ")
      case .number: words = [tokens[at].text[...]]
      default: return nil
      }
      if words.count == 1, at + 1 < tokens.count, tokens[at + 1].kind == .word, unit(tokens[at + 1].text[...]) != nil {
        words.append(tokens[at + 1].text[...])
        end += 1
      }
      guard !words.isEmpty, words.count.isMultiple(of: 2) else { return nil }
      var modifiers: [String] = []
      for index in stride(from: 0, to: words.count, by: 2) {
        guard let number = Double(words[index]), let (unit, factor) = unit(words[index + 1]) else { return nil }
        let amount = number * Double(factor) * (sign == "-" ? -1 : 1)
        let text = Int(exactly: amount).map { String($0) } ?? String(amount)
        modifiers.append((amount < 0 ? "" : "+") + text + " " + unit)
      }
      return (modifiers, end)
    }

    private static func unit(_ word: Substring) -> (String, Int)? {
      let name = word.lowercased()
      switch name.hasSuffix("s") ? String(name.dropLast()) : name {
      case "second", "sec": return ("seconds", 1)
      case "minute", "min": return ("minutes", 1)
      case "hour", "hr": return ("hours", 1)
      case "day": return ("days", 1)
      case "week": return ("days", 7)
      case "month", "mon": return ("months", 1)
      case "quarter": return ("months", 3)
      case "year", "yr": return ("years", 1)
      default: return nil
      }
    }

    // MARK: Functions

    /// From the right, so that the arguments of a call are done before it.
    private static func calls(_ tokens: inout [SQLToken]) {
      // Behind an operand `~` is a match; before one it turns bits round.
      for at in tokens.indices.dropFirst().dropLast() where tokens[at].isSign("~") && tokens[at + 1].kind == .text {
        if tokens[at - 1].kind != .sign || tokens[at - 1].isSign(")") { tokens[at] = .word("regexp", lead: tokens[at].lead.isEmpty ? " " : tokens[at].lead) }
      }
      for at in tokens.indices.reversed() where at < tokens.count && tokens[at].kind == .word {
        let name = tokens[at].text.lowercased()
        if name == "ilike", at > 0 {
          tokens[at].text = "like"
          continue
        }
        guard known.contains(name), at + 1 < tokens.count, tokens[at + 1].isSign("("), at == 0 || !tokens[at - 1].isSign("."),
          let close = closing(tokens, at + 1)
        else { continue }
        if close == at + 2 {
          if let plain = [
            "now": "current_timestamp", "getdate": "current_timestamp", "current_timestamp": "current_timestamp", "current_date": "current_date",
            "current_time": "current_time",
          ][name] {
            tokens.replaceSubrange(at...close, with: [.word(plain, lead: tokens[at].lead)])
          }
          continue
        }
        guard var made = call(name, arguments(tokens, (at + 2)..<close)) else { continue }
        made[0].lead = tokens[at].lead
        tokens.replaceSubrange(at...close, with: made)
      }
    }

    private static let known: Set<String> = [
      "now", "getdate", "current_timestamp", "current_date", "current_time", "extract", "date_part", "date_trunc", "left", "right", "position",
      "strpos", "substring", "to_date", "greatest", "least", "concat", "string_agg", "dateadd", "datediff",
    ]

    private static func arguments(_ tokens: [SQLToken], _ range: Range<Int>) -> [[SQLToken]] {
      var depth = 0
      var arguments: [[SQLToken]] = [[]]
      for token in tokens[range] {
        if token.isSign("(") { depth += 1 }
        if token.isSign(")") { depth -= 1 }
        if depth == 0, token.isSign(",") {
          arguments.append([])
        } else {
          arguments[arguments.count - 1].append(token)
        }
      }
      return arguments
    }

    private static func call(_ name: String, _ arguments: [[SQLToken]]) -> [SQLToken]? {
      guard arguments.allSatisfy({ !$0.isEmpty }) else { return nil }
      let comma = SQLToken.sign(",")
      let two = arguments.count == 2
      switch name {
      case "left" where two:
        return SQLType.call("substr", arguments[0] + [comma, SQLToken(.number, "1", lead: " "), comma] + arguments[1])
      case "right" where two:
        let length = [SQLToken.sign("(")] + arguments[1] + [.sign(")")]
        return SQLType.call("substr", arguments[0] + [comma, .sign("-", lead: " ")] + length + [comma] + length)
      case "strpos" where two: return SQLType.call("instr", arguments[0] + [comma] + arguments[1])
      case "greatest" where arguments.count > 1, "least" where arguments.count > 1:
        return SQLType.call(name == "least" ? "min" : "max", Array(arguments.joined(separator: [comma])))
      case "concat":
        let parts = arguments.map { SQLType.call("ifnull", $0 + [comma, SQLToken(.text, "''", lead: " ")]) }
        return [.sign("(")] + Array(parts.joined(separator: [.sign("||", lead: " ")])) + [.sign(")")]
      case "string_agg" where two && !arguments[1].contains { $0.isWord("order") }:
        return SQLType.call("group_concat", arguments[0] + [comma] + arguments[1])
      case "position":
        guard arguments.count == 1, let word = arguments[0].firstIndex(where: { $0.isWord("in") }), word > 0, word + 1 < arguments[0].count else { return nil }
        return SQLType.call("instr", Array(arguments[0][(word + 1)...]) + [comma] + Array(arguments[0][..<word]))
      case "to_date" where two: return date(arguments[0], format: arguments[1])
      case "substring": return substring(arguments)
      case "extract":
        guard arguments.count == 1, arguments[0].count > 2, arguments[0][1].isWord("from") else { return nil }
        return part(arguments[0][0], Array(arguments[0][2...]))
      case "date_part" where two: return arguments[0].count == 1 ? part(arguments[0][0], arguments[1]) : nil
      case "date_trunc" where two: return arguments[0].count == 1 ? truncated(arguments[0][0], arguments[1]) : nil
      case "dateadd" where arguments.count == 3 && arguments[0].count == 1, "datediff" where arguments.count == 3 && arguments[0].count == 1:
        let operands = arguments.dropFirst().map { operand in
          var operand = operand
          operand[0].lead = ""
          return SQLToken.text(of: operand, rest: "")
        }
        let part = Self.name(of: arguments[0][0])
        let made = name == "dateadd" ? DateArithmetic.sum(part, operands[0], operands[1]) : DateArithmetic.difference(part, operands[0], operands[1])
        return made.map { SQLToken.tokens(of: $0).tokens }
      default: return nil
      }
    }

    /// `to_date(x, 'mm/dd/yyyy')`: year, month and day cut out from where the format has them.
    private static func date(_ operand: [SQLToken], format: [SQLToken]) -> [SQLToken]? {
      guard format.count == 1, format[0].kind == .text else { return nil }
      let pattern = Array(format[0].text.dropFirst().dropLast().lowercased())
      var made: [SQLToken] = []
      for part in ["yyyy", "mm", "dd"] {
        guard let at = pattern.indices.first(where: { pattern[$0...].starts(with: part) }) else { return nil }
        let arguments = operand + [.sign(","), SQLToken(.number, String(at + 1), lead: " "), .sign(","), SQLToken(.number, String(part.count), lead: " ")]
        var cut = SQLType.call("substr", arguments)
        if !made.isEmpty {
          made += [.sign("||", lead: " "), SQLToken(.text, "'-'", lead: " "), .sign("||", lead: " ")]
          cut[0].lead = " "
        }
        made += cut
      }
      return SQLType.call("date", made)
    }

    /// `substring(x from 2 for 3)`.
    private static func substring(_ arguments: [[SQLToken]]) -> [SQLToken]? {
      guard arguments.count == 1, let from = arguments[0].firstIndex(where: { $0.isWord("from") }), from > 0 else { return nil }
      let tokens = arguments[0]
      let length = tokens.firstIndex { $0.isWord("for") }
      var made = Array(tokens[..<from]) + [.sign(",")] + Array(tokens[(from + 1)..<(length ?? tokens.count)])
      if let length { made += [.sign(",")] + Array(tokens[(length + 1)...]) }
      return SQLType.call("substr", made)
    }

    private static func name(of part: SQLToken) -> String {
      (part.kind == .text ? String(part.text.dropFirst().dropLast()) : part.identifier).lowercased()
    }

    /// `extract(year from x)` is a number.
    private static func part(_ part: SQLToken, _ operand: [SQLToken]) -> [SQLToken]? {
      let formats = [
        "year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S", "epoch": "%s", "dow": "%w", "dayofweek": "%w",
        "doy": "%j", "dayofyear": "%j",
      ]
      let name = name(of: part)
      if name == "quarter" {
        return [.sign("(")] + number("%m", operand) + [
          .sign("+", lead: " "), SQLToken(.number, "2", lead: " "), .sign(")"), .sign("/", lead: " "), SQLToken(.number, "3", lead: " "),
        ]
      }
      return formats[name].map { number($0, operand) }
    }

    private static func number(_ format: String, _ operand: [SQLToken]) -> [SQLToken] {
      SQLType.call("cast", formatted(format, operand) + [.word("as", lead: " "), .word("integer", lead: " ")])
    }

    private static func formatted(_ format: String, _ operand: [SQLToken]) -> [SQLToken] {
      SQLType.call("strftime", [SQLToken(.text, "'\(format)'"), .sign(",")] + spaced(operand))
    }

    private static func spaced(_ operand: [SQLToken]) -> [SQLToken] {
      var operand = operand
      if operand[0].lead.isEmpty { operand[0].lead = " " }
      return operand
    }

    /// `date_trunc('month', x)` is a time.
    private static func truncated(_ part: SQLToken, _ operand: [SQLToken]) -> [SQLToken]? {
      let formats = [
        "year": "%Y-01-01 00:00:00", "month": "%Y-%m-01 00:00:00", "day": "%Y-%m-%d 00:00:00", "hour": "%Y-%m-%d %H:00:00",
        "minute": "%Y-%m-%d %H:%M:00", "second": "%Y-%m-%d %H:%M:%S",
      ]
      guard part.kind == .text else { return nil }
      let name = name(of: part)
      guard name == "week" else { return formats[name].map { formatted($0, operand) } }
      let modifiers = ["'start of day'", "'-6 days'", "'weekday 1'"].flatMap { [.sign(","), SQLToken(.text, $0, lead: " ")] }
      return SQLType.call("datetime", operand + modifiers)
    }
  }
}
