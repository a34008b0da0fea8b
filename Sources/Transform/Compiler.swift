import Diagnostics
import Jinja
import OrderedCollections
import Project

/// The SQL of a node with its templates gone: the body, and the common table expressions that it needs.
struct CompiledSQL: Sendable {
  /// What the node's own code became.
  var body: String
  /// Ephemeral models, and fixtures of unit tests, by name.
  var ctes: OrderedDictionary<String, String>

  /// The whole statement.
  var text: String {
    SQLText.prepending(ctes.map { ($0.key, $0.value) }, to: body)
  }
}

/// Templates to SQL.
enum Compiler {
  /// Compiles the node of `context`, and notes the SQL there.
  ///
  /// - Throws: `Diagnostic` of the category `.compilation`.
  static func compile(_ context: NodeContext) throws -> CompiledSQL {
    let node = context.node
    guard node.language == "sql" else {
      try Materializations.checkLanguage(context)
      throw Diagnostic(
        .compilation, "transform.python-model", "\(node.name) is a Python model, and this warehouse runs SQL only", at: node.place,
        hint: "write it as SQL, or disable it: {{ config(enabled=false) }}")
    }
    if let metadata = node.testMetadata {
      context.context.variables["_dbt_generic_test_kwargs"] = try GenericTestArguments.value(metadata, context)
    }
    let body = try context.run.macros.template(of: node).render(in: context.context)
    let compiled = CompiledSQL(body: body, ctes: context.run.options.injectsEphemerals ? context.ctes : [:])
    context.compiledCode = compiled.text
    return compiled
  }
}
