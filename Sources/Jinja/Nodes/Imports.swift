import Diagnostics

/// `{% include template ignore missing without context %}`
public final class IncludeStatement: StatementNode, @unchecked Sendable {
  /// The name of the template, a list of names of which the first that exists is taken, or a template.
  public let template: ExpressionNode
  /// Whether a template that does not exist is left out.
  public let ignoresMissing: Bool
  /// Whether it sees the names of this place; nil if it does not.
  let visible: VisibleNames?

  init(_ template: ExpressionNode, ignoresMissing: Bool, visible: VisibleNames?, _ position: SourcePosition) {
    self.template = template
    self.ignoresMissing = ignoresMissing
    self.visible = visible
    super.init(position)
  }

  public override var children: [Node] { [template] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    guard !output.isMuted else { return .normal }
    let value = try template.evaluate(frame)
    try located(frame) {
      let included: Template
      do {
        included = try frame.environment.resolve(value)
      } catch let fault as Fault where ignoresMissing && (fault.kind == .templateNotFound || fault.kind == .templatesNotFound) {
        return
      }
      let scope = frame.nested(included, visible: visible)
      try frame.run.enter(
        Run.Step(macro: nil, label: "template", caller: frame.scope.template, position: position))
      defer { frame.run.leave() }
      try included.execute(frame.run, scope, output)
    }
    return .normal
  }
}

/// `{% import template as name with context %}`
public final class ImportStatement: StatementNode, @unchecked Sendable {
  /// The name of the template, or a template.
  public let template: ExpressionNode
  /// The name it is imported as.
  public let name: String
  private let target: Target
  private let visible: VisibleNames?

  init(_ template: ExpressionNode, as name: String, target: Target, visible: VisibleNames?, _ position: SourcePosition) {
    self.template = template
    self.name = name
    self.target = target
    self.visible = visible
    super.init(position)
  }

  public override var children: [Node] { [template] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let value = try template.evaluate(frame)
    try located(frame) { try target.assign(.object(try frame.module(value, visible: visible, at: position)), frame) }
    return .normal
  }
}

/// `{% from template import name, other as alias with context %}`
public final class FromImportStatement: StatementNode, @unchecked Sendable {
  /// The name of the template, or a template.
  public let template: ExpressionNode
  /// The names, and the names they are imported as.
  public let names: [(name: String, alias: String)]
  private let targets: [Target]
  private let visible: VisibleNames?

  init(
    _ template: ExpressionNode, names: [(name: String, alias: String)], targets: [Target], visible: VisibleNames?,
    _ position: SourcePosition
  ) {
    self.template = template
    self.names = names
    self.targets = targets
    self.visible = visible
    super.init(position)
  }

  public override var children: [Node] { [template] }

  override func execute(_ frame: Frame, _ output: Output) throws -> Flow {
    let value = try template.evaluate(frame)
    try located(frame) {
      let module = try frame.module(value, visible: visible, at: position)
      for ((name, _), target) in zip(names, targets) {
        let value = try module.attribute(name)
        try target.assign(
          value
            ?? frame.environment.undefined(
              name, explanation: "the template '\(module.template.name)' does not export the requested name '\(name)'",
              hint: Suggestion.didYouMean(name, among: module.exported.keys)), frame)
      }
    }
    return .normal
  }
}

/// What a template exports, as `{% import %}` gives it.
final class ModuleObject: JinjaObject, @unchecked Sendable {
  let template: Template
  let exported: [String: Value]
  private let output: Value

  init(_ template: Template, exported: [String: Value], output: Value) {
    self.template = template
    self.exported = exported
    self.output = output
  }

  let typeName = "TemplateModule"
  func attribute(_ name: String) throws -> Value? { name.hasPrefix("_") ? nil : exported[name] }
  func text() throws -> String { try output.str() }
  var representation: String { "<TemplateModule '\(template.name)'>" }
  var isMarkup: Bool { true }
  var isTrue: Bool { true }
}

extension Frame {
  /// The scope of a template that is included or imported here.
  func nested(_ template: Template, visible: VisibleNames?, keepsExports: Bool = false) -> Scope {
    guard let visible else {
      // Without context a template sees no variables of the render, only the globals.
      return Scope(template: template, context: RenderContext(), keepsExports: keepsExports)
    }
    return Scope(
      template: template, context: scope.context, outer: OuterNames(locals: visible.capture(self), scope: scope),
      keepsExports: keepsExports)
  }

  func module(_ value: Value, visible: VisibleNames?, at position: SourcePosition) throws -> ModuleObject {
    let template = try environment.resolve(value)
    let inner = nested(template, visible: visible, keepsExports: true)
    try run.enter(Run.Step(macro: nil, label: "template", caller: scope.template, position: position))
    defer { run.leave() }
    let output = Output(isNative: run.isNative)
    try template.execute(run, inner, output)
    return ModuleObject(template, exported: inner.names.exported, output: try output.result(escaping: run.autoescape))
  }
}

/// A template as a value, for `include`, `import` and `extends` of a template that the host chose.
final class TemplateObject: JinjaObject {
  let template: Template

  init(_ template: Template) {
    self.template = template
  }

  let typeName = "Template"
  var representation: String { "<Template '\(template.name)'>" }
}

extension Value {
  /// A template as a value: `{% include template %}` takes it.
  public init(template: Template) {
    self = .object(TemplateObject(template))
  }
}

extension Environment {
  /// The template that an include, import or extends names.
  func resolve(_ value: Value) throws -> Template {
    switch value {
    case .string(let name), .markup(let name): return try load(name)
    case .object(let object as TemplateObject): return object.template
    case .undefined(let undefined): throw undefined.fault
    case .list, .tuple:
      let names = try value.collect()
      for name in names {
        do {
          return try resolve(name)
        } catch let fault as Fault where fault.kind == .templateNotFound || fault.kind == .undefined {
          continue
        }
      }
      throw Fault(.templatesNotFound, "none of the templates exists: \(try names.map { try $0.str() }.joined(separator: ", "))")
    default:
      throw Fault(.type, "a template is named by a string, not by \(value.typeName)")
    }
  }
}
