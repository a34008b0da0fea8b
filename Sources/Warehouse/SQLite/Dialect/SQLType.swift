/// A type as other engines name it, and what a conversion to it is in SQLite.
///
/// SQLite knows five storage classes; `CAST` to any name it does not know makes a number
/// (https://www.sqlite.org/lang_expr.html#castexpr), of '2020-01-02' just 2020.
struct SQLType {
  /// The name in lower case: `timestamp with time zone`.
  var name: String
  /// The digits behind the point of `numeric(16, 2)`.
  var scale: Int?
  /// How many tokens it takes.
  var length: Int

  /// Reads the type at the front of `tokens`.
  init?(_ tokens: ArraySlice<SQLToken>) {
    guard let first = tokens.first, first.kind == .word else { return nil }
    var at = tokens.startIndex + 1
    func word(_ offset: Int = 0) -> String {
      at + offset < tokens.endIndex && tokens[at + offset].kind == .word ? tokens[at + offset].text.lowercased() : ""
    }
    name = first.text.lowercased()
    scale = nil
    if name == "double" && word() == "precision" || ["character", "char"].contains(name) && word() == "varying" {
      name += " " + word()
      at += 1
    }
    if at < tokens.endIndex, tokens[at].isSign("("), let close = tokens[at...].firstIndex(where: { $0.isSign(")") }) {
      let numbers = tokens[(at + 1)..<close].filter { $0.kind == .number }.compactMap { Int($0.text) }
      guard tokens[(at + 1)..<close].allSatisfy({ $0.kind == .number || $0.isSign(",") }) else { return nil }
      scale = numbers.count > 1 ? numbers[1] : nil
      at = close + 1
    }
    if ["timestamp", "time"].contains(name), ["with", "without"].contains(word()), word(1) == "time", word(2) == "zone" { at += 3 }
    length = at - tokens.startIndex
  }

  /// The conversion of `operand` where the text says `CAST`: nil where SQLite does it right by itself.
  func cast(_ operand: [SQLToken]) -> [SQLToken]? {
    switch name {
    case "date": return SQLType.call("date", SQLType.readable(operand))
    case "time", "timetz": return SQLType.call("time", SQLType.readable(operand))
    case "timestamp", "timestamptz", "datetime", "datetime2", "timestamp_ntz", "timestamp_ltz", "timestamp_tz":
      // Down to the millisecond where there are any: what SQLite's date functions know.
      let text = SQLType.call("strftime", [SQLToken(.text, "'%Y-%m-%d %H:%M:%f'"), .sign(",")] + SQLType.readable(operand, lead: " "))
      let digits = SQLType.call("rtrim", text + [.sign(","), SQLToken(.text, "'0'", lead: " ")])
      return SQLType.call("rtrim", digits + [.sign(","), SQLToken(.text, "'.'", lead: " ")])
    case "boolean", "bool":
      // Any number but 0 is true, as it is elsewhere.
      let lies = ["'false'", "'f'", "'no'", "'n'", "'off'", "'0'", "'0.0'", "''"]
      var list: [SQLToken] = []
      for lie in lies { list += (list.isEmpty ? [] : [.sign(",")]) + [SQLToken(.text, lie, lead: list.isEmpty ? "" : " ")] }
      return [.sign("(")] + SQLType.call("lower", operand) + [.word("not", lead: " "), .word("in", lead: " "), .sign("(", lead: " ")] + list + [
        .sign(")"), .sign(")"),
      ]
    case "string", "uuid", "json", "jsonb", "variant", "super", "object", "name": return SQLType.plain(operand, "text")
    default: return nil
    }
  }

  /// The conversion of `operand` where the text says `::`, which no SQLite text does; nil where the type is unknown.
  func convert(_ operand: [SQLToken]) -> [SQLToken]? {
    switch name {
    case "numeric", "decimal", "number":
      guard let scale else { return SQLType.plain(operand, "real") }
      return SQLType.call("round", operand + [.sign(","), SQLToken(.number, String(scale), lead: " ")])
    case "real", "float", "float4", "float8", "float64", "double", "double precision": return SQLType.plain(operand, "real")
    case "int", "integer", "bigint", "smallint", "tinyint", "int2", "int4", "int8", "int64", "hugeint": return SQLType.plain(operand, "integer")
    case "text", "varchar", "char", "character", "character varying", "char varying", "bpchar", "nvarchar": return SQLType.plain(operand, "text")
    default: return cast(operand)
    }
  }

  private static func plain(_ operand: [SQLToken], _ type: String) -> [SQLToken] {
    call("cast", operand + [.word("as", lead: " "), .word(type, lead: " ")])
  }

  static func call(_ function: String, _ arguments: [SQLToken]) -> [SQLToken] {
    [.word(function), .sign("(")] + arguments + [.sign(")")]
  }

  /// A literal with a zone that SQLite reads: `-07` is `-07:00`.
  private static func readable(_ operand: [SQLToken], lead: String = "") -> [SQLToken] {
    var operand = operand
    guard operand.count == 1, operand[0].kind == .text, operand[0].text.contains(":") else {
      if !operand.isEmpty, !lead.isEmpty { operand[0].lead = lead }
      return operand
    }
    let zone = operand[0].text.dropLast().suffix(3)
    if let sign = zone.first, sign == "+" || sign == "-", zone.dropFirst().allSatisfy(\.isNumber) { operand[0].text = operand[0].text.dropLast() + ":00'" }
    operand[0].lead = lead
    return operand
  }
}
