/// A data test whose count can be found by an aggregate over what it tests, so that tests of one relation share one walk over it.
///
/// It is made from the compiled SQL itself: what a project's own macros made of a test has another shape, and goes alone.
struct SharedScan: Sendable, Equatable {
  /// What stands behind `from`: the relation, or a query in parentheses with its alias.
  var source: String
  /// An aggregate that gives the number of rows that the test's own query gives.
  var count: String

  /// The scan of a test.
  ///
  /// - Parameters:
  ///   - sql: its compiled SQL.
  ///   - column: the column that it is about.
  /// - Returns: nil if the SQL is not that of `not_null` or `accepted_values` on a plain column.
  init?(_ sql: String, column: String) {
    guard SharedScan.isPlain(column) else { return nil }
    if let scan = SharedScan.notNull(sql, column) ?? SharedScan.acceptedValues(sql, column) { self = scan } else { return nil }
  }

  private init(source: String, count: String) {
    self.source = source
    self.count = count
  }

  /// The words of a statement, whatever blanks are between them.
  static func words(_ sql: String) -> [Substring] { sql.split(whereSeparator: \.isWhitespace) }

  /// `select c from r where c is null`
  private static func notNull(_ sql: String, _ column: String) -> SharedScan? {
    var words = Words(sql)
    guard words.take("select", column, "from") else { return nil }
    let rest = words.rest
    guard let place = rest.lastRange(of: "where") else { return nil }
    words.rest = rest[place.upperBound...]
    guard words.take(column, "is", "null"), words.isAtEnd, let source = source(rest[..<place.lowerBound]) else { return nil }
    return SharedScan(source: source, count: "count(*) filter (where \(column) is null)")
  }

  /// `with all_values as (select c as value_field, count(*) as n_records from r group by c) select * from all_values where
  /// value_field not in (…)`: as many rows as there are different values that are not in the list.
  private static func acceptedValues(_ sql: String, _ column: String) -> SharedScan? {
    var words = Words(sql)
    guard !["value_field", "n_records"].contains(column.lowercased()),
      words.take("with", "all_values", "as", "(", "select", column, "as", "value_field", ",", "count(*)", "as", "n_records", "from")
    else { return nil }
    let rest = words.rest
    guard let place = rest.firstRange(of: "group by") else { return nil }
    words.rest = rest[place.upperBound...]
    guard words.take(column, ")", "select", "*", "from", "all_values", "where", "value_field", "not", "in", "(") else { return nil }
    let list = words.rest.trimmed
    guard list.last == ")", let source = source(rest[..<place.lowerBound]) else { return nil }
    return SharedScan(source: source, count: "count(distinct \(column)) filter (where \(column) not in (\(list))")
  }

  private static func source(_ text: Substring) -> String? {
    let source = text.trimmed
    guard !source.contains("--"), !source.contains("all_values") else { return nil }
    // Quoted names, or what `where` makes of a relation: anything else may end elsewhere than it seems.
    if source.first == "(" { return source.hasSuffix(") dbt_subquery") ? source : nil }
    let between = source.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    return between.count > 1 && between.allSatisfy { $0.isEmpty || $0 == "." } ? source : nil
  }

  /// Whether a column is a name, quoted or not, and no expression.
  private static func isPlain(_ column: String) -> Bool {
    if column.count > 2, column.first == "\"", column.last == "\"" { return !column.dropFirst().dropLast().contains("\"") }
    guard let first = column.first, first == "_" || first.isLetter else { return false }
    return column.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
  }
}

/// Takes words off the front of a text, with any blanks between them.
private struct Words {
  var rest: Substring

  init(_ text: String) { rest = text[...] }

  var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

  mutating func take(_ words: String...) -> Bool {
    for word in words {
      rest = rest.drop(while: \.isWhitespace)
      guard rest.hasPrefix(word) else { return false }
      let after = rest.dropFirst(word.count)
      if let last = word.last, last.isLetter || last == "_", let next = after.first, next.isLetter || next.isNumber || next == "_" { return false }
      rest = after
    }
    return true
  }
}

extension Substring {
  fileprivate func lastRange(of word: String) -> Range<Index>? {
    var found: Range<Index>?
    var from = startIndex
    while let range = self[from...].firstRange(of: word) {
      found = range
      from = range.upperBound
    }
    return found
  }
}

/// What `warn_if` and `error_if` ask of a count, where it is a plain comparison.
struct CountCondition: Sendable {
  private let holds: @Sendable (Int) -> Bool

  /// The condition of a text such as `!= 0` or `>10`; nil for anything that only SQL understands.
  init?(_ text: String) {
    let text = text.trimmed
    let sign = String(text.prefix { "<>=!".contains($0) })
    guard let number = Int(text.dropFirst(sign.count).trimmed), number >= 0 else { return nil }
    switch sign {
    case "=", "==": holds = { $0 == number }
    case "!=", "<>": holds = { $0 != number }
    case "<": holds = { $0 < number }
    case "<=": holds = { $0 <= number }
    case ">": holds = { $0 > number }
    case ">=": holds = { $0 >= number }
    default: return nil
    }
  }

  func callAsFunction(_ count: Int) -> Bool { holds(count) }
}
