import Diagnostics

/// The arguments of a call, filter or test.
public struct Arguments: Sendable {
  /// The positional ones.
  public let positional: [ExpressionNode]
  /// Those by keyword.
  public let keywords: [(name: String, value: ExpressionNode)]
  /// The value after `*`.
  public let unpackedPositional: ExpressionNode?
  /// The value after `**`.
  public let unpackedKeywords: ExpressionNode?

  static let none = Arguments(positional: [], keywords: [], unpackedPositional: nil, unpackedKeywords: nil)

  /// All expressions among them.
  public var expressions: [ExpressionNode] {
    positional + keywords.map(\.value) + [unpackedPositional, unpackedKeywords].compactMap { $0 }
  }

  @inline(__always)
  func evaluate(_ frame: Frame, at position: SourcePosition) throws -> Call {
    var call = Call(positional: [], keywords: [], run: frame.run, scope: frame.scope, position: position)
    if !positional.isEmpty {
      call.positional.reserveCapacity(positional.count)
      for argument in positional { call.positional.append(try argument.evaluate(frame)) }
    }
    if !keywords.isEmpty {
      for (name, value) in keywords { call.keywords.append(KeywordArgument(name, try value.evaluate(frame))) }
    }
    if unpackedPositional != nil || unpackedKeywords != nil { try unpack(frame, into: &call) }
    return call
  }

  private func unpack(_ frame: Frame, into call: inout Call) throws {
    if let unpackedPositional { call.positional += try unpackedPositional.evaluate(frame).collect() }
    if let unpackedKeywords {
      let value = try unpackedKeywords.evaluate(frame)
      guard let members = value.dict?.members else {
        throw Fault(.type, "argument after ** must be a mapping, not \(value.typeName)")
      }
      for (key, value) in members {
        guard let name = key.text else { throw Fault(.type, "keywords must be strings") }
        guard !call.keywords.contains(where: { $0.name == name }) else {
          throw Fault(.type, "got multiple values for keyword argument '\(name)'")
        }
        call.keywords.append(KeywordArgument(name, value))
      }
    }
  }
}

/// `f(…)`
public final class CallExpression: ExpressionNode, @unchecked Sendable {
  /// What is called.
  public let callee: ExpressionNode
  /// With what.
  public let arguments: Arguments

  init(_ callee: ExpressionNode, _ arguments: Arguments, _ position: SourcePosition) {
    self.callee = callee
    self.arguments = arguments
    super.init(position)
  }

  public override var children: [Node] { [callee] + arguments.expressions }

  /// The callee as it is written, if it is a name or a path of names: `ref`, `adapter.dispatch`.
  public var calleePath: String? {
    var path: [String] = []
    var node: ExpressionNode = callee
    while let attribute = node as? AttributeExpression {
      path.append(attribute.name)
      node = attribute.object
    }
    guard let name = node as? NameExpression else { return nil }
    return ([name.name] + path.reversed()).joined(separator: ".")
  }

  override func evaluate(_ frame: Frame) throws -> Value { try call(frame, caller: nil) }

  func call(_ frame: Frame, caller: Macro?) throws -> Value {
    if let attribute = callee as? AttributeExpression {
      let object = try attribute.object.evaluate(frame)
      return try located(frame) {
        var call = try arguments.evaluate(frame, at: position)
        if let caller { call.keywords.append(KeywordArgument("caller", .macro(caller))) }
        if let result = try object.callMethod(attribute.name, attribute.method, call, frame.environment) { return result }
        let function = try object.attribute(attribute.name, method: attribute.method, environment: frame.environment)
        return try function.invoke(call)
      }
    }
    let function = try callee.evaluate(frame)
    return try located(frame) {
      if case .undefined(let undefined) = function { throw undefined.fault }
      var call = try arguments.evaluate(frame, at: position)
      if let caller { call.keywords.append(KeywordArgument("caller", .macro(caller))) }
      return try function.invoke(call)
    }
  }
}

/// `value|filter(…)`
public final class FilterExpression: ExpressionNode, @unchecked Sendable {
  /// The value; nil for the body of a block with filters.
  public let target: ExpressionNode?
  /// The name of the filter.
  public let name: String
  /// The arguments in parentheses.
  public let arguments: Arguments
  private let filter: Filter?

  init(_ target: ExpressionNode?, _ name: String, _ arguments: Arguments, filter: Filter?, _ position: SourcePosition) {
    self.target = target
    self.name = name
    self.arguments = arguments
    self.filter = filter
    super.init(position)
  }

  public override var children: [Node] { (target.map { [$0] } ?? []) + arguments.expressions }

  override func evaluate(_ frame: Frame) throws -> Value { try apply(to: try target?.evaluate(frame) ?? .missing, frame) }

  /// The filter, and those it is applied to the result of, on the body of a block.
  func applyChain(to body: Value, _ frame: Frame) throws -> Value {
    if let inner = target as? FilterExpression { return try apply(to: try inner.applyChain(to: body, frame), frame) }
    return try apply(to: body, frame)
  }

  private func apply(to value: Value, _ frame: Frame) throws -> Value {
    try located(frame) {
      guard let filter else {
        throw Fault(
          .runtime, "there is no filter named '\(name)'", hint: Suggestion.didYouMean(name, among: frame.environment.filters.keys))
      }
      return try filter(value, try arguments.evaluate(frame, at: position))
    }
  }
}

/// `value is test(…)`
public final class TestExpression: ExpressionNode, @unchecked Sendable {
  /// The value.
  public let target: ExpressionNode
  /// The name of the test.
  public let name: String
  /// The arguments.
  public let arguments: Arguments
  private let test: ValueTest?

  init(_ target: ExpressionNode, _ name: String, _ arguments: Arguments, test: ValueTest?, _ position: SourcePosition) {
    self.target = target
    self.name = name
    self.arguments = arguments
    self.test = test
    super.init(position)
  }

  public override var children: [Node] { [target] + arguments.expressions }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try target.evaluate(frame)
    return try located(frame) {
      guard let test else {
        throw Fault(
          .runtime, "there is no test named '\(name)'", hint: Suggestion.didYouMean(name, among: frame.environment.tests.keys))
      }
      return .bool(try test(value, try arguments.evaluate(frame, at: position)))
    }
  }
}
