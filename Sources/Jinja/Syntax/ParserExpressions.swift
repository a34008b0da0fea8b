import Diagnostics

// Expressions, by Jinja2's precedence: conditional, or, and, not, comparison, + -, ~, * / // %, **, unary with what
// follows a value (attributes, items, calls), filters and tests.
extension Parser {
  /// One or more expressions, a tuple if there is a comma.
  func parseTuple(allowsCondition: Bool = true, parenthesized: Bool = false, endsAt ends: [String] = []) throws -> ExpressionNode {
    let position = current.position
    var elements: [ExpressionNode] = []
    var isTuple = false
    while true {
      if !elements.isEmpty {
        guard skip(symbol: ",") else { break }
        isTuple = true
      }
      if isTupleEnd(ends) { break }
      elements.append(try parseExpression(allowsCondition: allowsCondition))
    }
    if !isTuple {
      if let only = elements.first { return only }
      guard parenthesized else { throw failure("expected an expression, got \(current.description)") }
    }
    return try measured(TupleExpression(elements, position))
  }

  /// Notes how deep an expression nests; refuses what would end the stack when it is evaluated.
  func measured<Node: ExpressionNode>(_ node: Node) throws -> Node {
    var height: Int32 = 0
    for case let child as ExpressionNode in node.children { height = max(height, child.height) }
    guard height < Parser.maximumHeight else {
      throw failure("the expression is nested too deep", at: node.position, hint: "set parts of it as variables")
    }
    node.height = height + 1
    return node
  }

  private func isTupleEnd(_ ends: [String]) -> Bool {
    switch current.kind {
    case .variableEnd, .blockEnd, .end: true
    case .symbol: current.text == ")"
    case .name: ends.contains(current.text)
    default: false
    }
  }

  func parseExpression(allowsCondition: Bool = true) throws -> ExpressionNode {
    try nested {
      guard allowsCondition else { return try parseBinary(0) }
      let position = current.position
      let unknownBefore = unknown.count
      var expression = try parseBinary(0)
      while skip(name: "if") {
        let test = try parseBinary(0)
        let otherwise = skip(name: "else") ? try parseExpression() : nil
        // A filter that is missing matters only when it is reached.
        unknown.removeSubrange(unknownBefore...)
        expression = try measured(ConditionalExpression(test, expression, otherwise, position))
      }
      return expression
    }
  }

  private enum Level {
    static let or = 1
    static let and = 2
    static let comparison = 4
    static let sum = 5
    static let concatenation = 6
    static let product = 7
    static let power = 8
  }

  private func levelOfCurrent() -> Int? {
    let token = current
    if token.kind == .name {
      switch token.text {
      case "or": return Level.or
      case "and": return Level.and
      case "in": return Level.comparison
      case "not": return peek.isName("in") ? Level.comparison : nil
      default: return nil
      }
    }
    guard token.kind == .symbol else { return nil }
    switch token.text {
    case "==", "!=", "<", "<=", ">", ">=": return Level.comparison
    case "+", "-": return Level.sum
    case "~": return Level.concatenation
    case "*", "/", "//", "%": return Level.product
    case "**": return Level.power
    default: return nil
    }
  }

  /// Everything that binds at least as tight as `level`.
  private func parseBinary(_ level: Int) throws -> ExpressionNode {
    var left: ExpressionNode
    if current.isName("not"), level <= 3 {
      let position = advance().position
      left = try measured(NotExpression(try nested { try parseBinary(3) }, position))
    } else {
      left = try parseUnary(withFilter: true)
    }
    while let found = levelOfCurrent(), found >= level {
      let position = current.position
      switch found {
      case Level.or, Level.and:
        advance()
        left = try measured(LogicalExpression(isAnd: found == Level.and, left, try parseBinary(found + 1), position))
      case Level.comparison:
        left = try parseComparison(left, position)
      case Level.concatenation:
        var parts = [left]
        while skip(symbol: "~") { parts.append(try parseBinary(Level.concatenation + 1)) }
        left = try measured(ConcatenationExpression(parts, position))
      default:
        guard let operation = BinaryOperation(rawValue: advance().text) else { throw failure("unexpected operator") }
        left = try measured(BinaryExpression(operation, left, try parseBinary(found + 1), position))
      }
    }
    return left
  }

  private func parseComparison(_ first: ExpressionNode, _ position: SourcePosition) throws -> ExpressionNode {
    var rest: [(operation: ComparisonOperation, operand: ExpressionNode)] = []
    while true {
      let operation: ComparisonOperation
      if current.isName("not"), peek.isName("in") {
        advance()
        operation = .notContained
      } else if current.kind == .symbol || current.isName("in"), let found = ComparisonOperation(rawValue: current.text) {
        operation = found
      } else {
        break
      }
      advance()
      rest.append((operation, try parseBinary(Level.comparison + 1)))
    }
    return try measured(ComparisonExpression(first, rest, position))
  }

  func parseUnary(withFilter: Bool) throws -> ExpressionNode {
    let token = current
    var node: ExpressionNode
    if token.isSymbol("-") || token.isSymbol("+") {
      advance()
      let operand = try nested { try parseUnary(withFilter: false) }
      node = try measured(UnaryExpression(isNegative: token.text == "-", operand, token.position))
    } else {
      node = try parsePrimary()
    }
    node = try parsePostfix(node)
    return withFilter ? try parseFilters(node) : node
  }

  // MARK: Values

  func parsePrimary() throws -> ExpressionNode {
    let token = current
    switch token.kind {
    case .name:
      advance()
      switch token.text {
      case "true", "True": return ConstantExpression(.bool(true), token.position)
      case "false", "False": return ConstantExpression(.bool(false), token.position)
      case "none", "None": return ConstantExpression(.none, token.position)
      default: return name(token)
      }
    case .string:
      var text = ""
      while current.kind == .string { text += advance().text }
      return ConstantExpression(.string(text), token.position)
    case .integer:
      advance()
      return ConstantExpression(try integer(token), token.position)
    case .float:
      advance()
      return ConstantExpression(.double(Double(token.text) ?? .infinity), token.position)
    case .symbol where token.text == "(":
      advance()
      let node = try parseTuple(parenthesized: true)
      try expect(symbol: ")")
      return node
    case .symbol where token.text == "[": return try parseList()
    case .symbol where token.text == "{": return try parseDict()
    default: throw failure("unexpected \(token.description)")
    }
  }

  private func integer(_ token: Token) throws -> Value {
    let prefixes: [String: Int] = ["0x": 16, "0o": 8, "0b": 2]
    let radix = prefixes[token.text.prefix(2).lowercased()]
    let digits = radix == nil ? Substring(token.text) : token.text.dropFirst(2)
    if let value = Int64(digits, radix: radix ?? 10) { return .int(value) }
    guard let value = BigInt(digits: digits, radix: radix ?? 10) else {
      throw failure(
        digits.utf8.count > Limits.integerDigits ? "a number of \(digits.utf8.count) digits is too long" : "invalid number '\(token.text)'", at: token.position)
    }
    return value.value
  }

  private func parseList() throws -> ExpressionNode {
    let position = advance().position
    var elements: [ExpressionNode] = []
    while !current.isSymbol("]") {
      if !elements.isEmpty {
        try expect(symbol: ",")
        if current.isSymbol("]") { break }
      }
      elements.append(try parseExpression())
    }
    try expect(symbol: "]")
    return try measured(ListExpression(elements, position))
  }

  private func parseDict() throws -> ExpressionNode {
    let position = advance().position
    var members: [(key: ExpressionNode, value: ExpressionNode)] = []
    while !current.isSymbol("}") {
      if !members.isEmpty {
        try expect(symbol: ",")
        if current.isSymbol("}") { break }
      }
      let key = try parseExpression()
      try expect(symbol: ":")
      members.append((key, try parseExpression()))
    }
    try expect(symbol: "}")
    return try measured(DictExpression(members, position))
  }

  // MARK: What follows a value

  func parsePostfix(_ node: ExpressionNode) throws -> ExpressionNode {
    var node = node
    while current.kind == .symbol {
      switch current.text {
      case ".": node = try parseDot(node)
      case "[": node = try parseSubscript(node)
      case "(": node = try measured(CallExpression(node, try parseArguments(), node.position))
      default: return node
      }
    }
    return node
  }

  private func parseDot(_ node: ExpressionNode) throws -> ExpressionNode {
    advance()
    let token = advance()
    switch token.kind {
    case .name: return try measured(AttributeExpression(node, token.text, token.position))
    case .integer: return try measured(ItemExpression(node, ConstantExpression(try integer(token), token.position), token.position))
    default: throw failure("expected a name or a number after '.', got \(token.description)", at: token.position)
    }
  }

  private func parseSubscript(_ node: ExpressionNode) throws -> ExpressionNode {
    let position = advance().position
    var keys: [ExpressionNode] = []
    var isTuple = false
    while !current.isSymbol("]") {
      if !keys.isEmpty {
        try expect(symbol: ",")
        isTuple = true
        if current.isSymbol("]") { break }
      }
      if keys.isEmpty, let slice = try parseSlice(node, position) { return slice }
      keys.append(try parseExpression())
      if keys.count == 1, current.isSymbol(":") { return try parseSlice(node, start: keys[0], position) }
    }
    try expect(symbol: "]")
    guard let first = keys.first else { throw failure("an index is missing", at: position) }
    return try measured(ItemExpression(node, isTuple ? try measured(TupleExpression(keys, position)) : first, position))
  }

  /// A slice without a start, if that is what stands here.
  private func parseSlice(_ node: ExpressionNode, _ position: SourcePosition) throws -> ExpressionNode? {
    current.isSymbol(":") ? try parseSlice(node, start: nil, position) : nil
  }

  private func parseSlice(_ node: ExpressionNode, start: ExpressionNode?, _ position: SourcePosition) throws -> ExpressionNode {
    try expect(symbol: ":")
    var stop: ExpressionNode?
    var step: ExpressionNode?
    if !current.isSymbol("]"), !current.isSymbol(":") { stop = try parseExpression() }
    if skip(symbol: ":"), !current.isSymbol("]") { step = try parseExpression() }
    try expect(symbol: "]")
    return try measured(SliceExpression(node, start: start, stop: stop, step: step, position))
  }

  func parseArguments() throws -> Arguments {
    try expect(symbol: "(")
    var positional: [ExpressionNode] = []
    var keywords: [(name: String, value: ExpressionNode)] = []
    var unpackedPositional: ExpressionNode?
    var unpackedKeywords: ExpressionNode?
    var isFirst = true
    func require(_ condition: Bool, _ message: String) throws {
      if !condition { throw failure(message) }
    }
    while !current.isSymbol(")") {
      if !isFirst {
        try expect(symbol: ",")
        if current.isSymbol(")") { break }
      }
      isFirst = false
      if current.isSymbol("*") {
        try require(unpackedPositional == nil && unpackedKeywords == nil, "only one *argument, before **keywords, is allowed")
        advance()
        unpackedPositional = try parseExpression()
      } else if current.isSymbol("**") {
        try require(unpackedKeywords == nil, "only one **argument is allowed")
        advance()
        unpackedKeywords = try parseExpression()
      } else if current.kind == .name, peek.isSymbol("=") {
        try require(unpackedKeywords == nil, "a keyword argument cannot follow **keywords")
        let name = advance().text
        advance()
        keywords.append((name, try parseExpression()))
      } else {
        try require(
          unpackedPositional == nil && unpackedKeywords == nil && keywords.isEmpty,
          "a positional argument cannot follow keyword arguments")
        positional.append(try parseExpression())
      }
    }
    try expect(symbol: ")")
    return Arguments(
      positional: positional, keywords: keywords, unpackedPositional: unpackedPositional, unpackedKeywords: unpackedKeywords)
  }

  // MARK: Filters and tests

  private func parseFilters(_ node: ExpressionNode) throws -> ExpressionNode {
    var node = node
    while true {
      if current.isSymbol("|") {
        advance()
        node = try parseFilter(node)
      } else if current.isName("is") {
        advance()
        node = try parseTest(node)
      } else if current.isSymbol("(") {
        node = try measured(CallExpression(node, try parseArguments(), node.position))
      } else {
        return node
      }
    }
  }

  /// One filter, from its name on.
  func parseFilter(_ target: ExpressionNode?) throws -> FilterExpression {
    let token = try expectName()
    let name = try dottedName(token)
    let arguments = current.isSymbol("(") ? try parseArguments() : .none
    let filter = environment.filters[name]
    if filter == nil {
      unknown.append(
        LexicalFault(
          Fault(
            .unknownFilter, "there is no filter named '\(name)'",
            hint: Suggestion.didYouMean(name, among: environment.filters.keys)), token.position))
    }
    return try measured(FilterExpression(target, name, arguments, filter: filter, token.position))
  }

  private func dottedName(_ first: Token) throws -> String {
    var name = first.text
    while current.isSymbol(".") {
      advance()
      name += "." + (try expectName()).text
    }
    return name
  }

  private func parseTest(_ target: ExpressionNode) throws -> ExpressionNode {
    let isNegated = skip(name: "not")
    let token = try expectName()
    let name = try dottedName(token)
    var arguments = Arguments.none
    if current.isSymbol("(") {
      arguments = try parseArguments()
    } else if startsTestArgument {
      if current.isName("is") { throw failure("tests cannot be chained by 'is'") }
      let argument = try parsePostfix(try parsePrimary())
      arguments = Arguments(positional: [argument], keywords: [], unpackedPositional: nil, unpackedKeywords: nil)
    }
    let test = environment.tests[name]
    if test == nil {
      unknown.append(
        LexicalFault(
          Fault(
            .unknownTest, "there is no test named '\(name)'",
            hint: Suggestion.didYouMean(name, among: environment.tests.keys)), token.position))
    }
    let node = try measured(TestExpression(target, name, arguments, test: test, token.position))
    return isNegated ? try measured(NotExpression(node, token.position)) : node
  }

  private var startsTestArgument: Bool {
    switch current.kind {
    case .name: !["else", "or", "and"].contains(current.text)
    case .string, .integer, .float: true
    case .symbol: ["(", "[", "{"].contains(current.text)
    default: false
    }
  }
}
