/// A quick look at the bytes of an SQL text: whether there is anything that the dialect may have to change.
struct SQLiteDialectTriggers {
  private let database: [UInt8]
  private let hasPrefixes: Bool

  init(database: String?, hasPrefixes: Bool) {
    self.database = Array((database ?? "").lowercased().utf8)
    self.hasPrefixes = hasPrefixes
  }

  /// Functions: only a parenthesis behind them makes them one.
  private static let calls = table([
    "cast", "try_cast", "safe_cast", "now", "getdate", "current_timestamp", "current_date", "current_time", "extract", "date_part", "date_trunc",
    "left", "right", "position", "strpos", "substring", "to_date", "greatest", "least", "concat", "string_agg", "dateadd", "datediff",
  ])
  /// Types: only a text behind them makes a literal.
  private static let types = table(["date", "time", "timestamp", "timestamptz", "datetime"])
  private static let words = table(["interval", "ilike", "array", "schema", "truncate", "cascade", "restrict", "alter"])
  /// Operators of compound queries, whose members may stand in parentheses.
  private static let compounds = table(["union", "except", "intersect"])
  private static let definitions = table(["create", "insert"])
  private static let queries = table(["select", "with", "values"])
  /// Words before the name of a table.
  private static let before = table(["from", "join", "into", "update", "table", "view", "exists", "on"])

  /// Words by their first letter.
  private static func table(_ words: [String]) -> [[[UInt8]]] {
    (0..<256).map { byte in words.map { Array($0.utf8) }.filter { Int($0[0]) == byte } }
  }

  /// Whether the text needs a closer look.
  func found(in sql: String) -> Bool {
    var sql = sql
    return sql.withUTF8 { found(in: $0) }
  }

  private func found(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    var defines = false
    var begins = true
    var names = false
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
        let begin = at + 1
        at = begin
        while at < bytes.count, bytes[at] != byte { at += 1 }
        if byte != UInt8(ascii: "'"), equal(bytes, begin, at, database) || names && hasPrefixes && next(bytes, at + 1) == UInt8(ascii: ".") { return true }
        at += 1
      case UInt8(ascii: "-") where at + 1 < bytes.count && bytes[at + 1] == byte:
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
      case UInt8(ascii: "/") where at + 1 < bytes.count && bytes[at + 1] == UInt8(ascii: "*"):
        at += 2
        while at + 1 < bytes.count, bytes[at] != UInt8(ascii: "*") || bytes[at + 1] != UInt8(ascii: "/") { at += 1 }
        at += 2
      case UInt8(ascii: "~"): return true
      case UInt8(ascii: ":") where at + 1 < bytes.count && bytes[at + 1] == byte: return true
      case _ where isWord(byte):
        let begin = at
        while at < bytes.count, isWord(bytes[at]) { at += 1 }
        let following = next(bytes, at)
        if isIn(SQLiteDialectTriggers.words, bytes, begin, at) { return true }
        if following == UInt8(ascii: "("), isIn(SQLiteDialectTriggers.calls, bytes, begin, at) { return true }
        if isIn(SQLiteDialectTriggers.compounds, bytes, begin, at), following == UInt8(ascii: "(") || before(bytes, begin) == UInt8(ascii: ")") { return true }
        if following == UInt8(ascii: "("), equal(bytes, begin, at, SQLiteDialectTriggers.all) { return true }
        if following == UInt8(ascii: "'") || following | 0x20 == UInt8(ascii: "w"), isIn(SQLiteDialectTriggers.types, bytes, begin, at) { return true }
        if following == UInt8(ascii: "."), names && hasPrefixes || equal(bytes, begin, at, database) { return true }
        names = isIn(SQLiteDialectTriggers.before, bytes, begin, at)
        if begins {
          defines = isIn(SQLiteDialectTriggers.definitions, bytes, begin, at)
          begins = false
        } else if defines {
          // The query of a definition may stand in parentheses.
          if equal(bytes, begin, at, SQLiteDialectTriggers.or) { return true }
          if following == UInt8(ascii: "("), equal(bytes, begin, at, SQLiteDialectTriggers.as) { return true }
          if isIn(SQLiteDialectTriggers.queries, bytes, begin, at) {
            return begin > 0 && before(bytes, begin) == UInt8(ascii: "(") || found(in: .init(rebasing: bytes[at...]))
          }
        }
      default:
        if byte == UInt8(ascii: ";") { begins = true }
        at += 1
      }
    }
    return false
  }

  private static let or = Array("or".utf8)
  private static let all = Array("all".utf8)
  private static let `as` = Array("as".utf8)

  private func isIn(_ table: [[[UInt8]]], _ bytes: UnsafeBufferPointer<UInt8>, _ begin: Int, _ end: Int) -> Bool {
    for word in table[Int(bytes[begin] | 0x20)] where equal(bytes, begin, end, word) { return true }
    return false
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ begin: Int, _ end: Int, _ word: [UInt8]) -> Bool {
    guard end - begin == word.count, !word.isEmpty else { return false }
    for index in 0..<word.count {
      let byte = bytes[begin + index]
      if (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte) != word[index] { return false }
    }
    return true
  }

  /// The next byte that is no blank.
  private func next(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt8 {
    var at = start
    while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
    return at < bytes.count ? bytes[at] : 0
  }

  /// The byte before that is no blank.
  private func before(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt8 {
    var at = start - 1
    while at >= 0, bytes[at] <= 0x20 { at -= 1 }
    return at >= 0 ? bytes[at] : 0
  }
}
