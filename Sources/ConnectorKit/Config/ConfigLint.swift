import DataFormats
import Diagnostics

/// Compares a configuration with its settings, and gathers everything that is wrong.
struct ConfigLint {
  let file: String?
  var problems: [Diagnostic] = []
  var warnings: [Diagnostic] = []

  init(file: String?) {
    self.file = file
  }

  /// `json` with the standards of `fields` filled in and nulls left out.
  mutating func object(_ json: JSON, _ fields: [ConfigField], path: String) -> JSON {
    var filled: JSON = [:]
    for (name, value) in json.object ?? [:] where !value.isNull {
      filled[name] = value
      // Members with two underscores belong to platforms that run connectors.
      if !name.hasPrefix("__"), !fields.contains(where: { $0.name == name }) { warnUnknown(path + name, name, fields) }
    }
    for field in fields {
      guard let value = filled[field.name] else {
        if let standard = field.standard {
          filled[field.name] = standard
        } else if field.isRequired {
          let unknown = filled.object?.keys.filter { name in !fields.contains { $0.name == name } } ?? []
          let misspelt = Suggestion.nearest(to: field.name, among: unknown, limit: 1).first.map { "'\(path + $0)' may be meant to be it; " } ?? ""
          report("config.missing", "'\(path + field.name)' is missing", "\(misspelt)what belongs there: \(field.summary)")
        }
        continue
      }
      filled[field.name] = check(value, field.kind, path: path + field.name, field)
    }
    return filled
  }

  private mutating func check(_ value: JSON, _ kind: ConfigField.Kind, path: String, _ field: ConfigField) -> JSON {
    switch kind {
    case .string:
      guard let text = value.string else { return mistyped(value, path, "a string") }
      if text.isEmpty && field.isRequired { report("config.bad-value", "'\(path)' is empty", field.summary) }
    case .choice(let names):
      guard let text = value.string else { return mistyped(value, path, "a string") }
      if !names.contains(text) {
        report("config.bad-value", "'\(path)' is '\(text)', which is none of \(names.joined(separator: ", "))", Suggestion.didYouMean(text, among: names))
      }
    case .url:
      guard let text = value.string else { return mistyped(value, path, "a string") }
      let lower = text.lowercased()
      if !lower.hasPrefix("http://") && !lower.hasPrefix("https://") {
        report("config.bad-value", "'\(path)' is not an http or https URL", field.examples.first.map { "for example \($0.text())" })
      }
    case .dateTime:
      guard let text = value.string else { return mistyped(value, path, "a string") }
      if Instant(text) == nil {
        report("config.bad-value", "'\(path)' is '\(text)', which is no date", "write it as 2024-01-31 or 2024-01-31T00:00:00Z")
      }
    case .integer(let range):
      guard let number = value.int else { return mistyped(value, path, "a whole number") }
      if !range.contains(number) {
        report("config.bad-value", "'\(path)' is \(number), which is not from \(range.lowerBound) to \(range.upperBound)", nil)
      }
    case .number:
      guard let number = value.double else { return mistyped(value, path, "a number") }
      if !(number > 0) { report("config.bad-value", "'\(path)' must be above zero", nil) }
    case .boolean:
      if value.bool == nil { return mistyped(value, path, "true or false") }
    case .list(let element):
      guard let elements = value.array else { return mistyped(value, path, "a list") }
      return .array(elements.enumerated().map { check($1, element, path: "\(path)[\($0)]", field) })
    case .object(let fields):
      guard value.object != nil else { return mistyped(value, path, "an object") }
      return object(value, fields, path: path + ".")
    case .map(let element):
      guard let members = value.object else { return mistyped(value, path, "an object") }
      for (name, inner) in members { _ = check(inner, element, path: "\(path).\(name)", field) }
    }
    return value
  }

  private mutating func mistyped(_ value: JSON, _ path: String, _ wanted: String) -> JSON {
    report("config.wrong-type", "'\(path)' must be \(wanted)", nil)
    return value
  }

  private mutating func report(_ code: String, _ message: String, _ hint: String?) {
    problems.append(Diagnostic(.configuration, code, message, at: file.map { SourceLocation(file: $0) }, hint: hint))
  }

  private mutating func warnUnknown(_ path: String, _ name: String, _ fields: [ConfigField]) {
    warnings.append(
      Diagnostic(
        .configuration, "config.unknown", "'\(path)' is not a setting of this connector", at: file.map { SourceLocation(file: $0) },
        hint: Suggestion.didYouMean(name, among: fields.map(\.name)), severity: .warning))
  }
}
