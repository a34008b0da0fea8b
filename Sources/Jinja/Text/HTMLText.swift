/// What filters do with HTML.
enum HTMLText {
  private static let entities: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®", "hellip": "…",
    "mdash": "—", "ndash": "–", "laquo": "«", "raquo": "»", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
    "euro": "€", "pound": "£", "yen": "¥", "cent": "¢", "sect": "§", "middot": "·", "bull": "•", "times": "×", "trade": "™",
  ]

  /// The text with character references replaced by the characters.
  static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    var result = ""
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      rest = rest[start...]
      let end = rest.prefix(32).firstIndex(of: ";")
      if let end, let character = character(rest[rest.index(after: start)..<end]) {
        result += character
        rest = rest[rest.index(after: end)...]
      } else {
        result += "&"
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  private static func character(_ reference: Substring) -> String? {
    guard reference.first == "#" else { return entities[String(reference)] }
    let digits = reference.dropFirst()
    let isHex = digits.first == "x" || digits.first == "X"
    let number = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(Unicode.Scalar.init).map { String($0) }
  }

  /// The text without comments and tags, runs of whitespace made one blank, character references replaced.
  static func withoutTags(_ text: String) -> String {
    var plain = ""
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      plain += rest[..<start]
      let isComment = rest[start...].hasPrefix("<!--")
      guard let close = isComment ? end(of: "-->", in: rest[start...]) : rest[start...].firstIndex(of: ">").map({ rest.index(after: $0) })
      else {
        plain += rest[start...]
        rest = ""
        break
      }
      rest = rest[close...]
    }
    plain += rest
    var words: [Substring.UnicodeScalarView] = []
    words = plain.unicodeScalars.split(whereSeparator: String.isSpace)
    return unescaped(words.map { String($0) }.joined(separator: " "))
  }

  private static func end(of mark: String, in text: Substring) -> Substring.Index? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index...].hasPrefix(mark) { return text.index(index, offsetBy: mark.count) }
      index = text.index(after: index)
    }
    return nil
  }

  /// Percent-encoding for URLs; `keeping` are the characters beside letters, digits and `_.-~` that stay.
  static func percentEncoded(_ text: String, keeping: String = "/") -> String {
    let kept = Set("_.-~".utf8).union(keeping.utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if Lexer.isWord(byte) && byte < 0x80 || kept.contains(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
