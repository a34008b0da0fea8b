import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// Makes the nodes of generic tests (docs.getdbt.com/reference/resource-properties/data-tests).
struct GenericTestFactory: Sendable {
  let nodes: NodeFactory

  /// Arguments that configure a test rather than being passed to it.
  private static let configKeys = [
    "severity", "tags", "enabled", "where", "limit", "warn_if", "error_if", "fail_calc", "store_failures", "store_failures_as", "meta", "database",
    "schema", "alias",
  ]

  /// The node of one declared test.
  ///
  /// - Throws: `Diagnostic` (`project.malformed-test`, `project.unknown-test`), placed in the property file.
  func make(_ definition: GenericTestDefinition) throws -> BuiltNode {
    let entry = definition.target.entry
    var (name, arguments) = try split(definition)
    let namespace = name.firstIndex(of: ".").map { String(name[..<$0]) }
    if let dot = name.firstIndex(of: ".") { name = String(name[name.index(after: dot)...]) }
    guard arguments["model"] == nil else {
      throw error(definition, "project.malformed-test", "Test arguments include \"model\", which is a reserved argument", hint: "leave it out: it is given")
    }
    guard let macroID = nodes.parse.macros.resolver.genericTest(named: name, namespace: namespace, from: entry.package) else {
      throw unknown(definition, name, namespace)
    }
    let takesArgumentsItself = try? nodes.parse.macros.compiled(macroID)?.definition.parameters.contains { $0.name == "arguments" }
    if takesArgumentsItself != true, case .object(let inner)? = arguments["arguments"] {
      arguments["arguments"] = nil
      arguments.merge(inner) { $1 }
    }
    var config = try configuration(&arguments, definition)
    let description = arguments.removeValue(forKey: "description")?.string ?? ""
    let givenName = arguments.removeValue(forKey: "name")?.plainText
    arguments["model"] = .string("{{ get_where_subquery(\(definition.target.expression)) }}")
    let names = try testNames(name, namespace, arguments, givenName, definition)
    if names.short != names.full, config["alias"] == nil { config["alias"] = .string(names.short) }
    let metadata = TestMetadata(name: name, namespace: namespace, arguments: arguments)
    if let macro = try? nodes.parse.macros.compiled(macroID)?.definition { try check(arguments, of: macro, definition, name) }
    var node = skeleton(definition, names, metadata, namespace.map { "\($0).test_\(name)" } ?? "test_\(name)", config)
    node.description = description
    let capture = Capture()
    capture.macros.append(macroID)
    try read(node, macroID, definition, into: capture)
    // A test of a source has the tags of the source and of the table besides; one of a model has not the model's.
    let target = definition.target
    let inherited = target.isSource ? NodeConfiguration.list(target.entry.value["tags"]) + NodeConfiguration.list(target.value["tags"]) : []
    let tags = (inherited + (definition.column?.tags ?? [])).map(JSON.string)
    try nodes.finish(&node, own: [tags.isEmpty ? [:] : ["tags": .array(tags)], config, capture.config])
    node.tags = Array(Set(node.tags)).sorted()
    let ownTags = JSON.array(NodeConfiguration.list(config["tags"]).map(JSON.string))
    if let tags = node.config.values["tags"], tags != ownTags { node.config.values["tags"] = ownTags }
    if !tags.isEmpty { node.unrenderedConfig["tags"] = config["tags"] }
    do {
      try nodes.naming.name(&node)
    } catch let error as Diagnostic {
      throw error
    }
    node.relationName = nil
    node.refs = capture.refs
    node.sources = capture.sources
    node.dependsOnMacros = Array(capture.macros)
    return BuiltNode(node: node, capture: capture)
  }

  private func skeleton(
    _ definition: GenericTestDefinition, _ names: (short: String, full: String), _ metadata: TestMetadata, _ macro: String,
    _ config: OrderedDictionary<String, JSON>
  ) -> Node {
    let entry = definition.target.entry
    let hash = GenericTestName.hash(name: names.full, metadata: metadata)
    var node = Node(
      uniqueID: "test.\(entry.package).\(names.full).\(hash)", resourceType: .test, name: names.full, packageName: entry.package,
      path: names.short + ".sql", originalFilePath: entry.file)
    node.rootPath = nodes.packages[entry.package]?.root ?? nodes.root.root
    node.fqn = [entry.package] + entry.file.split(separator: "/").dropFirst().dropLast().map(String.init) + [names.full]
    let call = config.map { key, value in
      "\(key)=" + (value.string.map { "\"\($0.replacing("\"", with: "\\\""))\"" } ?? PythonText.repr(value))
    }
    node.rawCode = "{{ \(macro)(**_dbt_generic_test_kwargs) }}" + (call.isEmpty ? "" : "{{ config(\(call.joined(separator: ","))) }}")
    node.testMetadata = metadata
    node.columnName = definition.column?.name
    node.attachedNode = definition.target.attachedNode
    node.fileKeyName = "\(entry.kind).\(entry.name)"
    node.location = entry.document.location(of: entry.path + definition.steps)
    return node
  }

  /// Name and arguments of a test: a text, `{name: {arguments}}`, or `{test_name: …, arguments}`.
  private func split(_ definition: GenericTestDefinition) throws -> (String, OrderedDictionary<String, JSON>) {
    var arguments: OrderedDictionary<String, JSON>
    var name: String
    switch definition.value {
    case .string(let text):
      name = text
      arguments = [:]
    case .object(var members) where members["test_name"] != nil:
      name = members.removeValue(forKey: "test_name")?.plainText ?? ""
      arguments = members
    case .object(let members):
      guard members.count == 1, let (key, value) = members.elements.first.map({ ($0.key, $0.value) }) else {
        throw error(
          definition, "project.malformed-test",
          "test definition dictionary must have exactly one key, got \(members.count): \(members.keys.joined(separator: ", "))",
          hint: "indent the arguments below the name of the test")
      }
      name = key
      guard value == .null || value.object != nil else {
        throw error(
          definition, "project.malformed-test", "test arguments must be a mapping, got \(value.plainText)", hint: "write the arguments as name: value")
      }
      arguments = value.object ?? [:]
    default:
      throw error(
        definition, "project.malformed-test", "a test is a name, or a name with arguments", hint: "write - unique, or - accepted_values: {values: […]}")
    }
    name = name.trimmingBlanks
    guard let first = name.unicodeScalars.first, first == "_" || first.properties.isAlphabetic else {
      throw error(definition, "project.malformed-test", "'\(name)' is not the name of a test", hint: nil)
    }
    if let column = definition.column { arguments["column_name"] = .string(column.name) }
    return (name, arguments)
  }

  /// Takes the configuration out of the arguments, rendered.
  private func configuration(
    _ arguments: inout OrderedDictionary<String, JSON>, _ definition: GenericTestDefinition
  ) throws -> OrderedDictionary<String, JSON> {
    var config: OrderedDictionary<String, JSON> = [:]
    // Most tests have none.
    guard arguments.keys.contains(where: { $0 == "config" || GenericTestFactory.configKeys.contains($0) }) else { return config }
    var inner = arguments.removeValue(forKey: "config")?.object ?? [:]
    for key in GenericTestFactory.configKeys {
      let outside = arguments.removeValue(forKey: key)
      if let outside, outside != .null, inner[key] != nil {
        throw error(
          definition, category: .compilation, "project.malformed-test", "Test cannot have the same key at the top-level and in config",
          hint: "keep '\(key)' in config: only")
      }
      if let value = outside.flatMap({ $0 == .null ? nil : $0 }) ?? inner.removeValue(forKey: key), value != .null { config[key] = value }
    }
    for (key, value) in inner where value != .null { config[key] = value }
    let entry = definition.target.entry
    let context = nodes.descriptions.configuration
    let own = ConfigurationContext(
      environment: context.environment, vars: nodes.parse.vars[entry.package] ?? [:], target: context.target, name: entry.document.file ?? entry.file)
    for (key, value) in config {
      guard case .string(let text) = value, ProjectTemplates.isTemplate(text) else { continue }
      do {
        let rendered = try own.render(value, document: entry.document, path: entry.path + definition.steps)
        // Nothing leaves the word to the levels above.
        if rendered == .null { config.removeValue(forKey: key) } else { config[key] = rendered }
      } catch var error as Diagnostic {
        error.message = "Invalid generic test configuration given in \(entry.file): '\(key)': " + error.message
        throw error
      }
    }
    return config
  }

  private func testNames(
    _ name: String, _ namespace: String?, _ arguments: OrderedDictionary<String, JSON>, _ given: String?, _ definition: GenericTestDefinition
  ) throws -> (short: String, full: String) {
    if let given { return (given, given) }
    let target = definition.target
    let type = (namespace.map { $0 + "_" } ?? "") + (target.isSource ? "source_" : "") + name
    let on = target.sourceName.map { "\($0)_\(target.name)" } ?? target.version.map { "\(target.name)_v\($0.plainText)" } ?? target.name
    return GenericTestName.synthesized(test: type, target: on, arguments: arguments)
  }

  // MARK: What the test refers to

  private static let plainTests: Set<String> = ["not_null", "unique", "accepted_values", "relationships"]

  private func read(_ node: Node, _ macroID: String, _ definition: GenericTestDefinition, into capture: Capture) throws {
    guard let metadata = node.testMetadata else { return }
    let isPlain = nodes.parse.macros.resolver.isBuiltin(macroID) && GenericTestFactory.plainTests.contains(metadata.name)
    let isRendered = !isPlain || metadata.arguments.contains { $0.key != "model" && $0.key != "column_name" && GenericTestFactory.isTemplate($0.value) }
    let context = isRendered ? ParseContext(nodes.parse, package: node.packageName, model: nodes.model(node)) : nil
    var keywords: [KeywordArgument] = []
    if let context {
      for (name, value) in metadata.arguments {
        let rendered = name == "model" ? LenientStub.value : try render(value, context, definition, isColumn: name == "column_name")
        keywords.append(KeywordArgument(name, rendered))
      }
    }
    // The argument `model` calls it; of the two simplest tests dbt notes that only when they are compiled.
    if !(isPlain && ["not_null", "unique"].contains(metadata.name)),
      let filtered = nodes.parse.macros.resolver.macro(named: "get_where_subquery", from: node.packageName)
    {
      capture.macros.append(filtered)
    }
    if !isPlain, let context, let compiled = try nodes.parse.macros.compiled(macroID) {
      // Refs and configurations inside of the test count too. What fails here fails again, and is told, when the test is compiled.
      if let macro = try? compiled.template.bind(compiled.definition, to: context.context) { _ = try? macro([], keywords: keywords) }
    }
    // The macros that the arguments call; what the test's own macro calls stands with that macro.
    capture.macros.append(contentsOf: context?.capture.macros ?? [])
    for reference in context?.capture.refs ?? [] { capture.add(reference, at: node.place) }
    for reference in context?.capture.sources ?? [] { capture.add(reference, at: node.place) }
    // What the test stands on comes last, as the argument `model` does.
    if let source = definition.target.sourceName {
      capture.add(SourceReference(source: source, table: definition.target.name), at: node.place)
    } else {
      capture.add(Reference(name: definition.target.name, version: definition.target.version), at: node.place)
    }
    if let context { capture.addConfig(context.capture.config) }
  }

  /// Whether a value of an argument says something that is found out by rendering it.
  private static func isTemplate(_ value: JSON) -> Bool {
    switch value {
    case .string(let text): ProjectTemplates.isTemplate(ProjectTemplates.testArgument(text))
    case .array(let elements): elements.contains(where: isTemplate)
    case .object(let members): members.values.contains(where: isTemplate)
    default: false
    }
  }

  /// An argument as the test gets it; `ref('x')` without braces is a call too.
  private func render(_ value: JSON, _ context: ParseContext, _ definition: GenericTestDefinition, isColumn: Bool) throws -> Value {
    switch value {
    case .string(let text) where !isColumn:
      let wrapped = ProjectTemplates.testArgument(text)
      guard ProjectTemplates.isTemplate(wrapped) else { return .string(text) }
      let entry = definition.target.entry
      do {
        let name = entry.document.file ?? entry.file
        if wrapped == text, let body = try? ProjectTemplates.environment.template(text, name: name).body {
          MacroCalls.collect(body, resolver: nodes.parse.macros.resolver, package: entry.package, into: &context.capture.macros)
        }
        if let inner = ProjectTemplates.onlyExpression(wrapped) {
          return try ProjectTemplates.environment.expression(inner, name: name).evaluate(in: context.context)
        }
        return .string(try ProjectTemplates.environment.template(wrapped, name: name).render(in: context.context))
      } catch let error as Diagnostic {
        throw ConfigurationContext.placed(error, at: entry.path + definition.steps, in: entry.document)
      }
    case .array(let elements): return Value(try elements.map { try render($0, context, definition, isColumn: false) })
    case .object(let members):
      var values: OrderedDictionary<String, Value> = [:]
      for (key, member) in members { values[key] = try render(member, context, definition, isColumn: false) }
      return Value(values)
    default: return Value(json: value)
    }
  }

  // MARK: Errors

  /// The macro of a test takes its arguments: one that it does not know is refused where it is written.
  private func check(
    _ arguments: OrderedDictionary<String, JSON>, of macro: Jinja.MacroDefinition, _ definition: GenericTestDefinition, _ name: String
  ) throws {
    guard !macro.takesAnyKeyword else { return }
    let parameters = macro.parameters.map(\.name)
    for argument in arguments.keys where argument != "model" && !parameters.contains(argument) {
      let written = definition.value.object ?? [:]
      let inner = written["test_name"] == nil ? written.keys.first.map { [YAMLDocument.Step.key($0)] } ?? [] : []
      let holder = inner.isEmpty ? definition.value : written.values.first ?? .null
      let nested: [YAMLDocument.Step] = holder["arguments"]?[argument] == nil ? [] : ["arguments"]
      let own = parameters.filter { $0 != "model" && $0 != "column_name" }
      let hint =
        argument == "column_name"
        ? "put it on the model rather than on a column"
        : Suggestion.didYouMean(argument, among: own)
          ?? (own.isEmpty ? "it takes none" : "it takes \(own.joined(separator: ", "))")
      throw definition.target.entry.diagnostic(
        "project.malformed-test", "the test '\(name)' takes no argument '\(argument)'",
        at: argument == "column_name" ? definition.steps : definition.steps + inner + nested + [.key(argument)], onKey: argument != "column_name", hint: hint,
        category: .compilation)
    }
  }

  private func error(
    _ definition: GenericTestDefinition, category: Diagnostic.Category = .parsing, _ code: String, _ message: String, hint: String?
  ) -> Diagnostic {
    definition.target.entry.diagnostic(code, message, at: definition.steps, hint: hint, category: category)
  }

  private func unknown(_ definition: GenericTestDefinition, _ name: String, _ namespace: String?) -> Diagnostic {
    let resolver = nodes.parse.macros.resolver
    let package = definition.target.entry.package
    let written = namespace.map { "\($0).\(name)" } ?? name
    if let namespace, !resolver.isPackage(namespace) {
      return definition.target.entry.diagnostic(
        "project.unknown-test", "'\(written)': there is no package '\(namespace)'", at: definition.steps,
        hint: Suggestion.didYouMean(namespace, among: resolver.packages) ?? "list it in packages.yml and install it", category: .compilation)
    }
    let places = namespace.map { [$0] } ?? [package, resolver.rootPackage, "dbt"]
    let known = places.flatMap { resolver.names(in: $0) }.filter { $0.hasPrefix("test_") }.map { String($0.dropFirst(5)) }
    return definition.target.entry.diagnostic(
      "project.unknown-test", "'test_\(written)' is undefined: there is no generic test '\(written)'", at: definition.steps,
      hint: Suggestion.didYouMean(name, among: Set(known)) ?? "define it: {% test \(name)(model, column_name) %} … {% endtest %}", category: .compilation)
  }
}
