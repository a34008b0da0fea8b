/// A call of a known function as it stands in a template, found without rendering.
public struct StaticCall: Sendable {
  /// The function as it is written: `ref`, `adapter.dispatch`.
  public let name: String
  /// The positional arguments; nil if one of them is not constant.
  public let positional: [Value]?
  /// The keyword arguments; nil if one of them is not constant.
  public let keywords: [KeywordArgument]?
  /// The call itself.
  public let call: CallExpression
  /// Whether it is executed each time the template is rendered: not inside of a condition, loop, macro, block or the right
  /// side of `and` and `or`.
  public let isUnconditional: Bool
  /// The macro or definition it stands in, if any; the innermost one.
  public let definition: MacroDefinition?

  /// Whether all arguments are constant.
  public var isConstant: Bool { positional != nil && keywords != nil }

  /// Where it stands.
  public var position: SourcePosition { call.position }
}

extension Template {
  /// The calls of the functions `names` (paths of names, as `adapter.dispatch`), in the order of the source, wherever they
  /// stand in the template: also in macros, in arguments, and in branches that are never taken.
  public func calls(to names: Set<String>) -> [StaticCall] {
    var search = CallSearch(names: names)
    for statement in body { search.visit(statement, isUnconditional: true, definition: nil) }
    return search.found
  }

  /// Whether rendering does nothing but print text and the results of unconditional calls of `names` with constant
  /// arguments: then `calls(to:)` tells everything about it that rendering would.
  public func consistsOfConstantCalls(to names: Set<String>) -> Bool {
    body.allSatisfy { statement in
      switch statement {
      case is TextStatement: return true
      case let output as OutputStatement:
        guard let call = output.expression as? CallExpression, let path = call.calleePath, names.contains(path) else { return false }
        return call.arguments.constant != nil
      default: return false
      }
    }
  }

  /// Calls `visit` for every node, outer ones first; `visit` says whether to go below.
  public func walk(_ visit: (Node) -> Bool) {
    for statement in body { statement.walk(visit) }
  }
}

extension Arguments {
  /// The values, if all of them are constant.
  public var constant: (positional: [Value], keywords: [KeywordArgument])? {
    guard unpackedPositional == nil, unpackedKeywords == nil else { return nil }
    let values = positional.compactMap(\.constant)
    let named = keywords.compactMap { name, value in value.constant.map { KeywordArgument(name, $0) } }
    return values.count == positional.count && named.count == keywords.count ? (values, named) : nil
  }
}

private struct CallSearch {
  let names: Set<String>
  var found: [StaticCall] = []

  mutating func visit(_ node: Node, isUnconditional: Bool, definition: MacroDefinition?) {
    var inner = isUnconditional
    var definition = definition
    switch node {
    case let call as CallExpression:
      if let name = call.calleePath, names.contains(name) { note(call, name, isUnconditional, definition) }
    case let macro as MacroDefinition:
      definition = macro
      inner = false
    case let statement as IfStatement:
      // The first condition is always evaluated.
      for (index, branch) in statement.branches.enumerated() {
        visit(branch.test, isUnconditional: isUnconditional && index == 0, definition: definition)
        for child in branch.body.statements { visit(child, isUnconditional: false, definition: definition) }
      }
      for child in statement.otherwise?.statements ?? [] { visit(child, isUnconditional: false, definition: definition) }
      return
    case let statement as ForStatement:
      visit(statement.iterable, isUnconditional: isUnconditional, definition: definition)
      for child in statement.children.dropFirst() { visit(child, isUnconditional: false, definition: definition) }
      return
    case let expression as ConditionalExpression:
      visit(expression.then, isUnconditional: false, definition: definition)
      visit(expression.test, isUnconditional: isUnconditional, definition: definition)
      if let otherwise = expression.otherwise { visit(otherwise, isUnconditional: false, definition: definition) }
      return
    case let expression as LogicalExpression:
      visit(expression.left, isUnconditional: isUnconditional, definition: definition)
      visit(expression.right, isUnconditional: false, definition: definition)
      return
    case is BlockStatement: inner = false
    default: break
    }
    for child in node.children { visit(child, isUnconditional: inner, definition: definition) }
  }

  private mutating func note(_ call: CallExpression, _ name: String, _ isUnconditional: Bool, _ definition: MacroDefinition?) {
    let arguments = call.arguments
    let values = arguments.positional.compactMap(\.constant)
    let named = arguments.keywords.compactMap { name, value in value.constant.map { KeywordArgument(name, $0) } }
    found.append(
      StaticCall(
        name: name,
        positional: values.count == arguments.positional.count && arguments.unpackedPositional == nil ? values : nil,
        keywords: named.count == arguments.keywords.count && arguments.unpackedKeywords == nil ? named : nil, call: call,
        isUnconditional: isUnconditional, definition: definition))
  }
}
