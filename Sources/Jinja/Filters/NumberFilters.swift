import Glibc

/// Filters that give numbers, or take them.
enum NumberFilters {
  static let all: [String: Filter] = ["abs": abs, "filesizeformat": fileSize, "float": float, "int": int, "round": round]

  private static let abs: Filter = { value, _ in
    switch value {
    case .int(let number) where number >= 0: return value
    case .double(let number): return .double(number.magnitude)
    case .int, .bigInt, .bool:
      let number = try value.asNumber()
      return try number.isLess(than: 0) ? number.negated() : number
    case .undefined(let undefined): throw undefined.fault
    default: throw Fault(.type, "bad operand type for abs(): '\(value.typeName)'")
    }
  }

  private static let float: Filter = { value, call in
    if let number = value.double { return .double(number) }
    if let text = value.text, let number = Conversion.double(text) { return .double(number) }
    return call.argument(0, "default") ?? 0.0
  }

  private static let int: Filter = { value, call in
    if let number = try? value.truncated() { return number }
    if let text = value.text {
      let base = try call.integer(1, "base") ?? 10
      if let number = Conversion.integer(text, base: Int(clamping: base)) { return number }
      if let number = Conversion.double(text), let whole = try? Value.double(number).truncated() { return whole }
    }
    return call.argument(0, "default") ?? 0
  }

  private static let round: Filter = { value, call in
    let precision = Int(clamping: try call.integer(0, "precision") ?? 0)
    let method = try call.string(1, "method") ?? "common"
    guard let number = value.double else {
      if case .undefined(let undefined) = value { throw undefined.fault }
      throw Fault(.type, "type \(value.typeName) doesn't define __round__ method")
    }
    switch method {
    case "common": return .double(Conversion.rounded(number, precision))
    case "ceil": return .double(Glibc.ceil(number * pow(10, Double(precision))) / pow(10, Double(precision)))
    case "floor": return .double(Glibc.floor(number * pow(10, Double(precision))) / pow(10, Double(precision)))
    default: throw Fault(.value, "method must be common, ceil or floor")
    }
  }

  private static let fileSize: Filter = { value, call in
    guard let bytes = value.double ?? value.text.flatMap(Conversion.double) else {
      throw Fault(.type, "filesizeformat takes a number, not \(value.typeName)")
    }
    let isBinary = try call.flag(0, "binary")
    let base = isBinary ? 1024.0 : 1000.0
    if bytes == 1 { return "1 Byte" }
    if bytes < base { return .string("\(Int64(bytes)) Bytes") }
    let units = isBinary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
    var unit = base
    for name in units {
      let next = unit * base
      if bytes < next || name == units.last { return .string(FloatText.printf(bytes / unit, "f", precision: 1) + " " + name) }
      unit = next
    }
    return .none
  }
}

/// Python's `int()`, `float()` and `round()`.
enum Conversion {
  static func double(_ text: String) -> Double? {
    let trimmed = text.trimmedWhitespace().lowercased()
    let sign = trimmed.hasPrefix("-") ? -1.0 : 1.0
    let digits = trimmed.hasPrefix("-") || trimmed.hasPrefix("+") ? String(trimmed.dropFirst()) : trimmed
    switch digits {
    case "inf", "infinity": return sign * .infinity
    case "nan": return .nan
    default: break
    }
    guard let first = digits.first, first != "+", first != "-", let plain = PythonNumber.withoutUnderscores(digits) else { return nil }
    guard case .double(let number)? = PythonNumber.decimal(plain) else { return nil }
    return sign * number
  }

  static func integer(_ text: String, base: Int) -> Value? {
    var digits = text.trimmedWhitespace().lowercased()
    var isNegative = false
    if digits.hasPrefix("-") || digits.hasPrefix("+") {
      isNegative = digits.hasPrefix("-")
      digits.removeFirst()
    }
    var radix = base
    for (prefix, size) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) && (base == size || base == 0) {
      digits.removeFirst(2)
      radix = size
      break
    }
    if radix == 0 { radix = 10 }
    guard (2...36).contains(radix), let plain = PythonNumber.withoutUnderscores(digits) else { return nil }
    if radix > 16 { return Int64(plain, radix: radix).map { .int(isNegative ? -$0 : $0) } }
    guard let number = BigInt(digits: plain, radix: radix) else { return nil }
    return (isNegative ? -number : number).value
  }

  /// Rounded to `digits` decimals, halves to even, as Python decides on the exact binary value.
  static func rounded(_ value: Double, _ digits: Int) -> Double {
    guard value.isFinite else { return value }
    if digits == 0 { return value.rounded(.toNearestOrEven) }
    if digits > 0 { return digits > 300 ? value : Double(FloatText.printf(value, "f", precision: digits)) ?? value }
    guard digits > -308 else { return 0 }
    let scale = pow(10, Double(-digits))
    return (value / scale).rounded(.toNearestOrEven) * scale
  }
}
