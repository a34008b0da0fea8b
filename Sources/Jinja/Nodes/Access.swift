/// `a.b`
public final class AttributeExpression: ExpressionNode, @unchecked Sendable {
  /// The value whose attribute it is.
  public let object: ExpressionNode
  /// The name of the attribute.
  public let name: String
  /// The built-in method of that name, if there is one.
  let method: Method?

  init(_ object: ExpressionNode, _ name: String, _ position: SourcePosition) {
    self.object = object
    self.name = name
    self.method = Method(rawValue: name)
    super.init(position)
  }

  public override var children: [Node] { [object] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try object.evaluate(frame)
    return try located(frame) { try value.attribute(name, method: method, environment: frame.environment) }
  }
}

/// `a[b]`
public final class ItemExpression: ExpressionNode, @unchecked Sendable {
  /// The value whose item it is.
  public let object: ExpressionNode
  /// The index or key.
  public let key: ExpressionNode

  init(_ object: ExpressionNode, _ key: ExpressionNode, _ position: SourcePosition) {
    self.object = object
    self.key = key
    super.init(position)
  }

  public override var children: [Node] { [object, key] }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try object.evaluate(frame)
    let key = try key.evaluate(frame)
    return try located(frame) { try value.item(key, environment: frame.environment) }
  }
}

/// `a[from:to:step]`
public final class SliceExpression: ExpressionNode, @unchecked Sendable {
  /// The value that is sliced.
  public let object: ExpressionNode
  /// The first index.
  public let start: ExpressionNode?
  /// The index not reached.
  public let stop: ExpressionNode?
  /// The distance.
  public let step: ExpressionNode?

  init(
    _ object: ExpressionNode, start: ExpressionNode?, stop: ExpressionNode?, step: ExpressionNode?, _ position: SourcePosition
  ) {
    self.object = object
    self.start = start
    self.stop = stop
    self.step = step
    super.init(position)
  }

  public override var children: [Node] { [object] + [start, stop, step].compactMap { $0 } }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try object.evaluate(frame)
    let start = try start?.evaluate(frame)
    let stop = try stop?.evaluate(frame)
    let step = try step?.evaluate(frame)
    return try located(frame) { try value.sliced(start, stop, step, environment: frame.environment) }
  }
}
