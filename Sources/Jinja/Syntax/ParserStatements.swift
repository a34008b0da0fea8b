import Diagnostics

// Statements. Each function begins with the statement's name as the current token and ends before the end of its last tag.
extension Parser {
  static let statementNames = [
    "for", "if", "block", "extends", "print", "macro", "include", "from", "import", "set", "with", "autoescape", "call",
    "filter", "raw", "do", "break", "continue", "trans",
  ]

  /// One statement; nil for those that leave nothing.
  func parseStatement(_ ends: [String]) throws -> [StatementNode]? {
    let token = current
    guard token.kind == .name else { throw failure("expected the name of a statement, got \(token.description)") }
    advance()
    let options = environment.options
    if let tag = environment.definitionTags[token.text] { return [try parseDefinition(tag, token)] }
    switch token.text {
    case "for": return [try parseFor(token)]
    case "if": return [try parseIf(token)]
    case "block": return [try parseBlockStatement(token)]
    case "extends":
      needsExports = true
      return [ExtendsStatement(try parseExpression(), token.position)]
    case "print":
      return [OutputStatement(try parseTuple(), token.position)]
    case "macro": return [try parseMacro(token)]
    case "include": return [try parseInclude(token)]
    case "import": return [try parseImport(token)]
    case "from": return [try parseFromImport(token)]
    case "set": return [try parseSet(token)]
    case "with": return [try parseWith(token)]
    case "autoescape": return [try parseAutoescape(token)]
    case "call": return [try parseCallBlock(token)]
    case "filter": return [try parseFilterStatement(token)]
    case "do" where options.allowsDo: return [DoStatement(try parseTuple(), token.position)]
    case "break" where options.allowsLoopControls, "continue" where options.allowsLoopControls:
      guard openLoops > 0 else { throw failure("'\(token.text)' outside of a loop", at: token.position) }
      return [token.text == "break" ? BreakStatement(token.position) : ContinueStatement(token.position)]
    case "trans" where options.allowsTranslation: return [try parseTranslation(token)]
    default: throw unknownStatement(token, ends)
    }
  }

  private func unknownStatement(_ token: Token, _ ends: [String]) -> LexicalFault {
    let expected = ends.map { "'\($0)'" }.joined(separator: " or ")
    if let open = openStatements.last, token.text.hasPrefix("end") || token.text.hasPrefix("el") {
      return failure(
        "unexpected '\(token.text)': '\(open.name)' of line \(open.position.line) is open", at: token.position,
        hint: "\(expected) is expected here")
    }
    if token.text.hasPrefix("end") {
      return failure("unexpected '\(token.text)': nothing is open here", at: token.position)
    }
    return failure(
      "unknown statement '\(token.text)'", at: token.position,
      hint: Suggestion.didYouMean(token.text, among: Parser.statementNames + environment.definitionTags.keys))
  }

  // MARK: Control

  private func parseFor(_ token: Token) throws -> StatementNode {
    let targetTokens = try parseTargetPattern(ends: ["in"])
    guard !names(in: targetTokens).contains("loop") else {
      throw failure("cannot assign to the special variable 'loop' of the loop itself", at: token.position, kind: .assertion)
    }
    try expect(name: "in")
    let iterable = try parseTuple(allowsCondition: false, endsAt: ["recursive"])
    // Whether the loop has a frame of its own is known only after its test, so the test is read in a scope of the same kind.
    var isRecursive = false
    let kind: LexicalScope.Kind = looksRecursive() ? .recursiveLoop : .nested
    return try scoped(kind) { loopScope in
      var test: ExpressionNode?
      var testTarget: Target?
      if skip(name: "if") {
        testTarget = declare(targetTokens)
        test = try parseExpression()
      }
      isRecursive = skip(name: "recursive")
      let (body, layoutParts) = try scoped(.nested) { bodyScope in
        let target = declare(targetTokens)
        let loopSlot = bodyScope.declare("loop")
        let firstSlot = bodyScope.function.slotCount
        openLoops += 1
        let loopsBefore = openLoops
        let body = try parseBody("for", until: ["endfor", "else"], at: token.position)
        openLoops = loopsBefore - 1
        return (body, (target, bodyScope.usesLoop ? loopSlot : nil, firstSlot..<bodyScope.function.slotCount))
      }
      var otherwise: Block?
      var elseSlots = 0..<0
      if skip(name: "else") {
        otherwise = try scoped(.nested) { elseScope in
          let block = try parseBody("for", until: ["endfor"], at: token.position)
          elseSlots = elseScope.slotRange
          return block
        }
      }
      try expect(name: "endfor")
      return ForStatement(
        iterable: iterable, test: test, body: body, otherwise: otherwise, isRecursive: isRecursive,
        layout: ForStatement.Layout(
          target: layoutParts.0, testTarget: testTarget, loopSlot: layoutParts.1, bodySlots: layoutParts.2,
          elseSlots: elseSlots, function: isRecursive ? loopScope.function : nil), token.position)
    }
  }

  /// Whether the head of the loop being read ends with `recursive`.
  private func looksRecursive() -> Bool {
    var offset = 0
    while true {
      let token = lookahead(offset)
      if token.kind == .blockEnd || token.kind == .end { return offset > 0 && lookahead(offset - 1).isName("recursive") || isRecursiveColon(offset) }
      offset += 1
    }
  }

  private func isRecursiveColon(_ offset: Int) -> Bool {
    offset > 1 && lookahead(offset - 1).isSymbol(":") && lookahead(offset - 2).isName("recursive")
  }

  private func parseIf(_ token: Token) throws -> StatementNode {
    let unknownBefore = unknown.count
    var branches: [(test: ExpressionNode, body: Block)] = []
    var otherwise: Block?
    var head = token
    while true {
      let test = try parseTuple(allowsCondition: false)
      let body = try parseBody(head.text, until: ["elif", "else", "endif"], at: token.position)
      branches.append((test, body))
      head = advance()
      if head.text == "elif" { continue }
      if head.text == "else" {
        otherwise = try parseBody("if", until: ["endif"], at: token.position)
        advance()
      }
      break
    }
    // A filter that is missing matters only when it is reached.
    unknown.removeSubrange(unknownBefore...)
    return IfStatement(branches, otherwise: otherwise, token.position)
  }

  private func parseAutoescape(_ token: Token) throws -> StatementNode {
    let condition = try parseExpression()
    return try scoped { scope in
      let body = try parseBody("autoescape", until: ["endautoescape"], at: token.position)
      advance()
      return AutoescapeStatement(condition, body, slots: scope.slotRange, token.position)
    }
  }

  // MARK: Assignments

  /// Names that something is assigned to, before they are declared in a scope.
  indirect enum TargetPattern {
    case name(Token)
    case attribute(NameExpression, String)
    case tuple([TargetPattern])
  }

  /// `a`, `a, b`, `(a, (b, c))`; `a.b` where attributes of namespaces can be assigned.
  private func parseTargetPattern(ends: [String], allowsAttributes: Bool = false) throws -> TargetPattern {
    var patterns: [TargetPattern] = []
    var isTuple = false
    while true {
      if skip(symbol: "(") {
        let inner = try nested { try parseTargetPattern(ends: [], allowsAttributes: allowsAttributes) }
        try expect(symbol: ")")
        patterns.append(inner)
      } else if allowsAttributes, current.kind == .name, peek.isSymbol(".") {
        let object = name(advance())
        advance()
        patterns.append(.attribute(object, try expectName().text))
      } else {
        let token = try expectName()
        guard !["true", "True", "false", "False", "none", "None"].contains(token.text) else {
          throw failure("cannot assign to '\(token.text)'", at: token.position)
        }
        patterns.append(.name(token))
      }
      guard skip(symbol: ",") else { break }
      isTuple = true
      if current.isSymbol(")") || current.isSymbol("=") || (current.kind == .name && ends.contains(current.text)) { break }
    }
    return isTuple ? .tuple(patterns) : patterns[0]
  }

  private func declare(_ pattern: TargetPattern) -> Target {
    switch pattern {
    case .name(let token): target(token.text)
    case .attribute(let object, let name): .attribute(object, name)
    case .tuple(let patterns): .tuple(patterns.map { declare($0) })
    }
  }

  private func names(in pattern: TargetPattern) -> [String] {
    switch pattern {
    case .name(let token): [token.text]
    case .attribute: []
    case .tuple(let patterns): patterns.flatMap { names(in: $0) }
    }
  }

  private func parseSet(_ token: Token) throws -> StatementNode {
    let pattern = try parseTargetPattern(ends: [], allowsAttributes: true)
    func assigned() -> (Target, [String]) { (declare(pattern), self.names(in: pattern)) }
    if skip(symbol: "=") {
      let value = try parseTuple()
      let (target, names) = assigned()
      return SetStatement(target, names: names, value: value, token.position)
    }
    var filter: FilterExpression?
    while skip(symbol: "|") { filter = try parseFilter(filter) }
    let (target, names) = assigned()
    return try scoped { scope in
      let body = try parseBody("set", until: ["endset"], at: token.position)
      advance()
      return BlockSetStatement(target, names: names, body: body, filter: filter, slots: scope.slotRange, token.position)
    }
  }

  private func parseWith(_ token: Token) throws -> StatementNode {
    var patterns: [TargetPattern] = []
    var values: [ExpressionNode] = []
    while current.kind != .blockEnd, !current.isSymbol(":") {
      if !patterns.isEmpty { try expect(symbol: ",") }
      patterns.append(.name(try expectName()))
      try expect(symbol: "=")
      values.append(try parseExpression())
    }
    return try scoped { scope in
      let targets = patterns.map { declare($0) }
      let body = try parseBody("with", until: ["endwith"], at: token.position)
      advance()
      return WithStatement(targets: targets, values: values, body: body, slots: scope.slotRange, token.position)
    }
  }

  private func parseFilterStatement(_ token: Token) throws -> StatementNode {
    var filter = try parseFilter(nil)
    while skip(symbol: "|") { filter = try parseFilter(filter) }
    return try scoped { scope in
      let body = try parseBody("filter", until: ["endfilter"], at: token.position)
      advance()
      return FilterStatement(filter, body, slots: scope.slotRange, token.position)
    }
  }

  // MARK: Templates

  private func parseBlockStatement(_ token: Token) throws -> StatementNode {
    let nameToken = try expectName()
    let name = nameToken.text
    needsExports = true
    guard blocks[name] == nil else {
      throw failure("the block '\(name)' is defined twice", at: nameToken.position, kind: .assertion)
    }
    if current.isSymbol("-") {
      throw failure("block names have to be identifiers", hint: "use an underscore instead of '-'")
    }
    let isScoped = skip(name: "scoped")
    let isRequired = skip(name: "required")
    let visible = isScoped ? visibleHere() : nil
    let statement = try scoped(.block) { scope in
      let superSlot = scope.declare("super")
      let body = try parseBody("block", until: ["endblock"], at: token.position)
      advance()
      if isRequired {
        let isBlank = body.statements.allSatisfy { ($0 as? TextStatement)?.text.utf8.allSatisfy(Lexer.isSpace) ?? false }
        guard isBlank else { throw failure("a required block can only contain comments or whitespace", at: token.position) }
      }
      return BlockStatement(
        name, isScoped: isScoped, isRequired: isRequired, body: body, function: scope.function, superSlot: superSlot,
        visible: visible, token.position)
    }
    if current.kind == .name {
      let end = advance()
      guard end.text == name else {
        throw failure("the block is called '\(name)', not '\(end.text)'", at: end.position)
      }
    }
    blocks[name] = statement
    return statement
  }

  private func parseContextFlag(default isWith: Bool) -> Bool {
    guard current.isName("with") || current.isName("without"), peek.isName("context") else { return isWith }
    let flag = advance().text == "with"
    advance()
    return flag
  }

  private func parseInclude(_ token: Token) throws -> StatementNode {
    needsExports = true
    let template = try parseExpression()
    var ignoresMissing = false
    if current.isName("ignore"), peek.isName("missing") {
      advance()
      advance()
      ignoresMissing = true
    }
    let isWithContext = parseContextFlag(default: true)
    return IncludeStatement(
      template, ignoresMissing: ignoresMissing, visible: isWithContext ? visibleHere() : nil, token.position)
  }

  private func parseImport(_ token: Token) throws -> StatementNode {
    needsExports = true
    let template = try parseExpression()
    try expect(name: "as")
    let name = try expectName()
    let isWithContext = parseContextFlag(default: false)
    let visible = isWithContext ? visibleHere() : nil
    return ImportStatement(template, as: name.text, target: target(name.text), visible: visible, token.position)
  }

  private func parseFromImport(_ token: Token) throws -> StatementNode {
    needsExports = true
    let template = try parseExpression()
    try expect(name: "import")
    var names: [(name: String, alias: String)] = []
    var isWithContext: Bool?
    func contextFlag() -> Bool {
      guard current.isName("with") || current.isName("without"), peek.isName("context") else { return false }
      isWithContext = parseContextFlag(default: false)
      return true
    }
    while true {
      if contextFlag() { break }
      if !names.isEmpty {
        try expect(symbol: ",")
        if current.kind == .blockEnd { throw failure("expected a name, got \(current.description)") }
        if contextFlag() { break }
      }
      let name = try expectName()
      guard !name.text.hasPrefix("_") else {
        throw failure("names with a leading underscore cannot be imported", at: name.position, kind: .assertion)
      }
      names.append((name.text, skip(name: "as") ? try expectName().text : name.text))
      if contextFlag() { break }
      if !current.isSymbol(",") { break }
    }
    let visible = isWithContext == true ? visibleHere() : nil
    let targets = names.map { target($0.alias) }
    return FromImportStatement(template, names: names, targets: targets, visible: visible, token.position)
  }
}
