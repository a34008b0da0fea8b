import DataFormats
import Diagnostics
import Jinja

/// How the templates of a project are compiled, while it is loaded.
package enum ProjectTemplates {
  /// dbt's dialect: its block statements, its filters, macros that are looked up through the context.
  package static let environment: Environment = {
    var options = Environment.Options()
    options.definitionTags = ["test", "data_test", "materialization", "snapshot"].map { DefinitionTag($0) } + [DefinitionTag("docs", isRaw: true)]
    options.resolvesMacrosThroughContext = true
    // dbt renders in Jinja2's sandbox, which refuses longer ones.
    options.longestRange = 100_000
    options.filters = filters
    return Environment(options)
  }()

  /// dbt's filters for values of configurations: what a text is to be read as.
  private static let filters: [String: Filter] = [
    "as_text": { value, _ in .string(try value.str()) },
    "as_native": { value, _ in literal(value) },
    "as_bool": { value, _ in
      let result = literal(value)
      if case .bool = result { return result }
      return .object(Unconverted(try value.str(), "bool"))
    },
    "as_number": { value, _ in
      let result = literal(value)
      switch result {
      case .int, .double, .bigInt: return result
      default: return .object(Unconverted(try value.str(), "number"))
      }
    },
  ]

  /// The value that a text is the Python literal of; anything else as it is.
  private static func literal(_ value: Value) -> Value {
    guard let text = value.text else { return value }
    switch text {
    case "True": return true
    case "False": return false
    case "None": return .none
    default:
      if let number = Int64(text) { return .int(number) }
      if let number = Double(text), text.contains(where: \.isNumber) { return .double(number) }
      if let first = text.first, "[{('\"".contains(first), let constant = try? environment.expression(text).root.constant { return constant }
      return value
    }
  }

  /// Whether a text can be anything but itself.
  package static func isTemplate(_ text: String) -> Bool {
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if previous == UInt8(ascii: "{"), byte == UInt8(ascii: "{") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "#") { return true }
      previous = byte
    }
    return false
  }

  /// The value of a text in a configuration: that of its only expression as it is, otherwise the rendered text.
  package static func render(_ text: String, in context: RenderContext, name: String) throws -> JSON {
    guard isTemplate(text) else { return .string(text) }
    if let inner = onlyExpression(text) {
      let value = try environment.expression(inner, name: name).evaluate(in: context)
      if case .object(let object) = value, let unconverted = object as? Unconverted { throw unconverted.refusal(name) }
      return try value.json()
    }
    return .string(try environment.template(text, name: name).render(in: context))
  }

  /// The value of a variable. A text is a template itself, which sees the names of where it is used: `"{{ ref('orders') }}"`.
  package static func variable(_ name: String, _ value: JSON, in context: RenderContext) throws -> Value {
    guard case .string(let text) = value, isTemplate(text) else { return Value(json: value) }
    return .string(try environment.template(text, name: "variable \(name)").render(in: context))
  }

  /// An argument of a generic test as a template: a call of `env_var`, `ref`, `var`, `source` or `doc` needs no braces there
  /// (docs.getdbt.com/reference/resource-properties/data-tests).
  package static func testArgument(_ text: String) -> String {
    let trimmed = text.trimmingBlanks
    guard trimmed.last == ")", let open = trimmed.firstIndex(of: "(") else { return text }
    let isCall = ["env_var", "ref", "var", "source", "doc"].contains(String(trimmed[..<open]).trimmingBlanks)
    return isCall ? "{{ \(trimmed) }}" : text
  }

  /// What stands between the braces, if the text is one `{{ … }}` and nothing else.
  package static func onlyExpression(_ text: String) -> String? {
    guard text.hasPrefix("{{"), text.hasSuffix("}}"), text.utf8.count > 4 else { return nil }
    var inner = text.dropFirst(2).dropLast(2)
    if inner.contains("{{") || inner.contains("}}") || inner.contains("{%") || inner.contains("{#") { return nil }
    if inner.first == "-" || inner.first == "+" { inner = inner.dropFirst() }
    if inner.last == "-" || inner.last == "+" { inner = inner.dropLast() }
    return String(inner)
  }
}

/// A text that a filter could not convert. It stays a text as long as it is only a part of an expression:
/// `target.type == 'x' | as_bool` compares two texts.
private final class Unconverted: JinjaObject {
  private let value: String
  private let type: String

  init(_ value: String, _ type: String) {
    self.value = value
    self.type = type
  }

  var typeName: String { "str" }
  var isTrue: Bool { !value.isEmpty }
  func text() throws -> String { value }
  var representation: String { "'\(value)'" }
  func isEqual(to other: Value) -> Bool { other.text == value }
  func hash(into hasher: inout Hasher) { hasher.combine(value) }

  func refusal(_ file: String) -> Diagnostic {
    Diagnostic(
      .compilation, "jinja.value", "Could not convert value '\(value)' into type '\(type)'", at: SourceLocation(file: file),
      hint: type == "bool" ? "write True or False" : nil)
  }
}
