import AirbyteProtocol
import DataFormats
import Diagnostics

/// What a configuration has against its specification's JSON schema (draft 7, as far as connectors' forms use it: `required`, `type`,
/// `enum`, `const`, `items`, and alternatives told apart by a `const` member).
///
/// It explains a failure and never causes one: whether a configuration will do is for the connector to say.
struct ConfigMistake: Equatable {
  /// The way to the member that is wrong; to where it belongs if it is missing.
  var path: [YAMLDocument.Step]
  /// What is wrong, without any value of the configuration.
  var message: String

  /// The mistakes in `config`, in the order of the schema.
  static func all(in config: JSON, against schema: JSON) -> [ConfigMistake] {
    var found: [ConfigMistake] = []
    check(config, schema, [], &found)
    return found
  }

  private static func check(_ value: JSON, _ schema: JSON, _ path: [YAMLDocument.Step], _ found: inout [ConfigMistake]) {
    guard path.count < 64 else { return }
    let types = schema["type"]?.string.map { [$0] } ?? schema["type"]?.array?.compactMap(\.string) ?? []
    if !types.isEmpty, !types.contains(where: { isOf($0, value) }) {
      let quotes = types == ["string"] && value.double != nil ? ": put it in quotes" : ""
      return found.append(ConfigMistake(path: path, message: "\(name(path)) is \(kind(value)) and should be \(list(types, "or"))\(quotes)"))
    }
    if let allowed = schema["enum"]?.array ?? schema["const"].map({ [$0] }), !allowed.contains(value) {
      found.append(ConfigMistake(path: path, message: "\(name(path)) should be \(list(allowed.prefix(12).map { $0.string ?? $0.text() }, "or"))"))
    }
    if let members = value.object {
      for key in schema["required"]?.array?.compactMap(\.string) ?? [] where members[key] == nil {
        let place = path.isEmpty ? "" : " in \(name(path))"
        let others = members.keys.filter { schema["properties"]?[$0] == nil }
        let near = Suggestion.nearest(to: key, among: others, limit: 1).first.map { " ('\($0)' means nothing there)" } ?? ""
        found.append(ConfigMistake(path: path + [.key(key)], message: "'\(key)' is missing\(place)\(near)"))
      }
      for (key, inner) in schema["properties"]?.object ?? [:] {
        if let member = members[key] { check(member, inner, path + [.key(key)], &found) }
      }
    }
    if let items = schema["items"], items.object != nil {
      for (index, element) in (value.array ?? []).enumerated() { check(element, items, path + [.index(index)], &found) }
    }
    for part in schema["allOf"]?.array ?? [] { check(value, part, path, &found) }
    for keyword in ["oneOf", "anyOf"] {
      if let alternatives = schema[keyword]?.array { check(value, oneOf: alternatives, path, &found) }
    }
  }

  /// The mistakes against the alternative that was meant, if that can be told.
  private static func check(_ value: JSON, oneOf alternatives: [JSON], _ path: [YAMLDocument.Step], _ found: inout [ConfigMistake]) {
    let mistakes = alternatives.map { alternative in
      var found: [ConfigMistake] = []
      check(value, alternative, path, &found)
      return found
    }
    guard mistakes.allSatisfy({ !$0.isEmpty }) else { return }
    // The member by which forms tell alternatives apart: a constant in each.
    func constants(_ alternative: JSON) -> [String: JSON] {
      Dictionary(
        (alternative["properties"]?.object ?? [:]).compactMap { key, member in
          (member["const"] ?? (member["enum"]?.array?.count == 1 ? member["enum"]?.array?[0] : nil)).map { (key, $0) }
        }
      ) { first, _ in first }
    }
    let marks = alternatives.map(constants)
    guard let mark = marks.first?.keys.sorted().first(where: { key in marks.allSatisfy { $0[key] != nil } }), value.object != nil else {
      if mistakes.count == 1 { found += mistakes[0] }
      return
    }
    if let chosen = value[mark] {
      if let index = marks.firstIndex(where: { $0[mark] == chosen }) { return found += mistakes[index] }
      let allowed = marks.compactMap { $0[mark] }.map { $0.string ?? $0.text() }
      found.append(ConfigMistake(path: path + [.key(mark)], message: "\(name(path + [.key(mark)])) should be \(list(allowed, "or"))"))
    } else {
      found.append(ConfigMistake(path: path + [.key(mark)], message: "'\(mark)' is missing\(path.isEmpty ? "" : " in \(name(path))")"))
    }
  }

  private static func isOf(_ type: String, _ value: JSON) -> Bool {
    switch type {
    case "object": value.object != nil
    case "array": value.array != nil
    case "string": value.string != nil
    case "boolean": value.bool != nil
    case "null": value.isNull
    case "number": value.double != nil
    case "integer": value.int != nil || value.double.map { $0 == $0.rounded() } ?? false
    default: true
    }
  }

  private static func kind(_ value: JSON) -> String {
    switch value {
    case .null: "empty"
    case .bool: "a boolean"
    case .string: "a string"
    case .array: "a list"
    case .object: "a mapping"
    default: "a number"
    }
  }

  private static func list(_ words: [String], _ last: String) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " \(last) " + (words.last ?? "")
  }

  /// `'credentials.client_id'`.
  static func name(_ path: [YAMLDocument.Step]) -> String {
    guard !path.isEmpty else { return "`config`" }
    let words = path.map { step in
      switch step {
      case .key(let name): name
      case .index(let index): "\(index)"
      }
    }
    return "'\(words.joined(separator: "."))'"
  }
}

extension Connection {
  /// `failure` of its connector, placed at what is wrong in the configuration, as far as that can be told: by the connector's
  /// specification, or by a member that the connector names.
  func located(_ failure: Diagnostic, config: JSON, by specification: Specification?) -> Diagnostic {
    guard let places, failure.code != "connector.transient-error" else { return failure }
    let mistakes = specification.map { ConfigMistake.all(in: config, against: $0.connectionSpecification) } ?? []
    var placed = failure
    if let first = mistakes.first {
      placed.location = places.location(of: first.path)
      let all = mistakes.prefix(5).map(\.message).joined(separator: "; ") + (mistakes.count > 5 ? "; and \(mistakes.count - 5) more" : "")
      placed.hint = "mend `config`: \(all)"
    } else if failure.code == "connector.config-error" || failure.code == "connector.check" {
      let text = "\(failure.message) \(failure.cause ?? "")"
      placed.location = places.location(of: Connection.named(in: text, config, specification?.connectionSpecification) ?? [])
    } else {
      return failure
    }
    placed.location?.subject = failure.location?.subject
    return placed
  }

  /// The member of the configuration that a message names in quotes.
  private static func named(in message: String, _ config: JSON, _ schema: JSON?) -> [YAMLDocument.Step]? {
    func isNamed(_ key: String) -> Bool { ["'\(key)'", "\"\(key)\"", "`\(key)`"].contains { message.contains($0) } }
    func search(_ value: JSON, _ schema: JSON?, _ path: [YAMLDocument.Step]) -> [YAMLDocument.Step]? {
      guard path.count < 16, let members = value.object else { return nil }
      for (key, inner) in members {
        if let found = search(inner, schema?["properties"]?[key], path + [.key(key)]) { return found }
        if isNamed(key) { return path + [.key(key)] }
      }
      for key in schema?["properties"]?.object?.keys.elements ?? [] where members[key] == nil && isNamed(key) { return path + [.key(key)] }
      return nil
    }
    return search(config, schema, [])
  }
}
