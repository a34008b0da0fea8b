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
    // Blank lines in front keep the lines of errors those of the file.
    let padding = String(repeating: "\n", count: max(0, macro.firstLine - 1))
    let template = try environment.template(padding + macro.macroSQL, name: macro.originalFilePath)
    guard let definition = template.macros.first ?? template.definitions.first else {
      throw Diagnostic(.compilation, "project.unknown-macro", "'\(macro.name)' is not a macro", at: macro.place)
    }
    compiled.withLock { $0[id] = Compiled(template: template, definition: definition) }
    return try template.bind(definition, to: context)
  }

  /// The template of a node's code.
  func template(of node: Node) throws -> Template {
    let padding = String(repeating: "\n", count: max(0, node.firstLine - 1))
    return try environment.template(padding + node.rawCode, name: node.originalFilePath)
  }
}
