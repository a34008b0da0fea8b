extension Parser {
  /// `{% trans 'context' trimmed count=list|length, name %}…{% pluralize count %}…{% endtrans %}`
  func parseTranslation(_ token: Token) throws -> StatementNode {
    let context = current.kind == .string ? advance().text : nil
    var variables: [(name: String, value: ExpressionNode)] = []
    var trims = environment.options.trimsTranslations
    while current.kind != .blockEnd {
      if !variables.isEmpty { try expect(symbol: ",") }
      if skip(symbol: ":") { break }
      let token = try expectName()
      guard !variables.contains(where: { $0.name == token.text }) else {
        throw failure("translatable variable '\(token.text)' defined twice", at: token.position, kind: .assertion)
      }
      if skip(symbol: "=") {
        variables.append((token.text, try parseExpression()))
      } else if variables.isEmpty, token.text == "trimmed" || token.text == "notrimmed" {
        trims = token.text == "trimmed"
        // The flag may be followed by variables without a comma.
        if current.kind == .name {
          let first = advance()
          variables.append((first.text, skip(symbol: "=") ? try parseExpression() : name(first)))
        }
      } else {
        variables.append((token.text, name(token)))
      }
    }
    try expect(.blockEnd, "end of statement block")
    var referenced: [Token] = []
    let singular = try parseMessage(token, &referenced)
    var plural: String?
    var countName = variables.first?.name ?? referenced.first?.text
    if skip(name: "pluralize") {
      if current.kind != .blockEnd {
        let counted = try expectName()
        guard variables.contains(where: { $0.name == counted.text }) else {
          throw failure("unknown variable '\(counted.text)' for pluralization", at: counted.position, kind: .assertion)
        }
        countName = counted.text
      }
      try expect(.blockEnd, "end of statement block")
      plural = try parseMessage(token, &referenced)
      guard current.isName("endtrans") else { throw failure("translation blocks may have one pluralize only") }
    }
    advance()
    for reference in referenced where !variables.contains(where: { $0.name == reference.text }) {
      variables.append((reference.text, name(reference)))
    }
    return TranslationStatement(
      context: context, variables: variables, singular: trims ? trimmed(singular) : singular,
      plural: plural.map { trims ? trimmed($0) : $0 }, countName: countName, token.position)
  }

  /// The text of a translation, with `%(name)s` for its variables, up to `pluralize` or `endtrans`.
  private func parseMessage(_ start: Token, _ referenced: inout [Token]) throws -> String {
    var text = ""
    while true {
      let token = advance()
      switch token.kind {
      case .data: text += token.text.replacingAll("%", with: "%%")
      case .variableBegin:
        let name = try expectName()
        referenced.append(name)
        text += "%(\(name.text))s"
        try expect(.variableEnd, "end of print statement")
      case .blockBegin:
        if current.isName("endtrans") || current.isName("pluralize") { return text }
        throw failure("statements are not allowed inside of trans", hint: "end it by endtrans")
      default: throw failure("the trans block is not closed", at: start.position)
      }
    }
  }

  /// Lines joined by one blank, without what surrounds them.
  private func trimmed(_ text: String) -> String {
    text.split(separator: "\n").map { $0.trimmedWhitespace() }.joined(separator: " ").trimmedWhitespace()
  }
}
