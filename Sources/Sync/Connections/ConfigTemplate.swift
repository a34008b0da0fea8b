import DataFormats
import Diagnostics
import OrderedCollections
import Synchronization

/// The texts of connections.yml as templates: `{{ env_var('NAME', 'default') }}` and `{{ secret('stripe.key') }}`, alone or inside
/// a longer text. What the two functions gave is remembered as secret.
final class ConfigTemplate: Sendable {
  private let secrets: JSON
  private let variables: [String: String]
  private let given = Mutex<[String]>([])

  /// - Parameters:
  ///   - secrets: what `secret` reads, a path of names with dots between.
  ///   - environment: what `env_var` reads.
  init(secrets: JSON, environment variables: [String: String]) {
    self.secrets = secrets
    self.variables = variables
  }

  /// The values that templates have been given so far: never to be shown.
  var revealed: [String] { given.withLock { $0 } }

  /// `value` with every text in it rendered.
  ///
  /// - Parameter locate: adds the place to an error, by the path from `value` to the text.
  /// - Throws: `Diagnostic` (`template.missing-variable`, `template.missing-secret`, `template.syntax`).
  func render(_ value: JSON, locate: (Diagnostic, [YAMLDocument.Step]) -> Diagnostic) throws -> JSON {
    try render(value, [], locate)
  }

  private func render(_ value: JSON, _ path: [YAMLDocument.Step], _ locate: (Diagnostic, [YAMLDocument.Step]) -> Diagnostic) throws -> JSON {
    switch value {
    case .string(let text) where text.contains("{{"):
      do { return .string(try render(text)) } catch let error as Diagnostic { throw locate(error, path) }
    case .array(let elements):
      return .array(try elements.enumerated().map { try render($1, path + [.index($0)], locate) })
    case .object(let members):
      var rendered = OrderedDictionary<String, JSON>(minimumCapacity: members.count)
      for (key, inner) in members {
        // A declarative manifest inside the configuration has templates of its own, for the source.
        rendered[key] = key == "__injected_declarative_manifest" ? inner : try render(inner, path + [.key(key)], locate)
      }
      return .object(rendered)
    default: return value
    }
  }

  private func render(_ text: String) throws -> String {
    var result = ""
    var rest = Substring(text)
    while let open = rest.firstRange(of: "{{") {
      result += rest[..<open.lowerBound]
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else { throw ConfigTemplate.unreadable("'}}' is missing") }
      result += try call(String(rest[open.upperBound..<close.lowerBound]))
      rest = rest[close.upperBound...]
    }
    return result + rest
  }

  /// `env_var('NAME', 'default')` or `secret('path')`.
  private func call(_ source: String) throws -> String {
    let expression = source.filter { !$0.isNewline }
    guard let open = expression.firstIndex(of: "("), let close = expression.lastIndex(of: ")"), open < close else {
      throw ConfigTemplate.unreadable("'\(expression)' is neither env_var('NAME') nor secret('NAME')")
    }
    let name = expression[..<open].filter { !$0.isWhitespace }
    let arguments = try ConfigTemplate.texts(expression[expression.index(after: open)..<close])
    guard let first = arguments.first, arguments.count <= 2, expression[expression.index(after: close)...].allSatisfy(\.isWhitespace) else {
      throw ConfigTemplate.unreadable("'\(expression)' is neither env_var('NAME') nor secret('NAME')")
    }
    switch name {
    case "env_var": return try variable(first, fallback: arguments.count > 1 ? arguments[1] : nil)
    case "secret": return try secret(first)
    default: throw ConfigTemplate.unreadable("there is no function '\(name)' here", hint: "env_var('NAME') and secret('NAME') there are")
    }
  }

  private func variable(_ name: String, fallback: String?) throws -> String {
    if let value = variables[name] {
      if !ConfigTemplate.isOrigin(value) { given.withLock { $0.append(value) } }
      return value
    }
    if let fallback { return fallback }
    throw Diagnostic(
      .configuration, "template.missing-variable", "the environment variable '\(name)' is not set",
      hint: "set it: export \(name)=…; or give a default: env_var('\(name)', 'default')")
  }

  /// Whether a text is the address of a host and nothing more, `https://crm.example.com`: no secret, and messages need it.
  private static func isOrigin(_ text: String) -> Bool {
    guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return false }
    return text.dropFirst(scheme.utf8.count).allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == ":" }
  }

  private func secret(_ path: String) throws -> String {
    guard let value = secrets[path.split(separator: ".").map(String.init)] ?? secrets[path], let text = value.string ?? value.int.map(String.init) else {
      throw Diagnostic(
        .configuration, "template.missing-secret", "there is no secret '\(path)'", hint: "add it to the member `secrets` of profiles.json")
    }
    given.withLock { $0.append(text) }
    return text
  }

  /// Texts in quotes with commas between.
  private static func texts(_ source: Substring) throws -> [String] {
    var texts: [String] = []
    var rest = source.drop(while: \.isWhitespace)
    while let quote = rest.first {
      guard quote == "'" || quote == "\"", let end = rest.dropFirst().firstIndex(of: quote) else {
        throw unreadable("the argument \(source) is not a text in quotes")
      }
      texts.append(String(rest[rest.index(after: rest.startIndex)..<end]))
      rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
      guard !rest.isEmpty else { break }
      guard rest.first == "," else { throw unreadable("a comma is missing in \(source)") }
      rest = rest.dropFirst().drop(while: \.isWhitespace)
    }
    return texts
  }

  private static func unreadable(_ message: String, hint: String? = nil) -> Diagnostic {
    Diagnostic(.configuration, "template.syntax", message, hint: hint)
  }
}
