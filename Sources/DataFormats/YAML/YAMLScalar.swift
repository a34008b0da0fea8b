/// What a plain YAML scalar means, by the resolver of YAML 1.1 as PyYAML implements it
/// (<https://yaml.org/type/>, with PyYAML's narrower booleans and floats).
enum YAMLScalar {
  /// The value of a scalar without quotes and tag.
  static func resolve(_ text: String) -> JSON {
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      return number(text) ?? .string(text)
    default:
      return word(text)
    }
  }

  private static func word(_ text: String) -> JSON {
    switch text {
    case "~", "null", "Null", "NULL": .null
    case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": true
    case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": false
    default: .string(text)
    }
  }

  /// The number that a scalar is; nil if it is none.
  static func number(_ text: String) -> JSON? {
    var digits = Array(text.utf8)
    var negative = false
    if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      negative = sign == UInt8(ascii: "-")
      digits.removeFirst()
    }
    guard let first = digits.first else { return nil }
    if first == UInt8(ascii: "0"), digits.count > 1, let value = radixInteger(digits) { return signed(value, negative, radixText: true) }
    if digits.contains(UInt8(ascii: ":")) { return sexagesimal(digits, negative) }
    if isDecimal(first), !(first == UInt8(ascii: "0") && digits.count > 1), digits.allSatisfy({ isDecimal($0) || $0 == underscore }) {
      return signed(String(decoding: digits.filter { $0 != underscore }, as: UTF8.self), negative, radixText: false)
    }
    return decimal(digits, negative, signWritten: digits.count < text.utf8.count)
  }

  private static let underscore = UInt8(ascii: "_")

  private static func isDecimal(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// `0b101`, `017`, `0x1F`, as decimal text.
  private static func radixInteger(_ digits: [UInt8]) -> String? {
    let (radix, body): (Int, ArraySlice<UInt8>) =
      switch digits[1] {
      case UInt8(ascii: "b"): (2, digits[2...])
      case UInt8(ascii: "x"): (16, digits[2...])
      default: (8, digits[1...])
      }
    let clean = body.filter { $0 != underscore }
    guard !clean.isEmpty || (radix == 8 && !body.isEmpty) else { return nil }
    if clean.isEmpty { return "0" }
    let text = String(decoding: clean, as: UTF8.self)
    guard clean.allSatisfy({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) else { return nil }
    return UInt64(text, radix: radix).map { String($0) }
  }

  private static func signed(_ decimal: String, _ negative: Bool, radixText: Bool) -> JSON {
    let text = negative ? "-" + decimal : decimal
    return Int64(text).map(JSON.int) ?? .number(text)
  }

  /// `1:30` is 90, `1:30.5` is 90.5: numbers to the base of 60.
  private static func sexagesimal(_ digits: [UInt8], _ negative: Bool) -> JSON? {
    let parts = digits.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard let first = parts.first, let lead = first.first, isDecimal(lead), first.allSatisfy({ isDecimal($0) || $0 == underscore }),
      let last = parts.last
    else { return nil }
    let fraction = last.firstIndex(of: UInt8(ascii: "."))
    let isInteger = fraction == nil
    if isInteger && lead == UInt8(ascii: "0") { return nil }
    var total = 0.0
    for (index, part) in parts.enumerated() {
      let whole = index == parts.count - 1 ? part[..<(fraction ?? part.endIndex)] : part
      if index > 0 {
        guard (1...2).contains(whole.count), whole.allSatisfy(isDecimal), whole.count == 1 || whole.first.map({ $0 <= UInt8(ascii: "5") }) == true
        else { return nil }
      }
      guard let number = Double(String(decoding: whole.filter { $0 != underscore }, as: UTF8.self)) else { return nil }
      total = total * 60 + number
    }
    if let fraction {
      let tail = last[last.index(after: fraction)...].filter { $0 != underscore }
      guard tail.allSatisfy(isDecimal) else { return nil }
      total += Double("0." + (tail.isEmpty ? "0" : String(decoding: tail, as: UTF8.self))) ?? 0
      return .double(negative ? -total : total)
    }
    return Int64(exactly: negative ? -total : total).map(JSON.int)
  }

  /// A float: a point is required, and an exponent has a sign.
  private static func decimal(_ digits: [UInt8], _ negative: Bool, signWritten: Bool) -> JSON? {
    let text = String(decoding: digits, as: UTF8.self)
    if [".inf", ".Inf", ".INF"].contains(text) { return .double(negative ? -.infinity : .infinity) }
    if !signWritten, [".nan", ".NaN", ".NAN"].contains(text) { return .double(.nan) }
    guard let point = digits.firstIndex(of: UInt8(ascii: ".")) else { return nil }
    let whole = digits[..<point]
    guard whole.allSatisfy({ isDecimal($0) || $0 == underscore }), whole.first != underscore else { return nil }
    if whole.isEmpty && (signWritten || point + 1 >= digits.count || !isDecimal(digits[point + 1])) { return nil }
    var rest = digits[(point + 1)...]
    var exponent = ""
    if let e = rest.firstIndex(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
      let power = rest[(e + 1)...]
      guard let sign = power.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), power.count > 1, power.dropFirst().allSatisfy(isDecimal)
      else { return nil }
      exponent = "e" + String(decoding: power, as: UTF8.self)
      rest = rest[..<e]
    }
    guard rest.allSatisfy({ isDecimal($0) || $0 == underscore }) else { return nil }
    func clean(_ part: ArraySlice<UInt8>) -> String { String(decoding: part.filter { $0 != underscore }, as: UTF8.self) }
    let wholeText = clean(whole)
    let fractionText = clean(rest)
    guard let value = Double((wholeText.isEmpty ? "0" : wholeText) + "." + (fractionText.isEmpty ? "0" : fractionText) + exponent) else { return nil }
    return .double(negative ? -value : value)
  }
}
