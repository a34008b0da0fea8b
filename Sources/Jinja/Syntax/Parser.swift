import Diagnostics

/// What a template was read to.
struct ParsedTemplate {
  var block: Block
  var function: FunctionScope
  var macros: [MacroDefinition]
  var definitions: [MacroDefinition]
  var blocks: [String: BlockStatement]
  var contextNames: Set<String>
  var needsExports: Bool
  var assignsAtTopLevel: Bool
}

/// Reads tokens to nodes, and settles which slot each name is kept in.
final class Parser {
  let environment: Environment
  private let tokens: [Token]
  private var index = 0
  private var depth = 0
  private let stackLimit = StackBounds.limit
  /// The statements that are open, innermost last, for messages.
  var openStatements: [(name: String, position: SourcePosition)] = []
  /// How many loops are open in the function body being read.
  var openLoops = 0
  var scope: LexicalScope
  private var names: [(node: NameExpression, scope: LexicalScope)] = []
  private var visible: [(names: VisibleNames, scope: LexicalScope)] = []
  /// Filters and tests that do not exist; an error unless they stand in something conditional.
  var unknown: [LexicalFault] = []
  var macros: [MacroDefinition] = []
  var definitions: [MacroDefinition] = []
  var blocks: [String: BlockStatement] = [:]
  var needsExports = false
  var assignsAtTopLevel = false
  static let maximumDepth = 200
  static let maximumHeight: Int32 = 300

  private init(_ tokens: [Token], _ environment: Environment) {
    self.tokens = tokens
    self.environment = environment
    scope = LexicalScope(.template, parent: nil)
  }

  /// Reads a template. `source` has newlines `\n` only; the first `skipping` bytes are left out. Throws `Diagnostic`.
  static func parse(_ source: String, skipping: Int, name: String, environment: Environment) throws -> ParsedTemplate {
    try diagnosing(source, name) {
      let parser = Parser(try Lexer.tokens(of: source, skipping: skipping, environment: environment), environment)
      let block = try parser.parseBlock(until: [])
      return try parser.finish(block)
    }
  }

  /// Reads a single expression. Throws `Diagnostic`.
  static func parseExpression(_ source: String, name: String, environment: Environment) throws -> (ParsedTemplate, ExpressionNode) {
    try diagnosing(source, name) {
      let parser = Parser(try Lexer.expressionTokens(of: source, environment: environment), environment)
      let root = try parser.parseTuple()
      guard parser.current.kind == .end else {
        throw parser.failure("expected the end of the expression, got \(parser.current.description)")
      }
      return (try parser.finish(Block(statements: [])), root)
    }
  }

  private static func diagnosing<Result>(_ source: String, _ name: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as LexicalFault {
      throw error.fault.diagnostic(file: name, source: source, at: error.position)
    }
  }

  private func finish(_ block: Block) throws -> ParsedTemplate {
    if let first = unknown.first { throw first }
    var contextNames: Set<String> = []
    for (node, scope) in names {
      let candidates = scope.candidates(node.name)
      node.resolve(candidates)
      if candidates.isEmpty { contextNames.insert(node.name) }
    }
    for (visible, scope) in visible { visible.fill(scope.visibleNames()) }
    return ParsedTemplate(
      block: block, function: scope.function, macros: macros, definitions: definitions, blocks: blocks,
      contextNames: contextNames, needsExports: needsExports, assignsAtTopLevel: assignsAtTopLevel)
  }

  // MARK: Tokens

  var current: Token { tokens[index] }
  var peek: Token { tokens[min(index + 1, tokens.count - 1)] }
  var previous: Token { tokens[max(0, index - 1)] }

  /// The token so many after the current one; before it, if negative.
  func lookahead(_ offset: Int) -> Token { tokens[max(0, min(index + offset, tokens.count - 1))] }

  @discardableResult
  func advance() -> Token {
    let token = tokens[index]
    if index + 1 < tokens.count { index += 1 }
    return token
  }

  func skip(symbol: String) -> Bool {
    guard current.isSymbol(symbol) else { return false }
    advance()
    return true
  }

  func skip(name: String) -> Bool {
    guard current.isName(name) else { return false }
    advance()
    return true
  }

  func expect(symbol: String) throws {
    guard skip(symbol: symbol) else { throw failure("expected '\(symbol)', got \(current.description)") }
  }

  func expect(name: String) throws {
    guard skip(name: name) else { throw failure("expected '\(name)', got \(current.description)") }
  }

  func expectName() throws -> Token {
    guard current.kind == .name else { throw failure("expected a name, got \(current.description)") }
    return advance()
  }

  func expect(_ kind: Token.Kind, _ description: String) throws {
    guard current.kind == kind else { throw failure("expected \(description), got \(current.description)") }
    advance()
  }

  func failure(_ message: String, at position: SourcePosition? = nil, hint: String? = nil, kind: Fault.Kind = .syntax) -> LexicalFault {
    LexicalFault(Fault(kind, message, hint: hint), position ?? current.position)
  }

  /// Reads something nested. Refuses what nests so deep that reading or rendering it would end the stack.
  func nested<Result>(_ body: () throws -> Result) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth < Parser.maximumDepth, StackBounds.isAbove(stackLimit) else {
      throw failure("the template is nested too deep", kind: .syntax)
    }
    return try body()
  }

  // MARK: Names

  func name(_ token: Token) -> NameExpression {
    let node = NameExpression(token.text, token.position)
    names.append((node, scope))
    switch token.text {
    case "loop": scope.noteLoop()
    case "caller", "varargs", "kwargs": noteSpecialName(token.text)
    default: break
    }
    return node
  }

  /// `caller`, `varargs` and `kwargs` belong to the macro around, unless something in between has that name.
  private func noteSpecialName(_ name: String) {
    var current: LexicalScope? = scope
    while let scope = current {
      if scope.slot(name) != nil, scope.kind != .callBlock { return }
      switch scope.kind {
      case .macro:
        scope.declare(name)
        return
      case .callBlock:
        scope.declare(name)
        if name != "caller" { return }
      case .block, .template: return
      case .nested, .recursiveLoop: break
      }
      current = scope.parent
    }
  }

  /// Reads `body` in a scope of its own.
  func scoped<Result>(_ kind: LexicalScope.Kind = .nested, _ body: (LexicalScope) throws -> Result) throws -> Result {
    let outer = scope
    let loops = openLoops
    scope = LexicalScope(kind, parent: outer)
    if kind != .nested { openLoops = 0 }
    defer {
      scope = outer
      openLoops = loops
    }
    return try body(scope)
  }

  /// The names visible here, once everything is read.
  func visibleHere() -> VisibleNames {
    needsExports = true
    scope.noteLoop()
    let names = VisibleNames()
    visible.append((names, scope))
    return names
  }

  /// Declares `name` in the current scope.
  func target(_ name: String) -> Target {
    let isTopLevel = scope.kind == .template
    if isTopLevel { assignsAtTopLevel = true }
    return .name(slot: scope.declare(name), exported: isTopLevel ? name : nil)
  }

  // MARK: Blocks

  /// Reads statements until one of the statements named in `ends` (left unread, its name being the current token), or
  /// with none of them until the end of the template.
  func parseBlock(until ends: [String]) throws -> Block {
    var statements: [StatementNode] = []
    while true {
      let token = current
      switch token.kind {
      case .end:
        guard ends.isEmpty else { throw unclosed(ends) }
        return Block(statements: statements)
      case .data:
        advance()
        statements.append(TextStatement(token.text, token.position))
      case .variableBegin:
        advance()
        if current.kind == .variableEnd { throw failure("an expression is missing") }
        let expression = try parseTuple()
        try expect(.variableEnd, "end of print statement")
        statements.append(OutputStatement(expression, token.position))
      case .blockBegin:
        advance()
        if current.kind == .name, ends.contains(current.text) { return Block(statements: statements) }
        if let statement = try parseStatement(ends) { statements += statement }
        if current.isSymbol(":"), peek.kind == .blockEnd { advance() }
        try expect(.blockEnd, "end of statement block")
      default:
        throw failure("unexpected \(token.description)")
      }
    }
  }

  func unclosed(_ ends: [String]) -> LexicalFault {
    let wanted = ends.map { "'\($0)'" }.joined(separator: " or ")
    guard let open = openStatements.last else { return failure("unexpected end of template") }
    return failure(
      "unexpected end of template: '\(open.name)' of line \(open.position.line) is not closed", at: open.position,
      hint: "\(wanted) is missing")
  }

  /// The body of a statement that ends with one of `ends`; the head's end is read first.
  func parseBody(_ name: String, until ends: [String], at position: SourcePosition) throws -> Block {
    if current.isSymbol(":") { advance() }
    try expect(.blockEnd, "end of statement block")
    openStatements.append((name, position))
    defer { openStatements.removeLast() }
    return try nested { try parseBlock(until: ends) }
  }
}
