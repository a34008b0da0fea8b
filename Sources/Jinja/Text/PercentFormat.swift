/// Python's `format % values`.
enum PercentFormat {
  /// `format` with its conversions filled from `values`: a tuple, a dict for named ones, or a single value.
  static func format(_ format: String, _ values: Value) throws -> String {
    guard format.utf8.contains(UInt8(ascii: "%")) || !values.isFormatted else { return format }
    let scalars = Array(format.unicodeScalars)
    let arguments: [Value] = if case .tuple(let elements) = values { elements } else { [values] }
    var result = ""
    var next = 0
    var index = 0
    var isNamed = false
    func argument() throws -> Value {
      guard next < arguments.count else { throw Fault(.type, "not enough arguments for format string") }
      next += 1
      return arguments[next - 1]
    }
    while index < scalars.count {
      guard scalars[index] == "%" else {
        result.unicodeScalars.append(scalars[index])
        index += 1
        continue
      }
      index += 1
      var value: Value?
      if index < scalars.count, scalars[index] == "(" {
        var depth = 1
        var name = String.UnicodeScalarView()
        index += 1
        while index < scalars.count {
          if scalars[index] == "(" { depth += 1 }
          if scalars[index] == ")" { depth -= 1 }
          if depth == 0 { break }
          name.append(scalars[index])
          index += 1
        }
        guard index < scalars.count else { throw Fault(.value, "incomplete format key") }
        index += 1
        guard let members = values.dict?.members else { throw Fault(.type, "format requires a mapping") }
        guard let found = members[.string(String(name))] else { throw Fault(.key, Value.quoted(String(name))) }
        value = found
        isNamed = true
      }
      var specification = FormatSpecification()
      var isLeft = false
      flags: while index < scalars.count {
        switch scalars[index] {
        case "-": isLeft = true
        case "+": specification.sign = "+"
        case " ": if specification.sign != "+" { specification.sign = " " }
        case "#": specification.isAlternate = true
        case "0": specification.fill = "0"
        default: break flags
        }
        index += 1
      }
      func number() throws -> Int {
        if index < scalars.count, scalars[index] == "*" {
          index += 1
          guard let number = try argument().int else { throw Fault(.type, "* wants int") }
          return Int(clamping: number)
        }
        var number = 0
        while index < scalars.count, let digit = Int(String(scalars[index])), scalars[index].isASCII {
          number = number * 10 + digit
          guard number <= 1_000_000 else { throw Fault(.value, "width too big") }
          index += 1
        }
        return number
      }
      specification.width = min(try number(), 1_000_000)
      if specification.width < 0 { (isLeft, specification.width) = (true, min(-specification.width, 1_000_000)) }
      if index < scalars.count, scalars[index] == "." {
        index += 1
        specification.precision = min(max(0, try number()), 1_000_000)
      }
      while index < scalars.count, ["h", "l", "L"].contains(scalars[index]) { index += 1 }
      guard index < scalars.count else { throw Fault(.value, "incomplete format") }
      let conversion = scalars[index]
      index += 1
      if conversion == "%" {
        result += "%"
        continue
      }
      if isLeft { (specification.align, specification.fill) = ("<", " ") } else if specification.fill == "0" { specification.align = "=" }
      result += try convert(try value ?? argument(), Character(conversion), &specification)
    }
    if !isNamed, next < arguments.count, values.isFormatted {
      throw Fault(.type, "not all arguments converted during string formatting")
    }
    return result
  }

  private static func convert(_ value: Value, _ conversion: Character, _ specification: inout FormatSpecification) throws -> String {
    switch conversion {
    case "s", "r", "a":
      var text = conversion == "s" ? try value.str() : value.representation
      if let precision = specification.precision { text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision))) }
      if specification.align == "=" { (specification.align, specification.fill) = (">", " ") }
      return specification.padded(text, defaultAlign: ">")
    case "d", "i", "u", "x", "X", "o":
      let isDecimal = "diu".contains(conversion)
      guard let number = isDecimal ? try value.truncated() : value.int.map({ .int($0) }) else {
        if case .undefined(let undefined) = value { throw undefined.fault }
        let wanted = isDecimal ? "a real number is required" : "an integer is required"
        throw Fault(.type, "%\(conversion) format: \(wanted), not \(value.typeName)")
      }
      specification.type = isDecimal ? "d" : conversion
      if let precision = specification.precision {
        var digits = specification
        (digits.width, digits.fill, digits.align) = (precision, "0", "=")
        return specification.padded(try digits.format(number), defaultAlign: ">")
      }
      return try specification.format(number)
    case "e", "E", "f", "F", "g", "G":
      guard let number = value.double else {
        if case .undefined(let undefined) = value { throw undefined.fault }
        throw Fault(.type, "must be real number, not \(value.typeName)")
      }
      specification.type = conversion
      return try specification.format(.double(number))
    case "c":
      if let text = value.text, text.length == 1 { return specification.padded(text, defaultAlign: ">") }
      specification.type = "c"
      guard value.int != nil else { throw Fault(.type, "%c requires int or char") }
      return try specification.format(value)
    default:
      throw Fault(.value, "unsupported format character '\(conversion)'")
    }
  }
}

extension Value {
  /// Whether a value to the right of `%` must be used up by the format: all but dicts and an empty tuple.
  fileprivate var isFormatted: Bool {
    switch self {
    case .dict, .list: false
    case .tuple(let elements): !elements.isEmpty
    default: true
    }
  }

  /// The number without its fraction; nil if it is none.
  func truncated() throws -> Value? {
    switch self {
    case .int, .bigInt: return self
    case .bool(let value): return .int(value ? 1 : 0)
    case .double(let value):
      guard let whole = BigInt(truncating: value) else {
        throw value.isNaN ? Fault(.value, "cannot convert float NaN to integer") : Fault(.overflow, "cannot convert float infinity to integer")
      }
      return whole.value
    default: return nil
    }
  }
}
