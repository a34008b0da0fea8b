import Diagnostics
import OrderedCollections

/// A literal.
public final class ConstantExpression: ExpressionNode, @unchecked Sendable {
  /// Its value.
  public let value: Value

  init(_ value: Value, _ position: SourcePosition) {
    self.value = value
    super.init(position)
  }

  public override var constant: Value? { value }
  override func evaluate(_ frame: Frame) throws -> Value { value }
}

/// A name that is read.
public final class NameExpression: ExpressionNode, @unchecked Sendable {
  /// The name.
  public let name: String
  private var first: SlotReference?
  private var others: [SlotReference] = []

  init(_ name: String, _ position: SourcePosition) {
    self.name = name
    super.init(position)
  }

  /// Whether nothing in the template assigns it in a place that can be seen from here.
  public var isFromContext: Bool { first == nil }

  func resolve(_ slots: [SlotReference]) {
    first = slots.first
    others = Array(slots.dropFirst())
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if let first {
      if let value = first.value(frame) { return value }
      for slot in others { if let value = slot.value(frame) { return value } }
    }
    return try located(frame) {
      let scope = frame.scope
      if let value = try scope.lookup(name) { return value }
      if name == "self" { return .object(SelfReference(scope: scope)) }
      return .undefined(
        Undefined(name: name, kind: frame.environment.options.undefined, candidates: { scope.knownNames }))
    }
  }
}

/// `[a, b]`
public final class ListExpression: ExpressionNode, @unchecked Sendable {
  /// The elements.
  public let elements: [ExpressionNode]

  init(_ elements: [ExpressionNode], _ position: SourcePosition) {
    self.elements = elements
    super.init(position)
  }

  public override var children: [Node] { elements }

  public override var constant: Value? {
    let values = elements.compactMap(\.constant)
    return values.count == elements.count ? Value(values) : nil
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try element.evaluate(frame)) }
    return .list(ListBox(values))
  }
}

/// `(a, b)`
public final class TupleExpression: ExpressionNode, @unchecked Sendable {
  /// The elements.
  public let elements: [ExpressionNode]

  init(_ elements: [ExpressionNode], _ position: SourcePosition) {
    self.elements = elements
    super.init(position)
  }

  public override var children: [Node] { elements }

  public override var constant: Value? {
    let values = elements.compactMap(\.constant)
    return values.count == elements.count ? .tuple(values) : nil
  }

  override func evaluate(_ frame: Frame) throws -> Value { .tuple(try elements.map { try $0.evaluate(frame) }) }
}

/// `{a: b}`
public final class DictExpression: ExpressionNode, @unchecked Sendable {
  /// The members.
  public let members: [(key: ExpressionNode, value: ExpressionNode)]

  init(_ members: [(key: ExpressionNode, value: ExpressionNode)], _ position: SourcePosition) {
    self.members = members
    super.init(position)
  }

  public override var children: [Node] { members.flatMap { [$0.key, $0.value] } }

  public override var constant: Value? {
    var result: OrderedDictionary<Value, Value> = [:]
    for (key, value) in members {
      guard let key = key.constant, let value = value.constant, key.isHashable else { return nil }
      result[key] = value
    }
    return Value(result)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var result: OrderedDictionary<Value, Value> = [:]
    result.reserveCapacity(members.count)
    for (key, value) in members {
      let key = try key.evaluate(frame)
      try located(frame) { try key.requireHashable() }
      result[key] = try value.evaluate(frame)
    }
    return .dict(DictBox(result))
  }
}

/// `a if test else b`
public final class ConditionalExpression: ExpressionNode, @unchecked Sendable {
  /// The condition.
  public let test: ExpressionNode
  /// The value if it is true.
  public let then: ExpressionNode
  /// The value if it is false; undefined without.
  public let otherwise: ExpressionNode?

  init(_ test: ExpressionNode, _ then: ExpressionNode, _ otherwise: ExpressionNode?, _ position: SourcePosition) {
    self.test = test
    self.then = then
    self.otherwise = otherwise
    super.init(position)
  }

  public override var children: [Node] { [then, test] + (otherwise.map { [$0] } ?? []) }

  override func evaluate(_ frame: Frame) throws -> Value {
    let condition = try test.evaluate(frame)
    if try located(frame, { try condition.isTrue }) { return try then.evaluate(frame) }
    if let otherwise { return try otherwise.evaluate(frame) }
    // Jinja2 takes a lenient undefined here even where names are strict.
    return .undefined(
      Undefined(
        name: nil, explanation: "the inline if-expression on line \(position.line) evaluated to false and has no else"))
  }
}
