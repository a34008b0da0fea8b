extension Value {
  /// `str(value)`. Throws for strict undefineds and host objects that refuse.
  public func str() throws -> String {
    switch self {
    case .string(let text), .markup(let text): return text
    case .undefined(let undefined): return try undefined.text()
    case .object(let object): return try object.text()
    default: return representation
    }
  }

  /// `repr(value)`.
  public var representation: String { represent(depth: 0) }

  private func represent(depth: Int) -> String {
    guard depth < 60 else { return "..." }
    func joined(_ values: some Sequence<Value>) -> String {
      var text = ""
      for value in values {
        if !text.isEmpty { text += ", " }
        text += value.represent(depth: depth + 1)
      }
      return text
    }
    switch self {
    case .undefined: return "Undefined"
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return String(value)
    case .bigInt(let value): return value.description
    case .double(let value): return FloatText.repr(value)
    case .string(let text): return Value.quoted(text)
    case .markup(let text): return "Markup(\(Value.quoted(text)))"
    case .list(let box): return "[\(joined(box.elements))]"
    case .tuple(let elements): return elements.count == 1 ? "(\(joined(elements)),)" : "(\(joined(elements)))"
    case .set(let box): return box.elements.isEmpty ? "set()" : "{\(joined(box.elements))}"
    case .dict(let box):
      var text = "{"
      for (key, value) in box.members {
        if text.utf8.count > 1 { text += ", " }
        text += key.represent(depth: depth + 1) + ": " + value.represent(depth: depth + 1)
      }
      return text + "}"
    case .range(let range):
      return range.step == 1 ? "range(\(range.start), \(range.stop))" : "range(\(range.start), \(range.stop), \(range.step))"
    case .iterator(let iterator): return "<\(iterator.kind) object>"
    case .function(let function): return "<function \(function.name)>"
    case .macro(let macro): return "<Macro '\(macro.name)'>"
    case .object(let object): return object.representation
    }
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
