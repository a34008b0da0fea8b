/// What is being rendered: one text, or, in a native environment, the pieces that become a value.
final class Output {
  private(set) var text = ""
  private var pieces: [Value]?
  /// Whether nothing is printed any more: the template extends another, which prints instead.
  var isMuted = false

  init(isNative: Bool) {
    if isNative { pieces = [] }
  }

  @inline(__always)
  func append(literal: String) throws {
    guard !isMuted else { return }
    if pieces == nil { text += literal } else { pieces?.append(.string(literal)) }
    try Limits.check(text: text.utf8.count)
  }

  func append(_ value: Value, escaping: Bool) throws {
    if pieces != nil {
      if case .undefined(let undefined) = value, undefined.kind == .strict { throw undefined.fault }
      pieces?.append(value)
      return
    }
    switch value {
    case .string(let string):
      if escaping { text.append(escaped: string) } else { text += string }
    case .markup(let string): text += string
    case .int(let number): text += String(number)
    case .none: text += "None"
    case .undefined(let undefined):
      let shown = try undefined.text()
      if escaping { text.append(escaped: shown) } else { text += shown }
    case .object(let object) where escaping && object.isMarkup: text += try object.text()
    default:
      let shown = try value.str()
      if escaping { text.append(escaped: shown) } else { text += shown }
    }
    try Limits.check(text: text.utf8.count)
  }

  /// The rendered text, or the native value; a text is markup if `escaping`.
  func result(escaping: Bool) throws -> Value {
    if let pieces { return try Value.native(pieces) }
    return escaping ? .markup(text) : .string(text)
  }
}

extension String {
  /// Appends `text` with the characters that mean something in HTML replaced.
  mutating func append(escaped text: String) {
    var text = text
    let isPlain = text.withUTF8 { bytes in
      !bytes.contains { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x22 || $0 == 0x27 }
    }
    if isPlain {
      self += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": self += "&amp;"
      case "<": self += "&lt;"
      case ">": self += "&gt;"
      case "\"": self += "&#34;"
      case "'": self += "&#39;"
      default: unicodeScalars.append(scalar)
      }
    }
  }

  /// The text with the characters that mean something in HTML replaced.
  var htmlEscaped: String {
    var result = ""
    result.append(escaped: self)
    return result
  }
}

extension Value {
  /// The value for autoescaping filters: markup stays, everything else is escaped.
  func escaped() throws -> String {
    switch self {
    case .markup(let text): return text
    case .object(let object) where object.isMarkup: return try object.text()
    default: return try str().htmlEscaped
    }
  }
}
