/// Python's format specification: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
struct FormatSpecification {
  var fill: Character = " "
  var align: Character?
  var sign: Character = "-"
  var isAlternate = false
  var width = 0
  var grouping: Character?
  var precision: Int?
  var type: Character?

  /// Reads `text`. Throws `jinja.value`.
  init(_ text: String) throws {
    let characters = Array(text)
    var index = 0
    func at(_ offset: Int) -> Character? { index + offset < characters.count ? characters[index + offset] : nil }
    let aligns: Set<Character> = ["<", ">", "=", "^"]
    if let align = at(1), aligns.contains(align), let first = at(0) {
      (fill, self.align) = (first, align)
      index += 2
    } else if let align = at(0), aligns.contains(align) {
      self.align = align
      index += 1
    }
    if let sign = at(0), ["+", "-", " "].contains(sign) {
      self.sign = sign
      index += 1
    }
    if at(0) == "#" {
      isAlternate = true
      index += 1
    }
    if at(0) == "0" {
      if align == nil { (fill, align) = ("0", "=") }
      index += 1
    }
    func number() throws -> Int? {
      var digits = ""
      while let digit = at(0), digit.isASCII, digit.isNumber {
        digits.append(digit)
        index += 1
      }
      if digits.isEmpty { return nil }
      guard let value = Int(digits), value <= 1_000_000 else { throw Fault(.value, "too many decimal digits in format string") }
      return value
    }
    width = try number() ?? 0
    if let grouping = at(0), grouping == "," || grouping == "_" {
      self.grouping = grouping
      index += 1
    }
    if at(0) == "." {
      index += 1
      guard let digits = try number() else { throw Fault(.value, "format specifier missing precision") }
      precision = digits
    }
    type = at(0)
    if type != nil { index += 1 }
    guard index == characters.count else { throw Fault(.value, "invalid format specifier '\(text)'") }
  }

  init() {}

  /// `format(value, specification)`
  func format(_ value: Value) throws -> String {
    switch value {
    case .bool where type == nil || type == "s": return padded(try value.str(), defaultAlign: "<")
    case .int, .bool, .bigInt:
      if let type, "eEfFgG%".contains(type) { return padded(number(value.double ?? 0), defaultAlign: ">") }
      return padded(try integer(value), defaultAlign: ">")
    case .double(let number): return padded(self.number(number), defaultAlign: ">")
    default:
      guard type == nil || type == "s" else {
        throw Fault(.value, "unknown format code '\(type ?? "s")' for object of type '\(value.typeName)'")
      }
      let text = try value.str()
      return padded(precision.map { String(String.UnicodeScalarView(text.unicodeScalars.prefix($0))) } ?? text, defaultAlign: "<")
    }
  }

  func padded(_ text: String, defaultAlign: Character) -> String {
    let missing = width - text.length
    guard missing > 0 else { return text }
    func fillers(_ count: Int) -> String { String(repeating: fill, count: count) }
    switch align ?? defaultAlign {
    case "<": return text + fillers(missing)
    case "^": return fillers(missing / 2) + text + fillers(missing - missing / 2)
    case "=":
      var prefix = text.prefix { $0 == "+" || $0 == "-" || $0 == " " }
      if isAlternate, let type, "xXob".contains(type) { prefix = text.prefix(prefix.count + 2) }
      return prefix + fillers(missing) + text.dropFirst(prefix.count)
    default: return fillers(missing) + text
    }
  }

  private func signed(_ digits: String, isNegative: Bool) -> String {
    if isNegative { return "-" + digits }
    return sign == "-" ? digits : String(sign) + digits
  }

  private func grouped(_ digits: String, every size: Int = 3) -> String {
    guard let grouping else { return digits }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % size == 0 { result.append(grouping) }
      result.append(digit)
    }
    return result
  }

  private func integer(_ value: Value) throws -> String {
    let decimal = value.int.map { String($0) } ?? value.representation
    let isNegative = decimal.hasPrefix("-")
    let radixes: [Character: (Int, String)] = ["x": (16, "0x"), "X": (16, "0X"), "o": (8, "0o"), "b": (2, "0b")]
    if type == "c" {
      guard let number = value.int.flatMap(UInt32.init(exactly:)), let scalar = Unicode.Scalar(number) else {
        throw Fault(.overflow, "%c arg not in range(0x110000)")
      }
      return String(scalar)
    }
    if let type, let (radix, prefix) = radixes[type] {
      let digits = value.int.map { String($0.magnitude, radix: radix, uppercase: type == "X") } ?? decimal
      return signed((isAlternate ? prefix : "") + grouped(digits, every: 4), isNegative: isNegative)
    }
    guard type == nil || type == "d" || type == "n" else {
      throw Fault(.value, "unknown format code '\(type ?? "d")' for object of type 'int'")
    }
    return signed(grouped(isNegative ? String(decimal.dropFirst()) : decimal), isNegative: isNegative)
  }

  private func number(_ value: Double) -> String {
    let size = value.magnitude
    var text: String
    switch type {
    case nil where precision == nil: text = FloatText.repr(size)
    case nil:
      text = FloatText.printf(size, "g", precision: max(1, precision ?? 12))
      if size.isFinite, !text.contains("."), !text.contains("e") { text += ".0" }
    case "%": text = FloatText.printf(size * 100, "f", precision: precision ?? 6) + "%"
    case "n": text = FloatText.printf(size, "g", precision: precision ?? 6)
    case let conversion?: text = FloatText.printf(size, conversion, precision: precision ?? 6, alternate: isAlternate)
    }
    if grouping != nil {
      let whole = text.prefix { $0.isNumber }
      text = grouped(String(whole)) + text.dropFirst(whole.count)
    }
    return signed(text, isNegative: value.sign == .minus && !value.isNaN)
  }
}
