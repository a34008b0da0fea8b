/// What one execution of a template sees by name, beside the slots of its frames. Templates that extend each other share
/// `names`, each with its own scope.
final class Scope: @unchecked Sendable {
  let template: Template
  let names: Names

  init(template: Template, names: Names) {
    self.template = template
    self.names = names
  }

  convenience init(template: Template, context: RenderContext, outer: OuterNames? = nil, keepsExports: Bool = false) {
    self.init(
      template: template,
      names: Names(context: context, outer: outer, keepsExports: keepsExports || template.needsExports))
  }

  var context: RenderContext { names.context }

  func lookup(_ name: String) throws -> Value? {
    if !names.exported.isEmpty, let value = names.exported[name] { return value }
    if let outer = names.outer {
      if let value = outer.locals[name] { return value }
      return try outer.scope.lookup(name)
    }
    if let value = try names.context.value(of: name) { return value }
    return template.environment.globals[name]
  }

  /// The names that a message may propose.
  var knownNames: [String] {
    let around: [String] =
      if let outer = names.outer { Array(outer.locals.keys) + outer.scope.knownNames } else { Array(context.allVariables.keys) }
    return Array(names.exported.keys) + around + template.function.names + Array(template.environment.globals.keys)
  }
}

/// The names and blocks that a template shares with those it extends.
final class Names {
  let context: RenderContext
  /// The names of an including template, when included or imported with context.
  let outer: OuterNames?
  /// Whether top-level names are noted in `exported`: there are blocks, includes or imports, or the template is a module.
  var keepsExports: Bool
  /// The names assigned at the top level.
  var exported: [String: Value] = [:]
  /// The blocks by name, those of the most derived template first; filled while templates extend each other.
  var blocks: [String: [BoundBlock]] = [:]

  /// The template that the one being executed extends, once it said so.
  var parent: Template?

  init(context: RenderContext, outer: OuterNames?, keepsExports: Bool) {
    self.context = context
    self.outer = outer
    self.keepsExports = keepsExports
  }
}

/// What an included template, or a scoped block, sees of the place it is included in.
struct OuterNames {
  let locals: [String: Value]
  let scope: Scope
}

/// A block together with the template it stands in.
struct BoundBlock {
  let block: BlockStatement
  let template: Template
}
