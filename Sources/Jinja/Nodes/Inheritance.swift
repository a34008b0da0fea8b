/// `{% block name scoped required %}…{% endblock %}`
public final class BlockStatement: StatementNode, @unchecked Sendable {
  /// The name.
  public let name: String
  /// Whether it sees the names of the place it stands in.
  public let isScoped: Bool
  /// Whether a template that extends this one must override it.
  public let isRequired: Bool
  /// The body.
  public let body: Block
  let function: FunctionScope
  private let superSlot: Int?
  private let visible: VisibleNames?

  init(
    _ name: String, isScoped: Bool, isRequired: Bool, body: Block, function: FunctionScope, superSlot: Int?,
    visible: VisibleNames?, _ position: SourcePosition
  ) {
    self.name = name
    self.isScoped = isScoped
    self.isRequired = isRequired
    self.body = body
    self.function = function
    self.superSlot = superSlot
    self.visible = visible
    super.init(position)
  }

  public override var children: [Node] { body.statements }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    guard !output.isMuted else { return .normal }
    var scope = frame.scope
    if let visible {
      let names = Names(
        context: scope.context, outer: OuterNames(locals: visible.capture(frame), scope: scope), keepsExports: false)
      names.blocks = scope.names.blocks
      scope = Scope(template: scope.template, names: names)
    }
    try located(frame) { try BlockReference(name, level: 0, scope: scope).render(frame.run, output) }
    return .normal
  }

  func render(_ reference: BlockReference, _ run: Run, in template: Template, _ output: Output) throws {
    let scope = Scope(template: template, names: reference.scope.names)
    let frame = Frame(run: run, scope: scope, parent: nil, slots: function.slotCount)
    if let superSlot { frame.slots[superSlot] = reference.parent(template.environment) }
    _ = try body.execute(frame, output)
  }
}

/// A block as `self.name` and `super` give it: called, it renders.
final class BlockReference: JinjaObject, @unchecked Sendable {
  let name: String
  let level: Int
  let scope: Scope

  init(_ name: String, level: Int, scope: Scope) {
    self.name = name
    self.level = level
    self.scope = scope
  }

  let typeName = "BlockReference"
  var isCallable: Bool { true }

  func call(_ call: Call) throws -> Value {
    let output = Output(isNative: call.run.isNative)
    try render(call.run, output)
    return try output.result(escaping: call.run.autoescape)
  }

  func attribute(_ name: String) throws -> Value? { name == "super" ? parent(scope.template.environment) : nil }

  func parent(_ environment: Environment) -> Value {
    guard let levels = scope.names.blocks[name], level + 1 < levels.count else {
      return environment.undefined("super", explanation: "there is no parent block called '\(name)'")
    }
    return .object(BlockReference(name, level: level + 1, scope: scope))
  }

  func render(_ run: Run, _ output: Output) throws {
    guard let levels = scope.names.blocks[name], level < levels.count else {
      throw Fault(.undefined, "there is no block '\(name)'")
    }
    let bound = levels[level]
    if bound.block.isRequired, level == 0 { throw Fault(.runtime, "required block '\(name)' not found", hint: "override it") }
    try run.enter(
      Run.Step(macro: nil, label: "block '\(name)'", caller: scope.template, position: bound.block.position))
    defer { run.leave() }
    try bound.block.render(self, run, in: bound.template, output)
  }
}

/// The name `self`: the blocks of the template.
final class SelfReference: JinjaObject, @unchecked Sendable {
  private let scope: Scope

  init(scope: Scope) {
    self.scope = scope
  }

  let typeName = "TemplateReference"

  func attribute(_ name: String) throws -> Value? {
    scope.names.blocks[name] == nil ? nil : .object(BlockReference(name, level: 0, scope: scope))
  }

  func item(_ key: Value) throws -> Value? { try key.text.flatMap(attribute) }
}

/// `{% extends template %}`
public final class ExtendsStatement: StatementNode, @unchecked Sendable {
  /// The name of the template, or a template.
  public let template: ExpressionNode

  init(_ template: ExpressionNode, _ position: SourcePosition) {
    self.template = template
    super.init(position)
  }

  public override var children: [Node] { [template] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let value = try template.evaluate(frame)
    try located(frame) {
      guard frame.scope.names.parent == nil else { throw Fault(.runtime, "extended multiple times") }
      frame.scope.names.parent = try frame.environment.resolve(value)
    }
    // What follows is executed for its blocks, macros and assignments, and prints nothing.
    output.isMuted = true
    return .normal
  }
}
