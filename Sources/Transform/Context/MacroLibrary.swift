import Diagnostics
import Jinja
import Project
import Synchronization

/// The templates of a project, compiled when they are first needed and kept: macros by their id, nodes by theirs.
final class MacroLibrary: Sendable {
  let environment: Environment
  private let manifest: Manifest
  private let compiled = Mutex<[String: Compiled]>([:])

  private struct Compiled: Sendable {
    var template: Template
    var definition: MacroDefinition
  }

  init(_ manifest: Manifest) {
    environment = ProjectTemplates.environment
    self.manifest = manifest
  }

  /// The macro of a unique id, bound to what `context` sees.
  ///
  /// - Throws: `Diagnostic` if the macro cannot be read.
  func macro(_ id: String, in context: RenderContext) throws -> Macro {
    if let known = compiled.withLock({ $0[id] }) { return try known.template.bind(known.definition, to: context) }
    guard let macro = manifest.macros[id] else {
      throw Diagnostic(.compilation, "project.unknown-macro", "there is no macro '\(id)'")
    }
    let template = try environment.template(macro.macroSQL, name: macro.originalFilePath, firstLine: macro.firstLine)
    guard let definition = template.macros.first ?? template.definitions.first else {
      throw Diagnostic(.compilation, "project.unknown-macro", "'\(macro.name)' is not a macro", at: macro.place)
    }
    compiled.withLock { $0[id] = Compiled(template: template, definition: definition) }
    return try template.bind(definition, to: context)
  }

  /// The template of a node's code.
  func template(of node: Node) throws -> Template {
    try environment.template(node.rawCode, name: node.writtenIn, firstLine: node.firstLine)
  }
}
