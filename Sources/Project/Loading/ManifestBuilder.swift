import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// Builds a manifest out of files that are read: macros, properties, nodes, tests, references, graph.
///
/// One use, one thread; work on many templates is spread over threads inside.
final class ManifestBuilder {
  let root: ProjectConfiguration
  let packages: OrderedDictionary<String, ProjectConfiguration>
  let profile: Profile
  let options: LoadOptions
  let vars: [String: OrderedDictionary<String, JSON>]
  let target: OrderedDictionary<String, JSON>
  var manifest: Manifest
  /// Entries of property files by list, package and name.
  var entries: [String: [PropertyEntry]] = [:]
  private(set) var errors: [Diagnostic] = []
  private(set) var warnings: [Diagnostic] = []
  /// Where refs and sources of a node were written.
  var places: [String: Capture] = [:]
  var compiledMacros: [String: MacroTemplates.Compiled] = [:]
  var builtinMacros: [String: MacroTemplates.BuiltinMacro] = [:]
  /// Source tables whose tests are still to be made.
  var pendingTests: [GenericTestTarget] = []
  /// Tests of disabled things.
  var disabledTests: [String] = []
  /// The texts of templates by the path that messages show.
  var sourceTexts: [String: String] = [:]
  /// What templates said, for the next time, by the path that messages show.
  var readings: [String: StoredReading] = [:]
  /// Whether one of them was not known before.
  var hasNewReadings = false
  /// Which entries of property files describe something: list, package and name.
  var matchedProperties: Set<String> = []
  /// What could not be read.
  var breakage = Breakage()
  /// The configuration keys that templates ask for.
  lazy var askedKeys = collectAskedKeys()
  /// Macros of files that could not be read.
  var brokenMacros: Set<String> = []
  /// Warnings that are told once for many places: their index in `warnings` and how many places there are.
  private var repeated: [String: (index: Int, count: Int)] = [:]

  init(
    root: ProjectConfiguration, packages: OrderedDictionary<String, ProjectConfiguration>, profile: Profile, options: LoadOptions,
    vars: [String: OrderedDictionary<String, JSON>]
  ) {
    self.root = root
    self.packages = packages
    self.profile = profile
    self.options = options
    self.vars = vars
    target = profile.target
    manifest = Manifest(projectName: root.name, adapterType: profile.type)
    manifest.macroResolver = MacroResolver(
      rootPackage: root.name, builtinPackages: options.builtins.reversed().filter { $0.completes == nil }.map(\.name), dispatch: root.dispatch,
      adapterType: profile.type.isEmpty ? "sqlite" : profile.type)
  }

  /// Everything that the files say.
  func build(_ files: [Intake]) throws -> (Manifest, [Diagnostic]) {
    for file in files {
      if let failure = file.failure { report(failure, of: file) }
      sourceTexts[file.origin.displayPath] = file.source
    }
    let relationName = try options.relationNaming?(profile) ?? ManifestBuilder.quotedName
    addBuiltins()
    addMacros(files)
    addDocumentation(files)
    addProperties(files)
    let macros = MacroTemplates(compiled: compiledMacros, builtins: builtinMacros, broken: brokenMacros, resolver: manifest.macroResolver)
    let parse = ParseEnvironment(
      macros: macros, environment: options.environment, target: target, projectName: root.name, flags: flags,
      flagsText: JSON.object(flags).text(sorted: true), globals: options.globals,
      vars: vars, command: options.command,
      facts: ReferenceFunction.facts(packages, root: root.name, profile: profile, cliVars: options.vars))
    let factory = NodeFactory(
      parse: parse, naming: RelationNaming(parse: parse, profile: profile), packages: packages, root: root,
      descriptions: DescriptionRenderer(docs: manifest.docs, rootPackage: root.name, configuration: context(for: root.name, name: "description")),
      relationNaming: relationName)
    describeMacros(factory)
    addGroups()
    addNodes(files, factory)
    addSources(factory)
    addGenericTests(factory)
    addExposures(factory)
    addUnitTests(factory)
    addSemantics()
    addHooks(factory)
    addInlineSQL(factory)
    reportUnmatchedProperties()
    resolveReferences()
    checkUniqueness()
    checkConfigurations()
    buildGraph()
    try giveUp()
    inferPrimaryKeys()
    sortManifest()
    return (manifest, summedWarnings)
  }

  /// `flags` as templates see it.
  private var flags: OrderedDictionary<String, JSON> {
    var flags = options.flags
    flags["WHICH"] = .string(options.command)
    for key in ["FULL_REFRESH", "STORE_FAILURES", "EMPTY"] where flags[key] == nil { flags[key] = false }
    return flags
  }

  /// The context of configuration files of a package.
  func context(for package: String, name: String) -> ConfigurationContext {
    ConfigurationContext(environment: options.environment, vars: vars[package] ?? [:], target: target, name: name, globals: options.globals)
  }

  /// How a relation is written unless the caller knows better: schema and name in quotes.
  static let quotedName: @Sendable (String, String) -> String = { schema, identifier in
    [schema, identifier].map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ".")
  }

  // MARK: Diagnostics

  func report(_ diagnostic: Diagnostic) {
    var diagnostic = diagnostic
    if diagnostic.location?.file == "--inline" { diagnostic.message = "Error parsing inline query\n" + diagnostic.message }
    if diagnostic.severity == .warning { warnings.append(diagnostic) } else { errors.append(diagnostic) }
  }

  /// A warning that may be due in many places: it is told of the first, with the number of the others.
  func report(_ warning: Diagnostic, group: String) {
    if let known = repeated[group] {
      repeated[group] = (known.index, known.count + 1)
    } else {
      repeated[group] = (warnings.count, 1)
      warnings.append(warning)
    }
  }

  private var summedWarnings: [Diagnostic] {
    var result = warnings
    for (index, count) in repeated.values where count > 1 {
      result[index].message += " (and in \(count - 1) more place\(count == 2 ? "" : "s"))"
    }
    return result
  }

  /// A file that cannot be read, and what is lost with it.
  private func report(_ failure: Diagnostic, of file: Intake) {
    report(failure)
    let origin = file.origin
    breakage.lose(origin.file.stem)
    switch origin.kind {
    case .properties, .documentation, .snapshot: breakage.lose(text: file.source)
    case .macro, .genericTest:
      for head in MacroHeads.find(in: file.source, isBroken: true) {
        let macro = ProjectMacro(
          uniqueID: "macro.\(origin.package).\(head.macroName)", name: head.macroName, packageName: origin.package, originalFilePath: origin.file.path,
          macroSQL: head.text)
        manifest.macroResolver.add(macro)
        brokenMacros.insert(macro.uniqueID)
        breakage.lose(head.name)
      }
    default: break
    }
  }

  func report(_ error: any Error) {
    switch error {
    case let diagnostic as Diagnostic: report(diagnostic)
    case let many as Diagnostics: many.all.forEach { report($0) }
    default: report(Diagnostic(.compilation, "project.unreadable", "the project cannot be read", cause: "\(error)"))
    }
  }

  /// Throws what was found, warnings too, if there is an error.
  private func giveUp() throws {
    guard let first = errors.first else { return }
    let warnings = summedWarnings
    if errors.count == 1, warnings.isEmpty { throw first }
    throw Diagnostics(warnings + errors.prefix(options.errorLimit), omitted: max(0, errors.count - options.errorLimit))
  }

  /// A place in a template, with the lines around it.
  func diagnostic(
    _ code: String, _ message: String, at place: SourceLocation, in source: String?, length: Int = 1, hint: String? = nil, subject: String? = nil
  ) -> Diagnostic {
    var location = place
    if location.subject == nil { location.subject = subject }
    let window = source.flatMap { source in place.line.map { SourceWindow(source: source, line: $0, column: place.column, length: length) } }
    return Diagnostic(.compilation, code, message, at: location, window: window, hint: hint)
  }
}
