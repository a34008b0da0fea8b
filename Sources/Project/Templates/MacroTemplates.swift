import DataFormats
import Diagnostics
import Jinja
import Synchronization

/// The compiled macros of a project. Those that come with scv are compiled when they are first used.
final class MacroTemplates: Sendable {
  /// A macro's template and the place of its definition there.
  struct Compiled: Sendable {
    var template: Template
    var definition: Jinja.MacroDefinition
  }

  private let compiled: [String: Compiled]
  private let builtins: [String: BuiltinMacro]
  /// Macros that are there and cannot be read: that is told once, not of everything that calls them.
  private let broken: Set<String>
  private let late = Mutex<[String: Compiled]>([:])
  let resolver: MacroResolver

  /// A macro that comes with scv: its file, and its name there.
  struct BuiltinMacro: Sendable {
    var file: BuiltinPackage.File
    var tag: String
    var name: String
  }

  init(compiled: [String: Compiled], builtins: [String: BuiltinMacro], broken: Set<String> = [], resolver: MacroResolver) {
    self.compiled = compiled
    self.broken = broken
    self.builtins = builtins
    self.resolver = resolver
  }

  /// The compiled macro of a unique id.
  func compiled(_ id: String) throws -> Compiled? {
    if let found = compiled[id] { return found }
    guard let builtin = builtins[id] else { return nil }
    if let found = late.withLock({ $0[id] }) { return found }
    let template = try ProjectTemplates.environment.template(builtin.file.source, name: builtin.file.path)
    let definitions = template.macros + template.definitions
    guard let definition = definitions.first(where: { $0.name == builtin.name && $0.tag == builtin.tag }) else { return nil }
    let result = Compiled(template: template, definition: definition)
    late.withLock { $0[id] = result }
    return result
  }

  /// The macro of a unique id, seeing the names of `context`.
  func value(_ id: String, in context: RenderContext) throws -> Value? {
    guard let compiled = try compiled(id) else { return broken.contains(id) ? LenientStub.value : nil }
    return .macro(try compiled.template.bind(compiled.definition, to: context))
  }

  /// What a plain name means in `package`: a macro, or a package of macros.
  func value(named name: String, from package: String, in context: RenderContext) throws -> Value? {
    if let id = resolver.macro(named: name, from: package) { return try value(id, in: context) }
    if resolver.isPackage(name) { return .object(PackageMacros(name, self, context)) }
    return nil
  }
}

/// The macros of a package, as templates call them: `dbt_utils.star(…)`.
final class PackageMacros: JinjaObject {
  private let package: String
  private let macros: MacroTemplates
  private let context: RenderContext

  init(_ package: String, _ macros: MacroTemplates, _ context: RenderContext) {
    self.package = package
    self.macros = macros
    self.context = context
  }

  var typeName: String { "package" }
  var isTrue: Bool { true }

  func attribute(_ name: String) throws -> Value? {
    guard let id = macros.resolver.macro(named: name, in: package) else { return nil }
    return try macros.value(id, in: context)
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    guard let macro = try attribute(name) else {
      throw Fault(
        .undefined, "'\(package)' has no macro '\(name)'",
        hint: Suggestion.didYouMean(name, among: macros.resolver.names(in: package)))
    }
    return try call.forward(to: macro)
  }
}
