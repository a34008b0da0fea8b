/// What a template sees from outside: variables, and a function for names that are looked up only when they are used.
///
/// Names are found in the template itself first, then in `variables`, then through `lookup`, then in `parent`, then in the
/// environment's globals. A context may be shared by renders on several threads if nobody changes it meanwhile and
/// `lookup` allows it.
public final class RenderContext: @unchecked Sendable {
  /// The variables by name.
  public var variables: [String: Value]
  /// Where else names are looked for.
  public let parent: RenderContext?
  private let lookup: (@Sendable (_ name: String, _ context: RenderContext) throws -> Value?)?

  /// A context of `variables`. `lookup` is asked for every other name each time it is used, with the context that the
  /// lookup began in (to bind macros to); nil is "no such name".
  public init(
    _ variables: [String: Value] = [:], parent: RenderContext? = nil,
    lookup: (@Sendable (_ name: String, _ context: RenderContext) throws -> Value?)? = nil
  ) {
    self.variables = variables
    self.parent = parent
    self.lookup = lookup
  }

  /// The value of `name`; nil if there is none.
  public func value(of name: String) throws -> Value? { try value(of: name, from: self) }

  private func value(of name: String, from origin: RenderContext) throws -> Value? {
    if let value = variables[name] { return value }
    if let lookup, let value = try lookup(name, origin) { return value }
    guard let parent else { return nil }
    return try parent.value(of: name, from: origin)
  }

  /// All variables, without what only `lookup` knows.
  public var allVariables: [String: Value] {
    guard let parent else { return variables }
    return parent.allVariables.merging(variables) { $1 }
  }
}
