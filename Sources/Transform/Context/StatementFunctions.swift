import Diagnostics
import Jinja
import OrderedCollections
import Project
import Warehouse

/// What the macro `statement` and materializations call: results by name, rendering of hooks.
enum StatementFunctions {
  static func named(_ name: String, _ node: NodeContext) -> Value? {
    switch name {
    case "load_result":
      Value(function: name) { call in
        let key = try call.argument(0, "name")?.str() ?? ""
        return node.results[key] ?? Value.none
      }
    case "store_result":
      Value(function: name) { call in
        let table = call.argument(2, "agate_table") ?? Value.none
        return try store(node, call, response: call.argument(1, "response") ?? Value.none, table: table)
      }
    case "store_raw_result":
      Value(function: name) { call in
        let response = ResponseObject(
          message: try call.argument(1, "message")?.str() ?? "", code: call.argument(2, "code")?.text ?? "",
          rowsAffected: call.argument(3, "rows_affected")?.text.flatMap { Int($0) })
        return try store(node, call, response: .object(response), table: call.argument(4, "agate_table") ?? Value.none)
      }
    case "render":
      Value(function: name) { call in
        .string(try node.render(try call.argument(0, "string")?.str() ?? "", name: "hook"))
      }
    case "write":
      Value(function: name) { call in
        node.written.append(try call.argument(0, "payload")?.str() ?? "")
        return ""
      }
    default: nil
    }
  }

  private static func store(_ node: NodeContext, _ call: Call, response: Value, table: Value) throws -> Value {
    let key = try call.argument(0, "name")?.str() ?? ""
    var data = Value([Value]())
    if case .object(let object) = table, let object = object as? TableObject {
      data = Value(object.table.rows.map { .tuple($0.map { Value($0) }) })
    }
    node.results[key] = .object(NamespaceObject("AttrDict", ["response": response, "data": data, "table": table]))
    return ""
  }
}

extension NodeContext {
  /// Renders a text as a template that sees what the node sees.
  func render(_ source: String, name: String) throws -> String {
    guard source.contains("{") else { return source }
    return try run.macros.environment.template(source, name: name).render(in: context)
  }
}

/// `builtins`: `ref`, `source` and `config` as they are before a project overrides them.
final class Builtins: JinjaObject {
  private let node: NodeContext

  init(_ node: NodeContext) { self.node = node }

  var typeName: String { "dict" }

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "ref": .object(ReferenceFunction("ref", configuration: node.run.facts) { [node] in try References(node).ref($0) })
    case "source": Value(function: "source") { [node] in try References(node).source($0) }
    case "config": .object(ConfigObject(node))
    default: try node.run.shared.value(of: name)
    }
  }

  func item(_ key: Value) throws -> Value? { try key.text.flatMap { try attribute($0) } }
}

/// `context`: everything that the template sees, by name.
final class ContextObject: JinjaObject {
  private let node: NodeContext

  init(_ node: NodeContext) { self.node = node }

  var typeName: String { "dict" }
  var isTrue: Bool { true }
  func item(_ key: Value) throws -> Value? { try key.text.flatMap { try node.context.value(of: $0) } }
  func attribute(_ name: String) throws -> Value? { try node.context.value(of: name) }
  func contains(_ needle: Value) throws -> Bool? { try needle.text.map { try node.context.value(of: $0) != nil } ?? false }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    guard name == "get" else { return nil }
    return try call.argument(0, "key").flatMap { try item($0) } ?? call.argument(1, "default") ?? Value.none
  }
}

/// The macros of one package: `dbt_utils.star`.
final class PackageObject: JinjaObject {
  private let name: String
  private let node: NodeContext

  init(_ name: String, _ node: NodeContext) {
    self.name = name
    self.node = node
  }

  var typeName: String { "MacroNamespace" }
  var isTrue: Bool { true }

  func attribute(_ macro: String) throws -> Value? {
    if let value = node.overrides.macros["\(name).\(macro)"] { return value }
    return try node.run.manifest.macroResolver.macro(named: macro, in: name).map { try node.bind($0) }
  }

  func item(_ key: Value) throws -> Value? { try key.text.flatMap { try attribute($0) } }
  func contains(_ needle: Value) throws -> Bool? { try item(needle) != nil }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    if name == "get", try attribute(name) == nil {
      return try call.argument(0, "key").flatMap { try item($0) } ?? call.argument(1, "default") ?? Value.none
    }
    guard try attribute(name) == nil else { return nil }
    throw Fault(
      .undefined, "the package '\(self.name)' has no macro '\(name)'",
      hint: Suggestion.didYouMean(name, among: node.run.manifest.macroResolver.names(in: self.name)))
  }
}
