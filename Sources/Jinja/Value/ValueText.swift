extension Value {
  /// `str(value)`. Throws for strict undefineds and host objects that refuse.
  public func str() throws -> String {
    switch self {
    case .string(let text), .markup(let text): return text
    case .undefined(let undefined): return try undefined.text()
    case .object(let object): return try object.text()
    case .bigInt(let value): return try value.text()
    default: return representation
    }
  }

  /// `repr(value)`. A container inside of itself is written as `[...]`, as Python writes it.
  public var representation: String {
    var writer = Representation()
    return writer.text(self)
  }

  /// A text as a Python literal: in single quotes, unless only single quotes stand in it.
  static func quoted(_ text: String) -> String {
    let bytes = text.utf8
    let quote: UInt8 = bytes.contains(0x27) && !bytes.contains(0x22) ? 0x22 : 0x27
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != quote && $0 != 0x5C }) {
      return quote == 0x27 ? "'\(text)'" : "\"\(text)\""
    }
    var result = quote == 0x27 ? "'" : "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\\": result += "\\\\"
      case "'" where quote == 0x27: result += "\\'"
      case "\"" where quote == 0x22: result += "\\\""
      default:
        if isPrintable(scalar) { result.unicodeScalars.append(scalar) } else { result += escape(scalar) }
      }
    }
    return result + (quote == 0x27 ? "'" : "\"")
  }

  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7F { return scalar.value >= 0x20 }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator: return false
    default: return true
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    func hex(_ width: Int) -> String {
      let digits = String(scalar.value, radix: 16)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    if scalar.value < 0x100 { return "\\x\(hex(2))" }
    return scalar.value < 0x10000 ? "\\u\(hex(4))" : "\\U\(hex(8))"
  }

  /// Whether the value is safe in HTML as it is.
  var isMarkup: Bool {
    switch self {
    case .markup: true
    case .object(let object): object.isMarkup
    default: false
    }
  }
}
