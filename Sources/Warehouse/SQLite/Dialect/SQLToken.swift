/// A piece of SQL: a word, a quoted name, a text, a number or a sign, with the blanks and comments in front of it.
struct SQLToken: Equatable {
  enum Kind: Equatable {
    case word, name, text, number, sign
  }

  var kind: Kind
  /// Blanks and comments before it.
  var lead: String
  var text: String

  init(_ kind: Kind, _ text: String, lead: String = "") {
    self.kind = kind
    self.text = text
    self.lead = lead
  }

  static func sign(_ text: String, lead: String = "") -> SQLToken { SQLToken(.sign, text, lead: lead) }
  static func word(_ text: String, lead: String = "") -> SQLToken { SQLToken(.word, text, lead: lead) }

  /// Whether it is this word, in any case.
  func isWord(_ word: String) -> Bool {
    kind == .word && text.utf8.count == word.utf8.count && text.lowercased() == word
  }

  func isSign(_ sign: String) -> Bool { kind == .sign && text == sign }

  /// Whether it can name something.
  var isIdentifier: Bool { kind == .word || kind == .name }

  /// The name that it stands for, without quotes.
  var identifier: String {
    guard kind == .name, text.count >= 2 else { return text }
    let inside = String(text.dropFirst().dropLast())
    return text.hasPrefix("\"") ? inside.replacing("\"\"", with: "\"") : inside
  }

  /// All tokens of `sql`, and what follows the last of them.
  static func tokens(of sql: String) -> (tokens: [SQLToken], rest: String) {
    var scanner = SQLScanner(Array(sql.utf8))
    var tokens: [SQLToken] = []
    while true {
      let lead = scanner.blanks()
      guard let (kind, text) = scanner.next() else { return (tokens, lead) }
      tokens.append(SQLToken(kind, text, lead: lead))
    }
  }

  static func text(of tokens: [SQLToken], rest: String) -> String {
    var text = ""
    for token in tokens {
      text += token.lead
      text += token.text
    }
    return text + rest
  }
}

/// Reads tokens off the bytes of an SQL text (https://www.sqlite.org/draft/tokenreq.html), knowing `::` besides.
private struct SQLScanner {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  mutating func blanks() -> String {
    let begin = at
    while at < bytes.count {
      switch (byte(at), byte(at + 1)) {
      case (0x20, _), (0x09, _), (0x0A, _), (0x0D, _), (0x0C, _): at += 1
      case (UInt8(ascii: "-"), UInt8(ascii: "-")):
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        at += 2
        while at < bytes.count, !(bytes[at] == UInt8(ascii: "*") && byte(at + 1) == UInt8(ascii: "/")) { at += 1 }
        at = min(bytes.count, at + 2)
      default: return text(begin..<at)
      }
    }
    return text(begin..<at)
  }

  mutating func next() -> (SQLToken.Kind, String)? {
    guard at < bytes.count else { return nil }
    let begin = at
    switch bytes[at] {
    case UInt8(ascii: "'"):
      quoted(UInt8(ascii: "'"))
      return (.text, text(begin..<at))
    case UInt8(ascii: "\""), UInt8(ascii: "`"):
      quoted(bytes[at])
      return (.name, text(begin..<at))
    case UInt8(ascii: "["):
      while at < bytes.count, bytes[at] != UInt8(ascii: "]") { at += 1 }
      at = min(bytes.count, at + 1)
      return (.name, text(begin..<at))
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      while at < bytes.count, SQLScanner.isWord(bytes[at]) || bytes[at] == UInt8(ascii: ".") { at += 1 }
      return (.number, text(begin..<at))
    case let byte where SQLScanner.isWord(byte):
      while at < bytes.count, SQLScanner.isWord(bytes[at]) { at += 1 }
      return (.word, text(begin..<at))
    case UInt8(ascii: ":") where byte(at + 1) == UInt8(ascii: ":"): at += 2
    default: at += 1
    }
    return (.sign, text(begin..<at))
  }

  /// Behind a quoted text, in which the quote is written twice.
  private mutating func quoted(_ quote: UInt8) {
    at += 1
    while at < bytes.count {
      if bytes[at] == quote {
        guard byte(at + 1) == quote else { break }
        at += 1
      }
      at += 1
    }
    at = min(bytes.count, at + 1)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }
}
