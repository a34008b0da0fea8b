extension Parser {
  /// `(a, b=1)`, declared in the current scope.
  private func parseParameters() throws -> [Parameter] {
    try expect(symbol: "(")
    var parameters: [Parameter] = []
    while !current.isSymbol(")") {
      if !parameters.isEmpty {
        try expect(symbol: ",")
        if current.isSymbol(")") { break }
      }
      let token = try expectName()
      guard !["true", "True", "false", "False", "none", "None"].contains(token.text) else {
        throw failure("cannot assign to '\(token.text)'", at: token.position)
      }
      guard !parameters.contains(where: { $0.name == token.text }) else {
        throw failure("duplicate parameter '\(token.text)'", at: token.position)
      }
      let slot = scope.declare(token.text)
      var defaultValue: ExpressionNode?
      if skip(symbol: "=") {
        defaultValue = try parseExpression()
      } else if parameters.last?.defaultValue != nil {
        throw failure("parameter '\(token.text)' without a default follows one with a default", at: token.position)
      }
      parameters.append(Parameter(name: token.text, defaultValue: defaultValue, position: token.position, slot: slot))
    }
    try expect(symbol: ")")
    return parameters
  }

  private func layout(
    of scope: LexicalScope, _ parameters: [Parameter], slot: Int?, isExported: Bool, at position: SourcePosition
  ) throws -> MacroDefinition.Layout {
    let own = Set(parameters.map(\.name))
    func special(_ name: String) -> Int? { own.contains(name) ? nil : scope.slot(name) }
    if let explicit = parameters.first(where: { $0.name == "caller" }), explicit.defaultValue == nil {
      throw failure("the special parameter 'caller' must be omitted or be given a default", at: explicit.position, kind: .assertion)
    }
    return MacroDefinition.Layout(
      function: scope.function, slot: slot, isExported: isExported, callerSlot: special("caller"),
      keywordsSlot: special("kwargs"), positionalsSlot: special("varargs"), usesCaller: scope.slot("caller") != nil)
  }

  /// Where the tag begins whose name was just read.
  private func tagStart() -> Int { lookahead(-2).range.lowerBound }

  func parseMacro(_ token: Token) throws -> StatementNode {
    let start = tagStart()
    let name = try expectName()
    let isTopLevel = scope.kind == .template
    let isBoundHere = !(isTopLevel && environment.options.resolvesMacrosThroughContext)
    let slot = isBoundHere ? scope.declare(name.text) : nil
    let definition = try scoped(.macro) { scope in
      let parameters = try parseParameters()
      let headEnd = headEnd()
      let body = try parseBody("macro", until: ["endmacro"], at: token.position)
      let bodyEnd = tagStartOfCurrent()
      advance()
      return MacroDefinition(
        tag: "macro", name: name.text, parameters: parameters, options: [], block: body, range: start..<current.range.upperBound,
        bodyRange: headEnd..<bodyEnd,
        layout: try layout(of: scope, parameters, slot: slot, isExported: isTopLevel, at: name.position), name.position)
    }
    if isTopLevel { macros.append(definition) }
    return MacroStatement(definition)
  }

  func parseCallBlock(_ token: Token) throws -> StatementNode {
    let outer = scope
    return try scoped(.callBlock) { scope in
      let parameters = current.isSymbol("(") ? try parseParameters() : []
      // The call itself is read in the scope around: its arguments do not see the parameters.
      self.scope = outer
      let expression = try parseUnary(withFilter: true)
      self.scope = scope
      guard let call = expression as? CallExpression else {
        throw failure("expected a call", at: expression.position, hint: "{% call macro(…) %}")
      }
      let headEnd = headEnd()
      let body = try parseBody("call", until: ["endcall"], at: token.position)
      let bodyEnd = tagStartOfCurrent()
      advance()
      let definition = MacroDefinition(
        tag: "call", name: "caller", parameters: parameters, options: [], block: body, range: headEnd..<bodyEnd,
        bodyRange: headEnd..<bodyEnd,
        layout: try layout(of: scope, parameters, slot: nil, isExported: false, at: token.position), token.position)
      return CallBlockStatement(call, definition, token.position)
    }
  }

  /// A block statement of the host: `{% materialization name, adapter='x' %}`, `{% test name(model) %}`, `{% docs name %}`.
  func parseDefinition(_ tag: DefinitionTag, _ token: Token) throws -> StatementNode {
    let start = tagStart()
    let name = try expectName()
    let definition = try scoped(.macro) { scope in
      let parameters = current.isSymbol("(") ? try parseParameters() : []
      var options: [(name: String, value: ExpressionNode?)] = []
      while skip(symbol: ",") {
        let option = try expectName()
        options.append((option.text, skip(symbol: "=") ? try parseExpression() : nil))
      }
      let headEnd = headEnd()
      let body = try parseBody(tag.name, until: ["end\(tag.name)"], at: token.position)
      let bodyEnd = tagStartOfCurrent()
      advance()
      return MacroDefinition(
        tag: tag.name, name: name.text, parameters: parameters, options: options, block: body,
        range: start..<current.range.upperBound, bodyRange: headEnd..<bodyEnd,
        layout: try layout(of: scope, parameters, slot: nil, isExported: false, at: name.position), name.position)
    }
    definitions.append(definition)
    return MacroStatement(definition)
  }

  /// The end of the head whose closing delimiter is the current token.
  private func headEnd() -> Int { current.isSymbol(":") ? peek.range.upperBound : current.range.upperBound }

  /// Where the tag begins whose name is the current token.
  private func tagStartOfCurrent() -> Int { previous.range.lowerBound }
}
