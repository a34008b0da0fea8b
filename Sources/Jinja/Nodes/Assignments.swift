/// `{% set target = value %}`
public final class SetStatement: StatementNode, @unchecked Sendable {
  /// The names that are assigned; empty for an attribute of a namespace.
  public let names: [String]
  /// The value.
  public let value: ExpressionNode
  private let target: Target

  init(_ target: Target, names: [String], value: ExpressionNode, _ position: SourcePosition) {
    self.target = target
    self.names = names
    self.value = value
    super.init(position)
  }

  public override var children: [Node] { [value] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let value = try value.evaluate(frame)
    try located(frame) { try target.assign(value, frame) }
    return .normal
  }
}

/// `{% set target | filter %}…{% endset %}`
public final class BlockSetStatement: StatementNode, @unchecked Sendable {
  /// The names that are assigned; empty for an attribute of a namespace.
  public let names: [String]
  /// What the text is taken from.
  public let body: Block
  /// The filters, the last one outermost.
  public let filter: FilterExpression?
  private let target: Target
  private let slots: Range<Int>

  init(
    _ target: Target, names: [String], body: Block, filter: FilterExpression?, slots: Range<Int>, _ position: SourcePosition
  ) {
    self.target = target
    self.names = names
    self.body = body
    self.filter = filter
    self.slots = slots
    super.init(position)
  }

  public override var children: [Node] { (filter.map { [$0] } ?? []) + body.statements }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    frame.reset(slots)
    let captured = Output(isNative: frame.run.isNative)
    let flow = try body.execute(frame, captured)
    var value = try captured.result(escaping: frame.run.autoescape)
    if let filter { value = try filter.applyChain(to: value, frame) }
    try located(frame) { try target.assign(value, frame) }
    return flow
  }
}

/// `{% filter name(…) %}…{% endfilter %}`
public final class FilterStatement: StatementNode, @unchecked Sendable {
  /// The filters, the last one outermost.
  public let filter: FilterExpression
  /// What is filtered.
  public let body: Block
  private let slots: Range<Int>

  init(_ filter: FilterExpression, _ body: Block, slots: Range<Int>, _ position: SourcePosition) {
    self.filter = filter
    self.body = body
    self.slots = slots
    super.init(position)
  }

  public override var children: [Node] { [filter] + body.statements }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    guard !output.isMuted else { return .normal }
    frame.reset(slots)
    let captured = Output(isNative: frame.run.isNative)
    let flow = try body.execute(frame, captured)
    let value = try filter.applyChain(to: try captured.result(escaping: frame.run.autoescape), frame)
    try located(frame) { try output.append(value, escaping: false) }
    return flow
  }
}

/// `{% with name = value %}…{% endwith %}`
public final class WithStatement: StatementNode, @unchecked Sendable {
  /// The values, evaluated before any name is assigned.
  public let values: [ExpressionNode]
  /// The body.
  public let body: Block
  private let targets: [Target]
  private let slots: Range<Int>

  init(targets: [Target], values: [ExpressionNode], body: Block, slots: Range<Int>, _ position: SourcePosition) {
    self.targets = targets
    self.values = values
    self.body = body
    self.slots = slots
    super.init(position)
  }

  public override var children: [Node] { values + body.statements }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let values = try values.map { try $0.evaluate(frame) }
    frame.reset(slots)
    for (target, value) in zip(targets, values) { try located(frame) { try target.assign(value, frame) } }
    return try body.execute(frame, output)
  }
}
