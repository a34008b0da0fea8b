/// A parameter of a macro.
public struct Parameter: Sendable {
  /// The name.
  public let name: String
  /// The value if none is given.
  public let defaultValue: ExpressionNode?
  /// Where it stands.
  public let position: SourcePosition
  let slot: Int
}

/// A macro, or a definition by one of the host's block statements, as it stands in the source.
public final class MacroDefinition: Node, @unchecked Sendable {
  /// The statement it is defined by: `macro`, or the name of a `DefinitionTag`.
  public let tag: String
  /// The name; empty for the body of a call block.
  public let name: String
  /// The parameters.
  public let parameters: [Parameter]
  /// The options after the name: `default` without a value, `adapter='x'` with one. Macros have none.
  public let options: [(name: String, value: ExpressionNode?)]
  /// The body. That of a raw tag is one `TextStatement`.
  public var body: [StatementNode] { block.statements }
  /// The whole statement in `Template.source`, from the beginning of its head to the end of its end, in UTF-8 bytes.
  public let range: Range<Int>
  /// The text between head and end, in UTF-8 bytes of `Template.source`.
  public let bodyRange: Range<Int>
  /// Whether it takes keyword arguments that are none of its parameters: its body uses `kwargs`.
  public var takesAnyKeyword: Bool { keywordsSlot != nil }
  let block: Block
  let function: FunctionScope
  let parameterIndex: [String: Int]
  let slot: Int?
  let isExported: Bool
  let callerSlot: Int?
  let keywordsSlot: Int?
  let positionalsSlot: Int?
  let usesCaller: Bool

  /// What a parser knows about a macro beside its face.
  struct Layout {
    var function: FunctionScope
    var slot: Int?
    var isExported = false
    var callerSlot: Int?
    var keywordsSlot: Int?
    var positionalsSlot: Int?
    var usesCaller = false
  }

  init(
    tag: String, name: String, parameters: [Parameter], options: [(name: String, value: ExpressionNode?)], block: Block,
    range: Range<Int>, bodyRange: Range<Int>, layout: Layout, _ position: SourcePosition
  ) {
    self.tag = tag
    self.name = name
    self.parameters = parameters
    self.options = options
    self.block = block
    self.range = range
    self.bodyRange = bodyRange
    parameterIndex = Dictionary(parameters.enumerated().map { ($1.name, $0) }) { first, _ in first }
    function = layout.function
    slot = layout.slot
    isExported = layout.isExported
    callerSlot = layout.callerSlot
    keywordsSlot = layout.keywordsSlot
    positionalsSlot = layout.positionalsSlot
    usesCaller = layout.usesCaller
    super.init(position)
  }

  public override var children: [Node] {
    parameters.compactMap(\.defaultValue) + options.compactMap(\.value) + block.statements
  }

  /// The value of the option `name`; `true` for one without a value; nil if it is absent or not constant.
  public func option(_ name: String) -> Value? {
    guard let option = options.first(where: { $0.name == name }) else { return nil }
    guard let value = option.value else { return .bool(true) }
    return value.constant
  }

  var isCallBlock: Bool { tag == "call" }
  var label: String { isCallBlock ? "call block" : "\(tag) '\(name)'" }
}

/// `{% macro name(parameters) %}…{% endmacro %}`, or a block statement of the host, which does nothing when executed.
public final class MacroStatement: StatementNode, @unchecked Sendable {
  /// What it defines.
  public let definition: MacroDefinition

  init(_ definition: MacroDefinition) {
    self.definition = definition
    super.init(definition.position)
  }

  public override var children: [Node] { [definition] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    guard let slot = definition.slot else { return .normal }
    let macro = Value.macro(Macro(definition, frame: frame, autoescape: frame.run.autoescape))
    frame.slots[slot] = macro
    if definition.isExported, frame.scope.names.keepsExports { frame.scope.names.exported[definition.name] = macro }
    return .normal
  }
}

/// `{% call(parameters) f(…) %}…{% endcall %}`: calls `f` with the body as `caller`.
public final class CallBlockStatement: StatementNode, @unchecked Sendable {
  /// The call.
  public let call: CallExpression
  /// The body, as a macro.
  public let definition: MacroDefinition

  init(_ call: CallExpression, _ definition: MacroDefinition, _ position: SourcePosition) {
    self.call = call
    self.definition = definition
    super.init(position)
  }

  public override var children: [Node] { [call, definition] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    guard !output.isMuted else { return .normal }
    let caller = Macro(definition, frame: frame, autoescape: frame.run.autoescape)
    let value = try call.call(frame, caller: caller)
    try located(frame) { try output.append(value, escaping: frame.run.autoescape) }
    return .normal
  }
}
