import AirbyteProtocol
import DataFormats
import Diagnostics

/// What a connector wants to be told: the one place that its `spec`, its documentation and the check of a configuration come from.
public struct ConfigSpecification: Sendable {
  /// The connector's command: `source-stripe`.
  public var name: String
  /// The name for people: `Stripe`.
  public var title: String
  /// What the connector reads, in a sentence or two.
  public var summary: String
  /// Where the system behind it is documented.
  public var documentationURL: String
  /// The settings.
  public var fields: [ConfigField]

  /// A specification; see the properties for the parameters.
  public init(name: String, title: String, summary: String, documentationURL: String, fields: [ConfigField]) {
    self.name = name
    self.title = title
    self.summary = summary
    self.documentationURL = documentationURL
    self.fields = fields
  }

  /// The answer to `spec`.
  public var specification: Specification {
    var schema = ConfigField.schema(of: fields)
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    schema["title"] = .string("\(title) Source Spec")
    return Specification(connectionSpecification: schema, documentationURL: documentationURL, protocolVersion: "0.2.0")
  }

  /// The settings as a reference for people, one paragraph a setting.
  public var reference: String {
    var text = "\(title): \(summary)\n\nConfiguration (JSON):\n"
    for field in fields {
      let marks = [field.isRequired ? "required" : nil, field.isSecret ? "secret" : nil, field.standard.map { "default \($0.text())" }]
      let notes = marks.compactMap { $0 }.joined(separator: ", ")
      text += "\n  \(field.name)\(notes.isEmpty ? "" : " (\(notes))")\n      \(field.summary)\n"
      if let example = field.examples.first { text += "      Example: \(example.text())\n" }
    }
    return text
  }

  /// Checks a configuration against the settings, and fills in what is not set.
  ///
  /// - Parameters:
  ///   - json: the configuration; members that are `null` count as not set.
  ///   - file: the file it stands in, for messages.
  /// - Throws: `Diagnostics` with everything that is wrong: `config.missing`, `config.wrong-type`, `config.bad-value`.
  public func check(_ json: JSON, file: String? = nil) throws -> Config {
    guard json.object != nil else {
      throw Diagnostics([
        Diagnostic(
          .configuration, "config.wrong-type", json.isNull ? "the configuration is empty" : "the configuration is not a JSON object",
          at: SourceLocation(file: file), hint: "write {\(fields.filter(\.isRequired).map { "\"\($0.name)\": …" }.joined(separator: ", "))}")
      ])
    }
    var lint = ConfigLint(file: file)
    let filled = lint.object(json, fields, path: "")
    if !lint.problems.isEmpty { throw Diagnostics(lint.problems) }
    return Config(filled, warnings: lint.warnings)
  }
}
