/// Filters that make HTML, or care for it.
enum MarkupFilters {
  static let all: [String: Filter] = [
    "e": escape, "escape": escape, "forceescape": forceEscape, "safe": safe, "striptags": stripTags, "urlencode": urlEncode,
    "urlize": urlize, "xmlattr": xmlAttributes,
  ]

  private static let escape: Filter = { value, _ in .markup(try value.escaped()) }
  private static let forceEscape: Filter = { value, _ in .markup(try value.str().htmlEscaped) }
  private static let safe: Filter = { value, _ in .markup(try value.str()) }
  private static let stripTags: Filter = { value, _ in .string(HTMLText.withoutTags(try value.str())) }

  private static let urlEncode: Filter = { value, _ in
    func quoted(_ value: Value) throws -> String {
      HTMLText.percentEncoded(try value.str(), keeping: " ").replacingAll(" ", with: "+")
    }
    switch value {
    case .string, .markup: return .string(HTMLText.percentEncoded(try value.str()))
    case .dict(let box):
      return .string(try box.members.map { try quoted($0.key) + "=" + quoted($0.value) }.joined(separator: "&"))
    case .list, .tuple, .iterator, .object:
      let pairs = try value.collect().map { pair in
        let parts = try pair.collect()
        guard parts.count == 2 else { throw Fault(.value, "expected pairs of name and value") }
        return try quoted(parts[0]) + "=" + quoted(parts[1])
      }
      return .string(pairs.joined(separator: "&"))
    default: return .string(HTMLText.percentEncoded(try value.str()))
    }
  }

  private static let xmlAttributes: Filter = { value, call in
    guard let members = value.dict?.members else { throw Fault(.type, "xmlattr takes a dict, not \(value.typeName)") }
    var attributes: [String] = []
    for (key, value) in members where !value.isNone && !value.isUndefined {
      let name = try key.str()
      if let odd = name.unicodeScalars.first(where: { String.isSpace($0) || ["/", ">", "="].contains($0) }) {
        throw Fault(.value, "invalid character \(Value.quoted(String(odd))) in attribute name \(Value.quoted(name))")
      }
      attributes.append("\(try key.escaped())=\"\(try value.escaped())\"")
    }
    var text = attributes.joined(separator: " ")
    if try call.flag(0, "autospace", default: true), !text.isEmpty { text = " " + text }
    return call.run.autoescape ? .markup(text) : .string(text)
  }

  private static let urlize: Filter = { value, call in
    let limit = try call.integer(0, "trim_url_limit").map { Int(clamping: $0) }
    var relations = Set(try (call.string(3, "rel") ?? "").split(separator: " ").map { String($0) })
    if try call.flag(1, "nofollow") { relations.insert("nofollow") }
    relations.insert("noopener")
    let schemes = try call.argument(4, "extra_schemes").flatMap { $0.isNone ? nil : try $0.collect().map { try $0.str() } } ?? []
    for scheme in schemes where !scheme.hasSuffix(":") && !scheme.hasSuffix("://") || scheme.first?.isLetter != true {
      throw Fault(.value, "\(Value.quoted(scheme)) is not a valid URI scheme prefix")
    }
    let text = Urlizer(
      limit: limit, relations: relations.sorted().joined(separator: " "), target: try call.string(2, "target"), schemes: schemes
    ).linked(try value.escaped())
    return call.run.autoescape ? .markup(text) : .string(text)
  }
}

/// Turns addresses in a text into links.
struct Urlizer {
  let limit: Int?
  let relations: String
  let target: String?
  let schemes: [String]

  /// `text`, which is escaped already, with links.
  func linked(_ text: String) -> String {
    var result = ""
    var word = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if String.isSpace(scalar) {
        result += link(String(word))
        word = String.UnicodeScalarView()
        result.unicodeScalars.append(scalar)
      } else {
        word.append(scalar)
      }
    }
    return result + link(String(word))
  }

  private func link(_ word: String) -> String {
    var head = ""
    var middle = word
    var tail = ""
    while let opening = ["(", "<", "&lt;"].first(where: middle.hasPrefix) {
      head += opening
      middle = String(middle.dropFirst(opening.count))
    }
    while let closing = [")", ">", ".", ",", "&gt;"].first(where: middle.hasSuffix) {
      tail = closing + tail
      middle = String(middle.dropLast(closing.count))
    }
    // Brackets that open inside of the address close in it.
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
      let opened = middle.parts(separatedBy: open).count - 1
      guard opened > middle.parts(separatedBy: close).count - 1 else { continue }
      for _ in 0..<min(opened, tail.parts(separatedBy: close).count - 1) {
        let parts = tail.parts(separatedBy: close, limit: 1)
        middle += parts[0] + close
        tail = parts.count > 1 ? parts[1] : ""
      }
    }
    return head + anchor(middle) + tail
  }

  private func anchor(_ address: String) -> String {
    let relation = relations.isEmpty ? "" : " rel=\"\(relations.htmlEscaped)\""
    let attributes = relation + (target.map { " target=\"\($0.htmlEscaped)\"" } ?? "")
    func shown() -> String {
      guard let limit, address.length > limit else { return address }
      return String(String.UnicodeScalarView(address.unicodeScalars.prefix(limit))) + "..."
    }
    if Urlizer.isWebAddress(address) {
      let isComplete = address.hasPrefix("https://") || address.hasPrefix("http://")
      return "<a href=\"\(isComplete ? "" : "https://")\(address)\"\(attributes)>\(shown())</a>"
    }
    if address.hasPrefix("mailto:"), Urlizer.isMailAddress(String(address.dropFirst(7))) {
      return "<a href=\"\(address)\">\(address.dropFirst(7))</a>"
    }
    if address.contains("@"), !address.hasPrefix("www."), !address.hasPrefix("@"), !address.contains(":"),
      Urlizer.isMailAddress(address)
    {
      return "<a href=\"mailto:\(address)\">\(address)</a>"
    }
    if schemes.contains(where: { address != $0 && address.hasPrefix($0) }) {
      return "<a href=\"\(address)\"\(attributes)>\(address)</a>"
    }
    return address
  }

  private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }

  static func isMailAddress(_ text: String) -> Bool {
    guard let at = text.lastIndex(of: "@"), at > text.startIndex else { return false }
    let domain = text[text.index(after: at)...]
    guard let first = domain.first, isWord(first), let dot = domain.lastIndex(of: ".") else { return false }
    let end = domain[domain.index(after: dot)...]
    let allowed = domain.allSatisfy { isWord($0) || $0 == "." || $0 == "-" }
    return allowed && !end.isEmpty && end.allSatisfy(isWord) && dot > domain.startIndex
  }

  static func isWebAddress(_ text: String) -> Bool {
    var rest = text.lowercased()[...]
    var hasScheme = false
    for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      hasScheme = true
      break
    }
    let isWWW = !hasScheme && rest.hasPrefix("www.")
    if isWWW { rest = rest.dropFirst(4) }
    if hasScheme, rest.hasPrefix("[") {
      guard let close = rest.firstIndex(of: "]") else { return false }
      let inner = rest[rest.index(after: rest.startIndex)..<close]
      return inner.contains(":") && inner.allSatisfy { $0.isHexDigit || $0 == ":" } && isPath(rest[rest.index(after: close)...])
    }
    let host = rest.prefix { isWord($0) || $0 == "%" || $0 == "-" || $0 == "." }
    guard isPath(rest.dropFirst(host.count)) else { return false }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard let top = labels.last, labels.allSatisfy({ !$0.isEmpty }) else { return false }
    if hasScheme || isWWW {
      if hasScheme, labels.count == 4, labels.allSatisfy({ $0.count <= 3 && $0.allSatisfy(\.isNumber) }) { return true }
      if top.hasPrefix("xn--") { return true }
      return (2...63).contains(top.count) && top.allSatisfy { $0.isASCII && $0.isLetter }
    }
    return labels.count > 1 && labels.dropLast().allSatisfy { (2...63).contains($0.count) }
      && ["com", "net", "int", "edu", "gov", "org", "info", "mil"].contains(top)
  }

  /// Whether this can follow a host: a port, a path, a query, a fragment.
  private static func isPath(_ text: Substring) -> Bool {
    var rest = text
    if rest.first == ":" {
      let port = rest.dropFirst().prefix(while: \.isNumber)
      guard (1...5).contains(port.count) else { return false }
      rest = rest.dropFirst(port.count + 1)
    }
    return rest.isEmpty || ["/", "?", "#"].contains(rest.first)
  }
}
