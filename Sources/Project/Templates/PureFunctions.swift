import Crypto
import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import OrderedCollections

/// dbt's functions that depend on nothing but their arguments
/// (docs.getdbt.com/reference/dbt-jinja-functions).
package enum PureFunctions {
  package static let all: [String: Value] = {
    var functions: [String: Value] = [:]
    func define(_ name: String, _ body: @escaping @Sendable (Call) throws -> Value) { functions[name] = Value(function: name, body) }
    define("return") { call in throw MacroReturn(call.argument(0, "data") ?? .none) }
    define("log") { _ in .string("") }
    define("print") { _ in .string("") }
    define("tojson") { call in
      guard let value = call.argument(0, "value") else { throw Fault(.type, "tojson() missing required argument 'value'") }
      return .string(try value.json().dumped(sorted: call.argument(2, "sort_keys")?.isTrue == true))
    }
    define("fromjson") { call in
      guard let text = call.argument(0, "string")?.text, let value = try? JSON.parse(text) else { return call.argument(1, "default") ?? .none }
      return Value(json: value)
    }
    define("fromyaml") { call in
      guard let text = call.argument(0, "value")?.text, let document = try? YAMLDocument(parsing: text) else { return call.argument(1, "default") ?? .none }
      return Value(json: document.value)
    }
    define("toyaml") { call in
      guard let value = call.argument(0, "value") else { throw Fault(.type, "toyaml() missing required argument 'value'") }
      guard isData(value) else { return call.argument(1, "default") ?? .none }
      let json = try value.json()
      // As PyYAML writes it: a document that is a bare scalar is ended.
      let isScalar = json.object == nil && json.array == nil
      return .string(json.yaml(sorted: try call.argument(2, "sort_keys")?.isTrue == true, indentsLists: false) + (isScalar ? "...\n" : ""))
    }
    define("local_md5") { call in
      guard let text = try call.argument(0, "value")?.str() else { throw Fault(.type, "local_md5() missing required argument 'value'") }
      return .string(hexadecimal(Insecure.MD5.hash(data: Array(text.utf8))))
    }
    for name in ["set", "set_strict"] {
      define(name) { call in .set(SetBox(OrderedSet(try call.argument(0, "value")?.collect() ?? []))) }
    }
    for name in ["zip", "zip_strict"] {
      define(name) { call in
        let columns = try call.positional.map { try $0.collect() }
        let rows = columns.map(\.count).min() ?? 0
        return Value((0..<rows).map { row in .tuple(columns.map { $0[row] }) })
      }
    }
    define("diff_of_two_dicts") { call in
      let left = call.argument(0, "dict_a")?.dict?.members ?? [:]
      let right = call.argument(1, "dict_b")?.dict?.members ?? [:]
      var rest: OrderedDictionary<Value, Value> = [:]
      for (key, value) in left {
        let others = try right[key]?.collect() ?? []
        let missing = try value.collect().filter { !others.contains($0) }
        if !missing.isEmpty { rest[key] = Value(missing) }
      }
      return Value(rest)
    }
    functions["exceptions"] = .object(ExceptionsObject())
    functions["dbt_version"] = .string(dbtVersion)
    return functions
  }()

  /// The dbt-core version whose language scv speaks; what `dbt_version` and `require-dbt-version` go by.
  package static let dbtVersion = "1.10.23"

  /// Whether a value consists of nothing that YAML has no words for.
  private static func isData(_ value: Value) -> Bool {
    switch value {
    case .undefined, .function, .macro, .object, .iterator: false
    case .list(let box): box.elements.allSatisfy(isData)
    case .tuple(let elements): elements.allSatisfy(isData)
    case .dict(let box): box.members.allSatisfy { isData($0.key) && isData($0.value) }
    default: true
    }
  }

  /// Bytes in lower-case hexadecimal.
  package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.underestimatedCount * 2)
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// `exceptions`: what a template refuses by, and what it warns of (warnings wait for the run).
final class ExceptionsObject: JinjaObject {
  var typeName: String { "exceptions" }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "warn": return .string("")
    case "raise_compiler_error", "raise_parsing_error", "raise_fail_fast_error", "raise_not_implemented", "raise_contract_error":
      let message = try call.argument(0, "msg")?.str() ?? ""
      throw Diagnostic(
        name == "raise_parsing_error" ? .parsing : .compilation, "project.raised", message, at: call.location,
        trail: call.macroStack.reversed().map { "macro '\($0.name)'" })
    default:
      guard name.hasPrefix("raise_") || name.hasPrefix("missing_") || name.hasPrefix("relation_") || name.hasPrefix("column_") else { return nil }
      let words = try call.positional.map { try $0.str() }.joined(separator: ", ")
      throw Diagnostic(.compilation, "project.raised", "\(name): \(words)", at: call.location)
    }
  }
}
