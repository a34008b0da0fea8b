import Diagnostics
import Synchronization

/// A compiled template: parsed once, rendered any number of times, on any number of threads.
public final class Template: @unchecked Sendable {
  /// The name, which is the file in errors.
  public let name: String
  /// The text it was compiled from; behind as many line ends as there are lines before it in its file.
  public let source: String
  /// What it was compiled with.
  public let environment: Environment
  /// The statements of the top level, in order; texts and printed expressions are statements too.
  public let body: [StatementNode]
  /// The macros of the top level, also those inside `{% if %}`, in the order of the source.
  public let macros: [MacroDefinition]
  /// What the host's block statements define, in the order of the source.
  public let definitions: [MacroDefinition]
  /// The blocks by name.
  public let blocks: [String: BlockStatement]
  /// The names that are looked up in the context: those used and not assigned at every place before. Filters and tests
  /// are not names.
  public let contextNames: Set<String>
  let block: Block
  let function: FunctionScope
  let needsExports: Bool
  private let assignsAtTopLevel: Bool

  /// Compiles `source`, which begins on the line `firstLine` of its file. Throws `Diagnostic` with codes `jinja.syntax`, `jinja.unknown-filter`, `jinja.unknown-test`,
  /// `jinja.assertion`.
  public convenience init(_ source: String, name: String = "<template>", firstLine: Int = 1, environment: Environment) throws {
    // Positions and ranges speak of the source with plain newlines.
    var source = source.utf8.contains(0x0D) ? source.replacingAll("\r\n", with: "\n").replacingAll("\r", with: "\n") : source
    if firstLine > 1 { source = String(repeating: "\n", count: firstLine - 1) + source }
    self.init(name, source, environment, try Parser.parse(source, skipping: firstLine - 1, name: name, environment: environment))
  }

  private init(_ name: String, _ source: String, _ environment: Environment, _ parsed: ParsedTemplate) {
    self.name = name
    self.source = source
    self.environment = environment
    body = parsed.block.statements
    block = parsed.block
    function = parsed.function
    macros = parsed.macros
    definitions = parsed.definitions
    blocks = parsed.blocks
    contextNames = parsed.contextNames
    needsExports = parsed.needsExports
    assignsAtTopLevel = parsed.assignsAtTopLevel
  }

  /// A single expression, and a template without statements around it.
  static func expression(_ source: String, name: String, environment: Environment) throws -> (Template, ExpressionNode) {
    let (parsed, root) = try Parser.parseExpression(source, name: name, environment: environment)
    return (Template(name, source, environment, parsed), root)
  }

  // MARK: Rendering

  /// Renders with `variables`. Throws `Diagnostic`.
  public func render(_ variables: [String: Value] = [:]) throws -> String { try render(in: RenderContext(variables)) }

  /// Renders in `context`. Throws `Diagnostic`, or whatever functions of the host throw that is neither `Fault` nor
  /// `Diagnostic`.
  public func render(in context: RenderContext) throws -> String {
    switch try result(in: context) {
    case .string(let text), .markup(let text): return text
    case let value: return try value.str()
    }
  }

  /// Renders in `context` to a value: the native one in a native environment, otherwise the text. A `MacroReturn` that no
  /// macro takes is the value too.
  public func result(in context: RenderContext) throws -> Value {
    let run = Run(environment)
    let output = Output(isNative: run.isNative)
    do {
      try execute(run, Scope(template: self, context: context), output)
      return try output.result(escaping: false)
    } catch let signal as MacroReturn {
      return signal.value
    } catch {
      throw run.located(error, at: SourcePosition(line: 1, column: 1), in: self)
    }
  }

  /// Executes the template and gives what it exports: its top-level names (macros, sets, imports) without a leading
  /// underscore. Throws as `render(in:)`.
  public func exports(in context: RenderContext) throws -> [String: Value] {
    let run = Run(environment)
    let scope = Scope(template: self, context: context, keepsExports: true)
    do {
      try execute(run, scope, Output(isNative: false))
    } catch {
      throw run.located(error, at: SourcePosition(line: 1, column: 1), in: self)
    }
    return scope.names.exported.filter { !$0.key.hasPrefix("_") }
  }

  /// Executes the template, and those it extends, in the same names.
  @discardableResult
  func execute(_ run: Run, _ scope: Scope, _ output: Output) throws -> Frame {
    let frame = Frame(run: run, scope: scope, parent: nil, slots: function.slotCount)
    guard needsExports || scope.names.keepsExports else {
      _ = try block.execute(frame, output)
      return frame
    }
    let names = scope.names
    for (name, block) in blocks { names.blocks[name, default: []].append(BoundBlock(block: block, template: self)) }
    _ = try block.execute(frame, output)
    var ancestors: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
    while let parent = names.parent {
      names.parent = nil
      output.isMuted = false
      guard ancestors.insert(ObjectIdentifier(parent)).inserted else {
        throw Fault(.runtime, "template '\(parent.name)' extends itself")
      }
      for (name, block) in parent.blocks { names.blocks[name, default: []].append(BoundBlock(block: block, template: parent)) }
      let inherited = Frame(
        run: run, scope: Scope(template: parent, names: names), parent: nil, slots: parent.function.slotCount)
      _ = try parent.block.execute(inherited, output)
    }
    return frame
  }

  // MARK: Macros of the host

  /// The top-level macro `name`, if there is one.
  public func macro(named name: String) -> MacroDefinition? { macros.last { $0.name == name } }

  /// A macro or definition of this template, callable in `context` without rendering the template.
  ///
  /// Names in its body resolve in `context` when they are used. Top-level assignments of the template, if there are any,
  /// are executed first (their output is dropped). Throws `Diagnostic` from doing so.
  public func bind(_ definition: MacroDefinition, to context: RenderContext) throws -> Macro {
    let run = Run(environment)
    let scope = Scope(template: self, context: context)
    let frame: Frame
    if assignsAtTopLevel {
      frame = try execute(run, scope, Output(isNative: false))
    } else {
      frame = Frame(run: run, scope: scope, parent: nil, slots: function.slotCount)
      if !environment.options.resolvesMacrosThroughContext {
        for macro in macros { if let slot = macro.slot { frame.slots[slot] = .macro(Macro(macro, frame: frame, autoescape: run.autoescape)) } }
      }
    }
    return Macro(definition, frame: frame, autoescape: run.autoescape)
  }
}

/// A single expression, compiled: `a.b + 1`, as a host evaluates conditions and interpolations.
public final class CompiledExpression: Sendable {
  private let template: Template
  /// The expression.
  public let root: ExpressionNode

  init(_ source: String, name: String, environment: Environment) throws {
    let (template, root) = try Template.expression(source, name: name, environment: environment)
    self.template = template
    self.root = root
  }

  /// The value of the expression. Throws `Diagnostic`.
  public func evaluate(_ variables: [String: Value] = [:]) throws -> Value { try evaluate(in: RenderContext(variables)) }

  /// The value of the expression in `context`. Throws `Diagnostic`.
  public func evaluate(in context: RenderContext) throws -> Value {
    let run = Run(template.environment)
    let frame = Frame(
      run: run, scope: Scope(template: template, context: context), parent: nil, slots: template.function.slotCount)
    do {
      return try root.evaluate(frame)
    } catch let signal as MacroReturn {
      return signal.value
    } catch {
      throw run.located(error, at: root.position, in: template)
    }
  }
}
