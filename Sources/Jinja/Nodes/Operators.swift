/// Operations between two values.
public enum BinaryOperation: String, Sendable {
  /// `+`
  case add = "+"
  /// `-`
  case subtract = "-"
  /// `*`
  case multiply = "*"
  /// `/`
  case divide = "/"
  /// `//`
  case floorDivide = "//"
  /// `%`
  case modulo = "%"
  /// `**`
  case power = "**"
}

/// `a + b` and its like.
public final class BinaryExpression: ExpressionNode, @unchecked Sendable {
  /// What is done.
  public let operation: BinaryOperation
  /// The left side.
  public let left: ExpressionNode
  /// The right side.
  public let right: ExpressionNode

  init(_ operation: BinaryOperation, _ left: ExpressionNode, _ right: ExpressionNode, _ position: SourcePosition) {
    self.operation = operation
    self.left = left
    self.right = right
    super.init(position)
  }

  public override var children: [Node] { [left, right] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let left = try left.evaluate(frame)
    let right = try right.evaluate(frame)
    return try located(frame) { try left.applying(operation, right) }
  }
}

/// `-a`, `+a`
public final class UnaryExpression: ExpressionNode, @unchecked Sendable {
  /// Whether it is `-`.
  public let isNegative: Bool
  /// The number.
  public let operand: ExpressionNode

  init(isNegative: Bool, _ operand: ExpressionNode, _ position: SourcePosition) {
    self.isNegative = isNegative
    self.operand = operand
    super.init(position)
  }

  public override var children: [Node] { [operand] }
  public override var constant: Value? { operand.constant.flatMap { try? isNegative ? $0.negated() : $0.asNumber() } }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try operand.evaluate(frame)
    return try located(frame) { try isNegative ? value.negated() : value.asNumber() }
  }
}

/// `not a`
public final class NotExpression: ExpressionNode, @unchecked Sendable {
  /// What is negated.
  public let operand: ExpressionNode

  init(_ operand: ExpressionNode, _ position: SourcePosition) {
    self.operand = operand
    super.init(position)
  }

  public override var children: [Node] { [operand] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try operand.evaluate(frame)
    return .bool(!(try located(frame) { try value.isTrue }))
  }
}

/// `a and b`, `a or b`: the value of the side that decides.
public final class LogicalExpression: ExpressionNode, @unchecked Sendable {
  /// Whether it is `and`.
  public let isAnd: Bool
  /// The left side.
  public let left: ExpressionNode
  /// The right side.
  public let right: ExpressionNode

  init(isAnd: Bool, _ left: ExpressionNode, _ right: ExpressionNode, _ position: SourcePosition) {
    self.isAnd = isAnd
    self.left = left
    self.right = right
    super.init(position)
  }

  public override var children: [Node] { [left, right] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try left.evaluate(frame)
    let isTrue = try located(frame) { try value.isTrue }
    return isTrue == isAnd ? try right.evaluate(frame) : value
  }
}

/// Comparisons.
public enum ComparisonOperation: String, Sendable {
  /// `==`
  case equal = "=="
  /// `!=`
  case notEqual = "!="
  /// `<`
  case less = "<"
  /// `<=`
  case lessOrEqual = "<="
  /// `>`
  case greater = ">"
  /// `>=`
  case greaterOrEqual = ">="
  /// `in`
  case contained = "in"
  /// `not in`
  case notContained = "not in"
}

/// `a < b <= c`: true if each neighbouring pair is.
public final class ComparisonExpression: ExpressionNode, @unchecked Sendable {
  /// The first value.
  public let first: ExpressionNode
  /// The comparisons that follow.
  public let rest: [(operation: ComparisonOperation, operand: ExpressionNode)]

  init(_ first: ExpressionNode, _ rest: [(operation: ComparisonOperation, operand: ExpressionNode)], _ position: SourcePosition) {
    self.first = first
    self.rest = rest
    super.init(position)
  }

  public override var children: [Node] { [first] + rest.map(\.operand) }

  override func evaluate(_ frame: Frame) throws -> Value {
    var left = try first.evaluate(frame)
    for (operation, operand) in rest {
      let right = try operand.evaluate(frame)
      guard try located(frame, { try left.compares(operation, right) }) else { return .bool(false) }
      left = right
    }
    return .bool(true)
  }
}

/// `a ~ b ~ c`: the texts of the values, one after the other.
public final class ConcatenationExpression: ExpressionNode, @unchecked Sendable {
  /// The parts.
  public let parts: [ExpressionNode]

  init(_ parts: [ExpressionNode], _ position: SourcePosition) {
    self.parts = parts
    super.init(position)
  }

  public override var children: [Node] { parts }

  override func evaluate(_ frame: Frame) throws -> Value {
    if frame.run.autoescape {
      let values = try parts.map { try $0.evaluate(frame) }
      return try located(frame) {
        guard values.contains(where: \.isMarkup) else { return .string(try values.map { try $0.str() }.joined()) }
        return .markup(try values.map { try $0.escaped() }.joined())
      }
    }
    var text = ""
    for part in parts {
      let value = try part.evaluate(frame)
      if let string = value.text { text += string } else { text += try located(frame) { try value.str() } }
      if text.utf8.count > Limits.textLength { try located(frame) { try Limits.check(text: text.utf8.count) } }
    }
    return .string(text)
  }
}
