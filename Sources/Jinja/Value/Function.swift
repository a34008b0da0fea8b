import Diagnostics

/// A function of the host or of the language.
///
///     let ref = Function("ref") { call in
///       let arguments = try call.bind("package_or_model", "model", optional: 1)
///       …
///     }
public final class Function: Sendable {
  /// The name, for messages.
  public let name: String
  let body: @Sendable (Call) throws -> Value

  /// A function that runs `body`; errors are thrown as `Fault` or `Diagnostic`.
  public init(_ name: String, _ body: @escaping @Sendable (Call) throws -> Value) {
    self.name = name
    self.body = body
  }
}

/// A keyword argument.
public struct KeywordArgument: Sendable {
  /// The keyword.
  public let name: String
  /// The value.
  public var value: Value

  /// `name=value`.
  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

/// One call of a function: its arguments, and where it stands.
public struct Call {
  /// The positional arguments, `*args` included.
  public var positional: [Value]
  /// The keyword arguments, `**kwargs` included.
  public var keywords: [KeywordArgument]
  /// The render that the call is part of.
  let run: Run
  /// What the calling template sees.
  let scope: Scope
  /// The place of the call.
  public let position: SourcePosition

  /// The argument at `index`, or else the keyword `name`.
  public func argument(_ index: Int, _ name: String) -> Value? {
    if index < positional.count { return positional[index] }
    return keyword(name)
  }

  /// The keyword argument `name`.
  public func keyword(_ name: String) -> Value? {
    for argument in keywords where argument.name == name { return argument.value }
    return nil
  }

  /// The file, line and column of the call.
  public var location: SourceLocation {
    SourceLocation(file: scope.template.name, line: Int(position.line), column: Int(position.column))
  }

  /// The way to the call through macros and templates, outermost first; empty for a call of the template itself.
  public var trail: [String] { run.trail(to: position, in: scope.template) }

  /// The name of the template that the call stands in.
  public var templateName: String { scope.template.name }

  /// The macros being executed, outermost first; the last one made the call.
  public var macroStack: [Macro] { run.stack.compactMap(\.macro) }

  /// Looks a name up as the calling template would: its exported names, the host's context, the globals.
  public func lookup(_ name: String) throws -> Value? { try scope.lookup(name) }

  /// The context that the calling template is rendered in.
  public var context: RenderContext { scope.context }

  /// Calls `callee` with other arguments, as part of the same render, from the same place.
  public func invoke(_ callee: Value, _ positional: [Value] = [], keywords: [KeywordArgument] = []) throws -> Value {
    try callee.invoke(Call(positional: positional, keywords: keywords, run: run, scope: scope, position: position))
  }

  /// Renders `macro`, or calls any other value, with the arguments of this call.
  public func forward(to callee: Value) throws -> Value { try callee.invoke(self) }

  /// Renders a text as a template in the context of the call.
  public func render(_ source: String, name: String) throws -> String {
    let template = try scope.template.environment.template(source, name: name)
    return try template.render(in: scope.context)
  }

  /// The arguments in the order of `names`, each given by position or by keyword, with nil for those left out.
  ///
  /// The last `optional` ones may be left out. Throws `jinja.type` for missing, surplus and unknown arguments.
  public func bind(_ names: String..., optional: Int = 0, function: String = "function") throws -> [Value?] {
    var bound: [Value?] = Array(repeating: nil, count: names.count)
    guard positional.count <= names.count else {
      throw Fault(.type, "\(function)() takes at most \(names.count) arguments (\(positional.count) given)")
    }
    for (index, value) in positional.enumerated() { bound[index] = value }
    for argument in keywords {
      guard let index = names.firstIndex(of: argument.name) else {
        throw Fault(
          .type, "\(function)() got an unexpected keyword argument '\(argument.name)'",
          hint: Suggestion.didYouMean(argument.name, among: names))
      }
      guard bound[index] == nil else { throw Fault(.type, "\(function)() got multiple values for argument '\(argument.name)'") }
      bound[index] = argument.value
    }
    for index in 0..<(names.count - optional) where bound[index] == nil {
      throw Fault(.type, "\(function)() missing required argument '\(names[index])'")
    }
    return bound
  }
}

extension Value {
  /// Whether the value can be called.
  public var isCallable: Bool {
    switch self {
    case .function, .macro: true
    case .object(let object): object.isCallable
    default: false
    }
  }

  /// Calls the value.
  func invoke(_ call: Call) throws -> Value {
    switch self {
    case .function(let function): return try function.body(call)
    case .macro(let macro): return try macro.invoke(call)
    case .object(let object): return try object.call(call)
    case .undefined(let undefined): throw undefined.fault
    default: throw Fault(.type, "'\(typeName)' object is not callable")
    }
  }
}
