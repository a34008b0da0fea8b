import OrderedCollections

/// Python's `ast.literal_eval`: numbers, strings, tuples, lists, dicts, sets, True, False, None, and nothing else.
struct PythonLiteral {
  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  /// The value that `text` writes; nil if it is not a literal.
  static func value(_ text: String) -> Value? {
    // A text that begins with a blank is indented, and no expression.
    guard let first = text.utf8.first, first != 0x20, first != 0x09 else { return nil }
    var parser = PythonLiteral(bytes: Array(text.utf8))
    parser.skipSpace()
    guard let value = parser.tuple() else { return nil }
    parser.skipSpace()
    return parser.at == parser.bytes.count ? value : nil
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private var current: UInt8 { at < bytes.count ? bytes[at] : 0 }

  private mutating func skipSpace() { while at < bytes.count, Lexer.isSpace(bytes[at]) { at += 1 } }

  private mutating func skip(_ symbol: Character) -> Bool {
    skipSpace()
    guard let byte = symbol.asciiValue, current == byte else { return false }
    at += 1
    return true
  }

  /// A value, or several with commas between.
  private mutating func tuple() -> Value? {
    guard let first = value() else { return nil }
    guard skip(",") else { return first }
    var elements = [first]
    while true {
      skipSpace()
      if at == bytes.count || current == UInt8(ascii: ")") { break }
      guard let next = value() else { return nil }
      elements.append(next)
      guard skip(",") else { break }
    }
    return .tuple(elements)
  }

  private mutating func value() -> Value? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { return nil }
    skipSpace()
    switch current {
    case UInt8(ascii: "["):
      at += 1
      return elements(until: "]").map { Value($0) }
    case UInt8(ascii: "("):
      at += 1
      if skip(")") { return .tuple([]) }
      guard let value = tuple(), skip(")") else { return nil }
      return value
    case UInt8(ascii: "{"):
      at += 1
      return braces()
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      return strings()
    case UInt8(ascii: "-"), UInt8(ascii: "+"):
      let isNegative = current == UInt8(ascii: "-")
      at += 1
      skipSpace()
      guard let number = number() else { return nil }
      return isNegative ? try? number.negated() : number
    default:
      return Lexer.isDigit(current) || current == UInt8(ascii: ".") ? number() : word()
    }
  }

  private mutating func elements(until close: Character) -> [Value]? {
    var elements: [Value] = []
    while !skip(close) {
      if !elements.isEmpty {
        guard skip(",") else { return nil }
        if skip(close) { break }
      }
      guard let element = value() else { return nil }
      elements.append(element)
    }
    return elements
  }

  private mutating func braces() -> Value? {
    if skip("}") { return .dict(DictBox()) }
    guard let first = value() else { return nil }
    if skip(":") {
      var members: OrderedDictionary<Value, Value> = [:]
      guard first.isHashable, let value = value() else { return nil }
      members[first] = value
      while !skip("}") {
        guard skip(",") else { return nil }
        if skip("}") { break }
        guard let key = self.value(), key.isHashable, skip(":"), let value = self.value() else { return nil }
        members[key] = value
      }
      return Value(members)
    }
    guard first.isHashable else { return nil }
    var elements: OrderedSet<Value> = [first]
    while !skip("}") {
      guard skip(",") else { return nil }
      if skip("}") { break }
      guard let element = value(), element.isHashable else { return nil }
      elements.append(element)
    }
    return .set(SetBox(elements))
  }

  /// One string, or several side by side.
  private mutating func strings() -> Value? {
    var text = ""
    while current == UInt8(ascii: "'") || current == UInt8(ascii: "\"") {
      let quote = current
      let isTriple = at + 2 < bytes.count && bytes[at + 1] == quote && bytes[at + 2] == quote
      let marks = isTriple ? 3 : 1
      at += marks
      let start = at
      while at < bytes.count {
        if bytes[at] == UInt8(ascii: "\\") {
          at += 2
          continue
        }
        if bytes[at] == quote, !isTriple || at + 2 < bytes.count && bytes[at + 1] == quote && bytes[at + 2] == quote { break }
        if bytes[at] == 0x0A, !isTriple { return nil }
        at += 1
      }
      guard at < bytes.count else { return nil }
      guard let part = try? PythonEscapes.decoded(bytes[start..<at], at: SourcePosition(line: 1, column: 1)) else { return nil }
      text += part
      at += marks
      skipSpace()
    }
    return .string(text)
  }

  private mutating func word() -> Value? {
    let start = at
    while at < bytes.count, Lexer.isWord(bytes[at]) { at += 1 }
    switch String(decoding: bytes[start..<at], as: UTF8.self) {
    case "True": return .bool(true)
    case "False": return .bool(false)
    case "None": return Value.none
    case "set" where skip("(") && skip(")"): return .set(SetBox())
    default: return nil
    }
  }

  private mutating func number() -> Value? {
    let start = at
    while at < bytes.count {
      let byte = bytes[at]
      let isSign =
        (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && at > start && bytes[at - 1] | 0x20 == UInt8(ascii: "e")
        && !(bytes[start] == UInt8(ascii: "0") && start + 1 < bytes.count && bytes[start + 1] | 0x20 == UInt8(ascii: "x"))
      guard Lexer.isWord(byte) || byte == UInt8(ascii: ".") || isSign else { break }
      at += 1
    }
    return PythonNumber.value(String(decoding: bytes[start..<at], as: UTF8.self))
  }
}

/// Numbers as Python's source writes them.
enum PythonNumber {
  /// The number that `text` writes, without a sign; nil if it is none.
  static func value(_ text: String) -> Value? {
    guard !text.isEmpty, let digits = withoutUnderscores(text) else { return nil }
    let lowered = digits.lowercased()
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lowered.hasPrefix(prefix) {
      return BigInt(digits: lowered.dropFirst(2), radix: radix)?.value
    }
    if lowered.utf8.allSatisfy(Lexer.isDigit) {
      // Leading zeros are allowed for zero alone.
      if lowered.first == "0", lowered.contains(where: { $0 != "0" }) { return nil }
      return BigInt(digits: lowered, radix: 10)?.value
    }
    return decimal(lowered)
  }

  /// The floating point number that `text` writes.
  static func decimal(_ text: String) -> Value? {
    let allowed = text.utf8.allSatisfy { Lexer.isDigit($0) || [0x2E, 0x65, 0x2B, 0x2D].contains($0) }
    guard allowed, text.utf8.contains(where: Lexer.isDigit), text.first != "e" else { return nil }
    // Swift wants digits on both sides of the point.
    let parts = text.split(separator: "e", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    var mantissa = String(parts[0])
    if mantissa.hasPrefix(".") { mantissa = "0" + mantissa }
    if mantissa.hasSuffix(".") { mantissa += "0" }
    return Double(parts.count == 2 ? "\(mantissa)e\(parts[1])" : mantissa).map { .double($0) }
  }

  /// The digits without the underscores that may stand between two of them; nil if one stands elsewhere.
  static func withoutUnderscores(_ text: String) -> String? {
    guard text.contains("_") else { return text }
    guard !text.hasPrefix("_"), !text.hasSuffix("_"), !text.includes("__") else { return nil }
    return text.replacingAll("_", with: "")
  }
}

extension Value {
  /// The value that a text writes as a Python literal (`ast.literal_eval`): `[1, 'a']`, `{'a': None}`, `1_000`, `'x'`; nil
  /// if it is no literal.
  public init?(pythonLiteral text: String) {
    guard let value = PythonLiteral.value(text) else { return nil }
    self = value
  }

  /// What a native environment makes of the pieces of a template: a single value itself, several ones the value that their
  /// text writes as a Python literal, or else the text.
  static func native(_ pieces: [Value]) throws -> Value {
    guard let first = pieces.first else { return .none }
    if pieces.count == 1, first.text == nil { return first }
    let text = try pieces.map { try $0.str() }.joined()
    return PythonLiteral.value(text) ?? .string(text)
  }
}
