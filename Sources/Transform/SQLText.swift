/// A look at SQL text that goes no deeper than comments, quotes and words.
enum SQLText {
  /// Where the first word of a statement begins, behind blanks and comments.
  static func start(of sql: Substring.UTF8View) -> Substring.UTF8View.Index {
    var at = sql.startIndex
    while at < sql.endIndex {
      let next = skip(sql, at)
      if next == at { return at }
      at = next
    }
    return at
  }

  /// The first word of a text of SQL in lower case: `select`, `with`, `create`.
  static func firstWord(_ sql: String) -> String {
    let utf8 = sql[...].utf8
    return String(sql[start(of: utf8)...].prefix { $0.isLetter }).lowercased()
  }

  /// Whether the text only reads: a query, an EXPLAIN or a PRAGMA.
  static func isReading(_ sql: String) -> Bool {
    switch firstWord(sql) {
    case "select", "values", "explain", "pragma": return !hasSecondStatement(sql)
    case "with":
      return !hasSecondStatement(sql) && !words(sql).contains { ["insert", "update", "delete", "replace"].contains($0) }
    default: return false
    }
  }

  /// Whether the text may change what relations exist.
  static func isDefining(_ sql: String) -> Bool {
    words(sql).contains { ["create", "drop", "alter"].contains($0) }
  }

  /// `sql` with common table expressions in front of it: a WITH of its own, or the first ones of the WITH that it has.
  static func prepending(_ ctes: [(name: String, sql: String)], to sql: String) -> String {
    guard !ctes.isEmpty else { return sql }
    let list = ctes.map { "\($0.name) as (\n\($0.sql)\n)" }.joined(separator: ", ")
    let utf8 = sql[...].utf8
    let first = start(of: utf8)
    guard firstWord(sql) == "with" else { return "with \(list) \(sql)" }
    var behind = utf8.index(first, offsetBy: 4)
    var at = behind
    while at < utf8.endIndex {
      let next = skip(utf8, at)
      if next == at { break }
      at = next
    }
    if sql[at...].prefix(9).lowercased() == "recursive", let end = utf8.index(at, offsetBy: 9, limitedBy: utf8.endIndex) { behind = end }
    return "\(sql[..<behind]) \(list),\(sql[behind...])"
  }

  /// The names that a text of SQL gives to columns: the words behind AS.
  static func aliases(_ sql: String) -> [String] {
    let words = words(sql)
    return words.indices.dropFirst().compactMap { words[$0 - 1] == "as" ? words[$0] : nil }
  }

  /// Whether a comma stands right before a word, or a closing parenthesis, in lower case.
  static func hasCommaBefore(_ word: String, in sql: String) -> Bool {
    let utf8 = sql[...].utf8
    var at = utf8.startIndex
    var isComma = false
    while at < utf8.endIndex {
      let next = skip(utf8, at)
      if next != at {
        at = next
        continue
      }
      if isComma, sql[at...].prefix(word.count).lowercased() == word { return true }
      isComma = utf8[at] == UInt8(ascii: ",")
      if isWord(utf8[at]) {
        while at < utf8.endIndex, isWord(utf8[at]) { at = utf8.index(after: at) }
      } else {
        at = afterToken(utf8, at)
      }
    }
    return false
  }

  /// The words outside of comments and quotes, in lower case.
  private static func words(_ sql: String) -> [String] {
    var words: [String] = []
    let utf8 = sql[...].utf8
    var at = utf8.startIndex
    while at < utf8.endIndex {
      let next = skip(utf8, at)
      if next != at {
        at = next
        continue
      }
      if isWord(utf8[at]) {
        let begin = at
        while at < utf8.endIndex, isWord(utf8[at]) { at = utf8.index(after: at) }
        words.append(sql[begin..<at].lowercased())
      } else {
        at = afterToken(utf8, at)
      }
    }
    return words
  }

  private static func hasSecondStatement(_ sql: String) -> Bool {
    let utf8 = sql[...].utf8
    var at = utf8.startIndex
    while at < utf8.endIndex {
      let next = skip(utf8, at)
      if next != at {
        at = next
      } else if utf8[at] == UInt8(ascii: ";") {
        return start(of: utf8[utf8.index(after: at)...]) != utf8.endIndex
      } else {
        at = afterToken(utf8, at)
      }
    }
    return false
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  /// Behind a quoted text, or behind one byte.
  private static func afterToken(_ sql: Substring.UTF8View, _ at: Substring.UTF8View.Index) -> Substring.UTF8View.Index {
    let close: UInt8
    switch sql[at] {
    case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"): close = sql[at]
    case UInt8(ascii: "["): close = UInt8(ascii: "]")
    default: return sql.index(after: at)
    }
    var end = sql.index(after: at)
    while end < sql.endIndex, sql[end] != close { end = sql.index(after: end) }
    return end < sql.endIndex ? sql.index(after: end) : end
  }

  /// Behind blanks or one comment; `at` itself if neither is there.
  private static func skip(_ sql: Substring.UTF8View, _ at: Substring.UTF8View.Index) -> Substring.UTF8View.Index {
    guard at < sql.endIndex else { return at }
    let next = sql.index(after: at)
    switch sql[at] {
    case 0x20, 0x09, 0x0A, 0x0D, 0x0C: return next
    case UInt8(ascii: "-") where next < sql.endIndex && sql[next] == UInt8(ascii: "-"):
      return sql[next...].firstIndex(of: 0x0A).map { sql.index(after: $0) } ?? sql.endIndex
    case UInt8(ascii: "/") where next < sql.endIndex && sql[next] == UInt8(ascii: "*"):
      var at = sql.index(after: next)
      while at < sql.endIndex {
        let after = sql.index(after: at)
        if sql[at] == UInt8(ascii: "*"), after < sql.endIndex, sql[after] == UInt8(ascii: "/") { return sql.index(after: after) }
        at = after
      }
      return sql.endIndex
    default: return at
    }
  }
}
