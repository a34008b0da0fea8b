import Crypto
import GRDB

/// Functions that dbt projects expect of a warehouse and SQLite lacks. Models may use them; what scv itself emits does not,
/// so that its views open in any SQLite tool.
enum SQLiteFunctions {
  static func register(on db: Database) {
    for function in [md5, sha256, splitPart, regexp, regexpInstr, rand, SQLiteTimeZones.convert] { db.add(function: function) }
  }

  /// `md5(text)`: 32 hexadecimal digits.
  private static let md5 = DatabaseFunction("md5", argumentCount: 1, pure: true) { values in
    text(values[0]).map { hexadecimal(Insecure.MD5.hash(data: Array($0.utf8))) }
  }

  /// `sha256(text)`: 64 hexadecimal digits.
  private static let sha256 = DatabaseFunction("sha256", argumentCount: 1, pure: true) { values in
    text(values[0]).map { hexadecimal(SHA256.hash(data: Array($0.utf8))) }
  }

  /// `split_part(text, delimiter, n)`: the n-th part, from 1, or from the end if negative, as PostgreSQL has it.
  private static let splitPart = DatabaseFunction("split_part", argumentCount: 3, pure: true) { values in
    guard let source = text(values[0]), let delimiter = text(values[1]), let number = Int.fromDatabaseValue(values[2]) else { return nil }
    let parts = delimiter.isEmpty ? [source] : source.split(separator: delimiter, omittingEmptySubsequences: false).map(String.init)
    let index = number > 0 ? number - 1 : parts.count + number
    return parts.indices.contains(index) ? parts[index] : ""
  }

  /// `regexp(pattern, text)`, the operator REGEXP: whether the pattern is found in the text.
  private static let regexp = DatabaseFunction("regexp", argumentCount: 2, pure: true) { values in
    guard let pattern = text(values[0]), let source = text(values[1]) else { return nil }
    return try source.firstMatch(of: Regex(pattern)) != nil
  }

  /// `regexp_instr(text, pattern, position, occurrence)`: where the pattern is found, in characters from 1, or 0; the search begins at
  /// `position`, and both numbers may be left out (as Snowflake, Redshift and BigQuery have it).
  private static let regexpInstr = DatabaseFunction("regexp_instr", pure: true) { values in
    guard (2...4).contains(values.count) else { throw DatabaseError(message: "regexp_instr takes (text, pattern, position, occurrence)") }
    guard let source = text(values[0]), let pattern = text(values[1]) else { return nil }
    let position = values.count > 2 ? Int.fromDatabaseValue(values[2]) ?? 1 : 1
    let occurrence = values.count > 3 ? Int.fromDatabaseValue(values[3]) ?? 1 : 1
    guard position > 0, occurrence > 0 else { throw DatabaseError(message: "position and occurrence of regexp_instr begin at 1") }
    guard let start = source.index(source.startIndex, offsetBy: position - 1, limitedBy: source.endIndex) else { return 0 }
    let matches = try source[start...].matches(of: Regex(pattern)).prefix(occurrence)
    return matches.count == occurrence ? matches.last.map { source.distance(from: source.startIndex, to: $0.range.lowerBound) + 1 } : 0
  }

  /// `rand()`: a number from 0 up to 1, another for every row.
  private static let rand = DatabaseFunction("rand", argumentCount: 0) { _ in Double.random(in: 0..<1) }

  private static func text(_ value: DatabaseValue) -> String? {
    switch value.storage {
    case .null: nil
    case .int64(let number): String(number)
    case .double(let number): "\(number)"
    case .string(let text): text
    case .blob(let data): String(decoding: data, as: UTF8.self)
    }
  }

  private static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
