/// A piece of text that is printed as it is.
public final class TextStatement: StatementNode, @unchecked Sendable {
  /// The text.
  public let text: String

  init(_ text: String, _ position: SourcePosition) {
    self.text = text
    super.init(position)
  }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    try output.append(literal: text)
    return .normal
  }
}

/// `{{ expression }}`
public final class OutputStatement: StatementNode, @unchecked Sendable {
  /// What is printed.
  public let expression: ExpressionNode

  init(_ expression: ExpressionNode, _ position: SourcePosition) {
    self.expression = expression
    super.init(position)
  }

  public override var children: [Node] { [expression] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    guard !output.isMuted else { return .normal }
    let value = try expression.evaluate(frame)
    try located(frame) { try output.append(value, escaping: frame.run.autoescape) }
    return .normal
  }
}

/// `{% do expression %}`
public final class DoStatement: StatementNode, @unchecked Sendable {
  /// What is evaluated.
  public let expression: ExpressionNode

  init(_ expression: ExpressionNode, _ position: SourcePosition) {
    self.expression = expression
    super.init(position)
  }

  public override var children: [Node] { [expression] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    _ = try expression.evaluate(frame)
    return .normal
  }
}

/// `{% if test %}…{% elif test %}…{% else %}…{% endif %}`
public final class IfStatement: StatementNode, @unchecked Sendable {
  /// The conditions and what belongs to them.
  public let branches: [(test: ExpressionNode, body: Block)]
  /// What is executed if none is true.
  public let otherwise: Block?

  init(_ branches: [(test: ExpressionNode, body: Block)], otherwise: Block?, _ position: SourcePosition) {
    self.branches = branches
    self.otherwise = otherwise
    super.init(position)
  }

  public override var children: [Node] {
    branches.flatMap { [$0.test] + $0.body.statements } + (otherwise?.statements ?? [])
  }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    for (test, body) in branches {
      let value = try test.evaluate(frame)
      if try test.located(frame, { try value.isTrue }) { return try body.execute(frame, output) }
    }
    return try otherwise?.execute(frame, output) ?? .normal
  }
}

/// `{% autoescape condition %}…{% endautoescape %}`
public final class AutoescapeStatement: StatementNode, @unchecked Sendable {
  /// Whether values are escaped in the body.
  public let condition: ExpressionNode
  /// The body.
  public let body: Block
  private let slots: Range<Int>

  init(_ condition: ExpressionNode, _ body: Block, slots: Range<Int>, _ position: SourcePosition) {
    self.condition = condition
    self.body = body
    self.slots = slots
    super.init(position)
  }

  public override var children: [Node] { [condition] + body.statements }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let escapes = try condition.evaluate(frame).isTrue
    let before = frame.run.autoescape
    frame.run.autoescape = escapes
    defer { frame.run.autoescape = before }
    frame.reset(slots)
    return try body.execute(frame, output)
  }
}
