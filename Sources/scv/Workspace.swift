import Artifacts
import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections
import Project
import Synchronization
import Transform
import Warehouse

/// A project that a command works on, loaded as its options say.
struct Workspace {
  let options: ProjectOptions
  let project: LoadedProject
  /// Where artifacts go, an absolute path.
  let targetPath: String
  /// What command line, environment and project say about how to work.
  let settings: Settings
  /// What becomes of warnings.
  let warningPolicy: WarningPolicy
  /// Where events go.
  let log: EventLog
  /// When the command began.
  let startedAt = Date()
  /// Whether standard output is for other programs: `ls`, `show`.
  private let givesOutData: Bool

  private static let kept = Mutex<LoadedProject?>(nil)

  /// Reads the project.
  ///
  /// - Parameters:
  ///   - command: the command's name, which templates see.
  ///   - flags: further flags that templates see, such as `FULL_REFRESH`.
  ///   - inlineSQL: a query from the command line, which becomes a node of the project.
  init(_ options: ProjectOptions, command: String, flags: OrderedDictionary<String, JSON> = [:], inlineSQL: String? = nil) throws {
    self.options = options
    givesOutData = ["list", "show", "compile"].contains(command)
    let environment = ProcessInfo.processInfo.environment
    var load = try Workspace.loadOptions(options, command: command, environment)
    var settings = Settings(environment: environment)
    log = try options.log(settings, folder: load.projectDirectory)
    let opened = log
    EventLog.current.withLock { $0 = opened }
    load.flags = flags
    load.inlineSQL = inlineSQL
    load.vars = try options.variables()
    load.keepsState = settings.flag("partial_parse", options.accepted.partialParse) ?? true
    load.targetPath = settings.text("target_path", options.targetPath)
    project = try ProjectLoader(load).load()
    // Nobody needs to take thousands of nodes apart again before the process ends.
    let loaded = project
    Workspace.kept.withLock { $0 = loaded }
    settings.project = project.configuration.flags
    self.settings = settings
    let configured = settings.text("target_path", options.targetPath) ?? project.configuration.targetPath
    targetPath = configured.hasPrefix("/") ? configured : load.projectDirectory + "/" + configured
    warningPolicy = try WarningPolicy(settings, warnError: options.warnError, options: options.warnErrorOptions)
    try warn(project.warnings + project.manifest.deprecations(today: String(LogTime.text(startedAt).prefix(10))))
  }

  /// What the options of a command say about loading.
  static func loadOptions(_ options: ProjectOptions, command: String, _ environment: [String: String]) throws -> LoadOptions {
    var load = LoadOptions(
      projectDirectory: try Workspace.folder(options, environment), environment: environment, command: command,
      builtins: BuiltinMacros.packages)
    options.apply(to: &load)
    load.globals = ParseGlobals.values(startedAt: Date())
    let folder = load.projectDirectory
    load.relationNaming = { profile in
      guard profile.type == "sqlite" else { return { "\"\($0)\".\"\($1)\"" } }
      let layout = try SQLiteLayout(output: .object(profile.output), relativeTo: folder)
      return { layout.render(Relation(schema: $0, identifier: $1)) }
    }
    return load
  }

  /// Shows warnings; those that are to be errors are thrown, all of them.
  func warn(_ warnings: [Diagnostic]) throws {
    var errors: [Diagnostic] = []
    for warning in warnings {
      switch warningPolicy.treatment(of: warning) {
      case .silenced: continue
      case .fatal:
        var error = warning
        error.severity = .error
        error.category = .compilation
        errors.append(error)
      case .shown:
        guard !log.isQuiet else { continue }
        let event = WarningPolicy.event(of: warning)
        // Apart from what a command gives out for other programs.
        guard givesOutData else {
          log.emit(warning, name: event.name, code: event.code)
          continue
        }
        ErrorReport.show(warning)
        log.toFile(LogEvent(name: event.name, code: event.code, level: .warn, message: warning.description))
      }
    }
    if !errors.isEmpty { throw Diagnostics(Array(errors.prefix(20)), omitted: max(0, errors.count - 20)) }
  }

  /// Whether warnings of tests are errors.
  var warnsAreErrors: Bool { warningPolicy.isStrict }

  /// How many nodes run at once.
  var threads: Int { project.profile.threads }

  /// Which invocation the artifacts are from, of commands that need no warehouse.
  var metadata: ArtifactMetadata {
    ArtifactMetadata(invocationID: log.invocationID, startedAt: startedAt, environment: ArtifactMetadata.custom(settings.environment))
  }

  /// Whether artifacts are written.
  var writesArtifacts: Bool { settings.flag("write_json", options.writeJson) ?? true }

  /// The folder of the project: the one that was named, or the nearest at or above the current one with a dbt_project.yml.
  static func folder(_ options: ProjectOptions, _ environment: [String: String]) throws -> String {
    let here = FileManager.default.currentDirectoryPath
    if let named = options.projectDir ?? environment["DBT_PROJECT_DIR"] {
      let path = absolute(named, from: here)
      guard FileManager.default.fileExists(atPath: path + "/dbt_project.yml") else {
        throw Diagnostic(
          .configuration, "project.not-found", "there is no dbt_project.yml in the project's folder", at: SourceLocation(file: path),
          hint: "name the folder that holds it: --project-dir DIR")
      }
      return path
    }
    var folder = here
    while true {
      if FileManager.default.fileExists(atPath: folder + "/dbt_project.yml") { return folder }
      guard let slash = folder.lastIndex(of: "/"), folder != "/" else { break }
      folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
    }
    throw Diagnostic(
      .configuration, "project.not-found", "there is no dbt_project.yml here or in any folder above", at: SourceLocation(file: here),
      hint: "go to your project, or name its folder: --project-dir DIR")
  }

  static func absolute(_ path: String, from folder: String) -> String {
    path.hasPrefix("/") ? path : folder + "/" + path
  }

  /// Opens the warehouse of the profile.
  func adapter(mayCreate: Bool = true) throws -> SQLiteAdapter {
    try Workspace.adapter(project.profile, folder: project.options.projectDirectory, mayCreate: mayCreate)
  }

  static func adapter(_ profile: Profile, folder: String, mayCreate: Bool = true) throws -> SQLiteAdapter {
    guard profile.type == "sqlite" else {
      throw Diagnostic(
        .configuration, "profile.unknown-type", "the profile's warehouse is of the type '\(profile.type)', which scv does not know",
        at: SourceLocation(file: profile.file, subject: "target \(profile.targetName)"), hint: "types are: sqlite")
    }
    let layout = try SQLiteLayout(output: .object(profile.output), relativeTo: folder)
    return try SQLiteAdapter(layout, databaseName: profile.database, readers: max(4, profile.threads + 1), mayCreate: mayCreate)
  }

  /// What the user selected, of the types that the command works on.
  func selection(_ selected: SelectionSettings, types: Set<ResourceType>?) throws -> Selection {
    var request = SelectionRequest()
    request.select = selected.select
    request.exclude = selected.exclude
    request.selectorName = selected.selector
    request.resourceTypes = types
    if !selected.resourceTypes.isEmpty, !selected.resourceTypes.contains("all"), !selected.resourceTypes.contains("default") {
      let chosen = try Workspace.types(selected.resourceTypes)
      request.resourceTypes = types.map { $0.intersection(chosen) } ?? chosen
    }
    request.excludedResourceTypes = try Workspace.types(selected.excludedResourceTypes)
    if let indirect = selected.indirectSelection {
      guard let mode = IndirectSelection(rawValue: indirect) else {
        throw Diagnostic(
          .usage, "usage.indirect-selection", "there is no indirect selection '\(indirect)'",
          hint: "choose one of: \(IndirectSelection.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      request.indirect = mode
    }
    if let state = selected.state, absolute(state) == targetPath {
      let warning = Diagnostic(
        .configuration, "selection.state-is-target", "The state and target directories are the same: '\(state)'",
        hint: "this run will overwrite what it is compared with: copy the state elsewhere, or use --target-path", severity: .warning)
      try warn([warning])
    }
    request.previous = try selected.state.map { try PreviousState.read(absolute($0), target: targetPath) }
    var selection = try project.manifest.select(request)
    try warn(selection.warnings)
    if let only = selected.only { selection.ids = selection.ids.filter(only.contains) }
    return selection
  }

  private static func types(_ names: [String]) throws -> Set<ResourceType> {
    Set(
      try names.map { name in
        guard let type = ResourceType(rawValue: name) else {
          let names = ResourceType.allCases.map(\.rawValue)
          throw Diagnostic(
            .usage, "usage.resource-type", "there is no resource type '\(name)'",
            hint: Suggestion.didYouMean(name, among: names) ?? "types are: \(names.joined(separator: ", "))")
        }
        return type
      })
  }

  /// The relations of an earlier run that `--defer` reads instead of what was not built, by unique id.
  ///
  /// - Throws: `Diagnostic` (`selection.no-state`) if there is no earlier run.
  func deferred(_ selected: SelectionSettings) throws -> [String: DeferredRelation] {
    guard selected.defers else { return [:] }
    return try relations(ofState: selected.deferState ?? selected.state, isFavored: selected.favorState)
  }

  /// The relations of the manifest in a folder of artifacts, by unique id.
  func relations(ofState folder: String?, isFavored: Bool = false) throws -> [String: DeferredRelation] {
    guard let folder, let manifest = try PreviousState.read(absolute(folder)).manifest else {
      throw Diagnostic(
        .configuration, "selection.no-state", "Received a request to defer, but there is no manifest.json to defer to",
        at: folder.map { SourceLocation(file: $0) }, hint: "pass --state with the target folder of an earlier run, or a copy of it")
    }
    var relations: [String: DeferredRelation] = [:]
    for (id, node) in manifest["nodes"]?.object ?? [:] {
      guard ["model", "seed", "snapshot"].contains(node["resource_type"]?.string), node["config"]?["materialized"]?.string != "ephemeral",
        let schema = node["schema"]?.string, let alias = node["alias"]?.string
      else { continue }
      relations[id] = DeferredRelation(schema: schema, identifier: alias, isFavored: isFavored)
    }
    return relations
  }

  private func absolute(_ path: String) -> String {
    let here = FileManager.default.currentDirectoryPath
    let fromHere = Workspace.absolute(path, from: here)
    if FileManager.default.fileExists(atPath: fromHere) { return fromHere }
    return Workspace.absolute(path, from: project.options.projectDirectory)
  }
}
