import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// What a template said while it was read: its refs, sources and configuration. Belongs to the one thread that reads it.
final class Capture: @unchecked Sendable {
  /// The refs, in the order in which they were made; as in dbt's manifest, one that is made twice is there twice.
  private(set) var refs: [Reference] = []
  /// Where each ref was made.
  private(set) var refPlaces: [SourceLocation] = []
  /// The macros on the way to that place, outermost first.
  private(set) var refTrails: [[String]] = []
  /// The sources, as the refs.
  private(set) var sources: [SourceReference] = []
  /// Where each source was used.
  private(set) var sourcePlaces: [SourceLocation] = []
  /// The macros on the way to that place, outermost first.
  private(set) var sourceTrails: [[String]] = []
  /// The metrics, each once: their package, if it is written, and their name.
  private(set) var metrics: OrderedSet<[String]> = []
  /// The calls of `config`, merged.
  private(set) var config: OrderedDictionary<String, JSON> = [:]
  /// Where the call of `config` is that a key is from.
  private(set) var configPlaces: [String: SourceLocation] = [:]
  /// The macros that are called by name, by unique id.
  var macros: OrderedSet<String> = []
  /// The environment variables that were asked for, and their values.
  private(set) var environment: OrderedDictionary<String, String?> = [:]
  /// Whether the template looked at the flags of the command.
  var looksAtFlags = false

  init() {}

  /// What a template said the last time.
  init(_ stored: StoredReading) {
    refs = stored.refs
    refPlaces = stored.refPlaces
    refTrails = stored.refTrails
    sources = stored.sources
    sourcePlaces = stored.sourcePlaces
    sourceTrails = stored.sourceTrails
    config = stored.config
    configPlaces = stored.configPlaces
    macros = OrderedSet(stored.macros)
    environment = stored.environment
    looksAtFlags = stored.flags != nil
  }

  func addVariable(_ name: String, _ value: String?) { environment.updateValue(value, forKey: name) }

  func add(_ reference: Reference, at place: SourceLocation, trail: @autoclosure () -> [String] = []) {
    refs.append(reference)
    refPlaces.append(place)
    refTrails.append(trail())
  }

  func add(_ reference: SourceReference, at place: SourceLocation, trail: @autoclosure () -> [String] = []) {
    sources.append(reference)
    sourcePlaces.append(place)
    sourceTrails.append(trail())
  }

  func add(metric: [String]) { metrics.append(metric) }

  func addConfig(_ values: OrderedDictionary<String, JSON>, at place: SourceLocation? = nil) {
    ConfigurationMerge.merge(values, into: &config, keepsAdditions: true)
    for key in values.keys { configPlaces[key] = place }
  }

  /// The reference that the arguments of a `ref` call mean.
  static func reference(_ positional: [Value], _ keywords: [(name: String, value: Value)]) throws -> Reference {
    let names = positional.map { $0.text }
    let version = try keywords.first { $0.name == "version" || $0.name == "v" }?.value.json()
    if let unknown = keywords.first(where: { !["version", "v"].contains($0.name) }) {
      throw Fault(.type, "ref() got an unexpected keyword argument '\(unknown.name)'")
    }
    switch names.count {
    case 1:
      if let name = names[0] { return Reference(name: name, version: version == .null ? nil : version) }
    case 2:
      if let package = names[0], let name = names[1] { return Reference(name: name, package: package, version: version == .null ? nil : version) }
    default:
      throw Fault(.type, "ref() takes one or two arguments (\(names.count) given)", hint: "write ref('model') or ref('package', 'model')")
    }
    throw Fault(.type, "ref() takes texts", hint: "quote the name: ref('model')")
  }

  /// The reference that the arguments of a `source` call mean.
  static func source(_ positional: [Value], _ keywords: [(name: String, value: Value)]) throws -> SourceReference {
    guard positional.count == 2, keywords.isEmpty, let source = positional[0].text, let table = positional[1].text else {
      throw Fault(.type, "source() takes exactly two texts (\(positional.count) given)", hint: "write source('source_name', 'table_name')")
    }
    return SourceReference(source: source, table: table)
  }

  /// The configuration that the arguments of a `config` call mean.
  static func config(_ positional: [Value], _ keywords: [(name: String, value: Value)]) throws -> OrderedDictionary<String, JSON> {
    var values: OrderedDictionary<String, JSON> = [:]
    if let first = positional.first {
      guard positional.count == 1, keywords.isEmpty, case .object(let members) = try first.json() else {
        throw Fault(.type, "config() takes keyword arguments, or one dict", hint: "write config(materialized='table')")
      }
      for (key, value) in members { try add(key, value, to: &values) }
    }
    for (name, value) in keywords { try add(name, try value.json(), to: &values) }
    return values
  }

  /// `pre_hook` and `pre-hook` are one key, and one of them is enough.
  private static func add(_ key: String, _ value: JSON, to values: inout OrderedDictionary<String, JSON>) throws {
    let canonical = NodeConfiguration.canonical(key)
    guard values[canonical] == nil || !["pre-hook", "post-hook"].contains(canonical) else {
      throw Fault(
        .value, "Invalid config, has conflicting keys \"\(canonical.replacing("-", with: "_"))\" and \"\(canonical)\"", hint: "keep one of them, as a list")
    }
    values[canonical] = value
  }
}

extension StoredReading {
  /// What `capture` holds now, for the next time.
  init(_ capture: Capture, key: String, identity: String, flags: String) {
    self.init(key: key, identity: identity)
    refs = capture.refs
    refPlaces = capture.refPlaces
    refTrails = capture.refTrails
    sources = capture.sources
    sourcePlaces = capture.sourcePlaces
    sourceTrails = capture.sourceTrails
    config = capture.config
    configPlaces = capture.configPlaces
    macros = Array(capture.macros)
    environment = capture.environment
    self.flags = capture.looksAtFlags ? flags : nil
  }

  /// Whether the variables and flags that the template looked at are as they were.
  func holds(_ variables: [String: String], flags: String) -> Bool {
    environment.allSatisfy { variables[$0.key] == $0.value } && self.flags.map { $0 == flags } ?? true
  }
}

/// Which macros a template calls by name: `cents(…)`, `dbt_utils.star(…)`, `adapter.dispatch('x', 'package')`.
enum MacroCalls {
  static func collect(_ nodes: some Sequence<Jinja.Node>, resolver: MacroResolver, package: String, into found: inout OrderedSet<String>) {
    var result = found
    for node in nodes {
      node.walk { node in
        guard let call = node as? CallExpression, let path = call.calleePath else { return true }
        let parts = path.split(separator: ".").map(String.init)
        if parts.count == 1, let id = resolver.macro(named: parts[0], from: package) {
          result.append(id)
        } else if path == "adapter.dispatch", let name = call.arguments.positional.first?.constant?.text {
          let second = call.arguments.positional.dropFirst().first ?? call.arguments.keywords.first { $0.name == "macro_namespace" }?.value
          if let id = resolver.dispatch(name, namespace: second?.constant?.text, from: package) { result.append(id) }
        } else if parts.count == 2, let id = resolver.macro(named: parts[1], in: parts[0]) {
          result.append(id)
        }
        return true
      }
    }
    found = result
  }
}
