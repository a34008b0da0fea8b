import DataFormats
import Diagnostics
import OrderedCollections

/// One entry of a property file: a model's, a source's, an exposure's, with the place it stands in.
struct PropertyEntry: Sendable {
  /// The key of the list that it stands in: `models`, `sources`.
  var kind: String
  /// Its name.
  var name: String
  /// Its members, rendered where dbt renders them here.
  var value: JSON
  /// Its members as written.
  var raw: JSON
  /// The file.
  var document: YAMLDocument
  /// Its place in the file.
  var path: [YAMLDocument.Step]
  /// The package that the file belongs to.
  var package: String
  /// The file, relative to the root of its package.
  var file: String
  /// The configured folder that the file was found in.
  var searchPath: String

  /// `package://models/schema.yml`
  var patchPath: String { "\(package)://\(file)" }

  /// The folders between the configured folder and the file.
  var folders: [String] {
    let relative = file.hasPrefix(searchPath + "/") ? file.dropFirst(searchPath.utf8.count + 1) : file[...]
    return relative.split(separator: "/").dropLast().map(String.init)
  }

  /// Where it stands.
  var place: SourceLocation { document.location(of: path) }

  func text(_ key: String) -> String? { value[key].flatMap { $0 == .null ? nil : $0.plainText } }
  func object(_ key: String) -> OrderedDictionary<String, JSON> { value[key]?.object ?? [:] }
  func array(_ key: String) -> [JSON] { value[key]?.array ?? [] }

  /// A diagnostic about a part of the entry.
  func diagnostic(
    _ code: String, _ message: String, at steps: [YAMLDocument.Step] = [], onKey: Bool = false, hint: String? = nil,
    category: Diagnostic.Category = .parsing, severity: Diagnostic.Severity = .error
  ) -> Diagnostic {
    document.diagnostic(category, code, message, at: path + steps, onKey: onKey, hint: hint, severity: severity)
  }

  /// The configuration that the entry sets: its `config`, and the keys that may also stand beside it.
  func configuration(_ beside: [String]) -> OrderedDictionary<String, JSON> {
    PropertyEntry.configuration(value, beside)
  }

  static func configuration(_ value: JSON, _ beside: [String]) -> OrderedDictionary<String, JSON> {
    var config: OrderedDictionary<String, JSON> = [:]
    for key in beside { if let member = value[key], member != .null { config[key] = member } }
    for (key, member) in value["config"]?.object ?? [:] {
      let plain = NodeConfiguration.canonical(String(key.drop { $0 == "+" }))
      if plain == "tags" || plain == "meta" {
        ConfigurationMerge.merge([plain: member], into: &config)
      } else {
        config[plain] = member
      }
    }
    return config
  }
}

/// Takes property files apart (docs.getdbt.com/reference/configs-and-properties, "properties").
struct PropertyReader {
  let context: ConfigurationContext
  let package: String

  /// The entries of a file, and what is odd or wrong about it.
  ///
  /// `lost` is the text of what could not be made an entry of.
  func read(_ document: YAMLDocument, file: SourceFile) -> (entries: [PropertyEntry], diagnostics: [Diagnostic], lost: [String]) {
    guard document.value != .null else { return ([], [], []) }
    guard let top = document.value.object else {
      return (
        [],
        [
          document.diagnostic(
            .parsing, "project.malformed-properties", "Contents of file '\(file.path)' are not valid. Dictionary expected.", at: [],
            hint: "begin it with 'models:' or 'sources:'")
        ], [document.source]
      )
    }
    var entries: [PropertyEntry] = []
    var lost: [String] = []
    var diagnostics = document.warnings
    let needsRendering = ProjectTemplates.isTemplate(document.source)
    for (key, list) in top {
      guard let known = PropertyKeys.lists[key] else {
        if !PropertyKeys.others.contains(key) && !key.hasPrefix("x-") { diagnostics.append(PropertyKeys.unknown(key, in: document)) }
        continue
      }
      guard list != .null else { continue }
      guard let elements = list.array else {
        lost.append(list.text())
        diagnostics.append(
          document.diagnostic(.parsing, "project.malformed-properties", "'\(key)' is a list", at: [.key(key)], onKey: true, hint: "put '- ' before each name"))
        continue
      }
      for (index, element) in elements.enumerated() {
        do {
          let path: [YAMLDocument.Step] = [.key(key), .index(index)]
          guard element.object != nil else {
            throw document.diagnostic(
              .parsing, "project.malformed-properties", "an entry of '\(key)' is a dictionary, and here it is \(element.text())", at: path,
              hint: "write - name: \(element.string ?? "…")")
          }
          guard let name = element["name"]?.plainText, !name.isEmpty, element["name"] != .null else {
            throw document.diagnostic(.parsing, "project.malformed-properties", "an entry of '\(key)' has no name", at: path, hint: "write - name: …")
          }
          let value = needsRendering ? try rendered(element, key, document, path) : element
          let entry = PropertyEntry(
            kind: key, name: value["name"]?.plainText ?? name, value: value, raw: element, document: document, path: path, package: package,
            file: file.path, searchPath: file.searchPath)
          entries.append(entry)
          if !known.isEmpty { diagnostics += PropertyKeys.odd(entry, known) }
        } catch let error as Diagnostic {
          lost.append(element.text())
          diagnostics.append(error)
        } catch {
          lost.append(element.text())
          diagnostics.append(document.diagnostic(.parsing, "project.malformed-properties", "\(error)", at: [.key(key), .index(index)]))
        }
      }
    }
    return (entries, diagnostics, lost)
  }

  /// Templates of an entry are rendered now, but for descriptions, tests and hooks, which come later.
  private func rendered(_ value: JSON, _ kind: String, _ document: YAMLDocument, _ path: [YAMLDocument.Step]) throws -> JSON {
    try context.render(value, document: document, path: path) { full in
      PropertyReader.isRendered(Array(full.dropFirst(2)), kind)
    }
  }

  static func isRendered(_ path: [YAMLDocument.Step], _ kind: String) -> Bool {
    let keys = path.compactMap { if case .key(let key) = $0 { key } else { nil } }
    guard let first = keys.first, let last = keys.last else { return true }
    if ["metrics", "saved_queries", "semantic_models", "unit_tests"].contains(kind) { return false }
    if keys.contains("tests") || keys.contains("data_tests") || last == "description" || last == "loaded_at_query" { return false }
    if first == "config" || keys.contains("config"), let hook = keys.last, ["pre_hook", "post_hook", "pre-hook", "post-hook"].contains(hook) { return false }
    if kind == "exposures", first == "depends_on" { return false }
    if kind == "snapshots", first == "relation" { return false }
    return true
  }
}
