extension JSON {
  /// The value as a YAML document in block style, texts in quotes only where they would be read as something else (YAML 1.1, yaml.org/type).
  ///
  /// - Parameters:
  ///   - sorted: whether members come in the order of their names, and not as they are.
  ///   - indentsLists: whether the elements of a list that is a member are indented by two.
  public func yaml(sorted: Bool = true, indentsLists: Bool = true) -> String {
    let text = yamlBlock(indent: 0, sorted: sorted, indentsLists: indentsLists)
    return text.map { $0 + "\n" } ?? yamlScalar + "\n"
  }

  /// A container's lines without the margin of the first one; nil for scalars and empty containers.
  private func yamlBlock(indent: Int, sorted: Bool, indentsLists: Bool) -> String? {
    let margin = "\n" + String(repeating: " ", count: indent)
    switch self {
    case .object(let members) where !members.isEmpty:
      return (sorted ? members.keys.sorted() : Array(members.keys)).map { key in
        let value = members[key] ?? .null
        let isFlush = !indentsLists && value.array != nil
        guard let block = value.yamlBlock(indent: isFlush ? indent : indent + 2, sorted: sorted, indentsLists: indentsLists) else {
          return JSON.yamlText(key) + ": " + value.yamlScalar
        }
        return JSON.yamlText(key) + ":" + margin + (isFlush ? "" : "  ") + block
      }.joined(separator: margin)
    case .array(let elements) where !elements.isEmpty:
      return elements.map { "- " + ($0.yamlBlock(indent: indent + 2, sorted: sorted, indentsLists: indentsLists) ?? $0.yamlScalar) }.joined(separator: margin)
    default: return nil
    }
  }

  private var yamlScalar: String {
    switch self {
    case .string(let text): JSON.yamlText(text)
    default: self.text()
    }
  }

  private static func yamlText(_ text: String) -> String {
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value > 0x7E }) { return JSON.string(text).text() }
    return isPlain(text) ? text : "'" + text.replacing("'", with: "''") + "'"
  }

  /// Whether a text in one line of ASCII is read as itself without quotes.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.first, let last = text.last, first != " ", last != " ", last != ":" else { return false }
    if ",[]{}#&*!|>'\"%@`".contains(first) || (["-", "?", ":"].contains(first) && text.dropFirst().first.map { $0 == " " } ?? true) { return false }
    if text.contains(": ") || text.contains(" #") { return false }
    if ["yes", "no", "true", "false", "on", "off", "null", "~", "=", "<<"].contains(text.lowercased()) { return false }
    // Numbers, times in base sixty and dates: what else begins as they do is a text.
    let digits = text.drop { $0 == "-" || $0 == "+" }
    let numeric = digits.allSatisfy { $0.isNumber || "_.:".contains($0) } && digits.contains(where: \.isNumber)
    if numeric && digits.filter({ $0 == "." }).count <= 1 { return false }
    if digits.hasPrefix("0x") || digits.hasPrefix("0b") || digits.hasPrefix(".") && digits.dropFirst().allSatisfy(\.isLetter) { return false }
    let isDate = text.count >= 8 && text.prefix(4).allSatisfy(\.isNumber) && text.dropFirst(4).first == "-"
    let isExponent = numericWithExponent(digits)
    return !isDate && !isExponent
  }

  /// `1.5e+3`: a point, and a sign behind the e.
  private static func numericWithExponent(_ text: Substring) -> Bool {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].contains("."), let sign = parts[1].first, sign == "+" || sign == "-" else { return false }
    return parts[0].allSatisfy { $0.isNumber || $0 == "." || $0 == "_" } && parts[1].dropFirst().allSatisfy(\.isNumber)
  }
}
