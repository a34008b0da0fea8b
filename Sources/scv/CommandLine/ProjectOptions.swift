import ArgumentParser
import DataFormats
import Diagnostics
import OrderedCollections
import Project

/// The options that every command of a project takes, named as dbt names them.
struct ProjectOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The project's folder: where dbt_project.yml is. Default: this folder, or the nearest above it.", valueName: "dir"))
  var projectDir: String?

  @Option(help: ArgumentHelp("Where profiles.json or profiles.yml is.", valueName: "dir"))
  var profilesDir: String?

  @Option(help: "The profile to use instead of the project's own.")
  var profile: String?

  @Option(name: [.short, .long], help: "The target of the profile.")
  var target: String?

  @Option(help: "Variables as YAML or JSON: '{\"key\": \"value\"}'.")
  var vars: String?

  @Option(help: "How many nodes or connections to work on at once.")
  var threads: Int?

  @Option(help: ArgumentHelp("Where artifacts go. Default: target.", valueName: "dir"))
  var targetPath: String?

  @Flag(name: [.short, .long], help: "Only errors, and what was asked for.")
  var quiet = false

  @Flag(name: [.short, .long], inversion: .prefixedNo, help: "Say everything, also what only a developer wants to know.")
  var debug: Bool?

  @Option(help: ArgumentHelp("How the terminal is written to: text, debug or json.", valueName: "format"))
  var logFormat: String?

  @Option(help: ArgumentHelp("How dbt.log is written: text, debug or json.", valueName: "format"))
  var logFormatFile: String?

  @Option(help: ArgumentHelp("What the terminal shows: debug, info, warn, error or none.", valueName: "level"))
  var logLevel: String?

  @Option(help: ArgumentHelp("What dbt.log holds: debug, info, warn, error or none.", valueName: "level"))
  var logLevelFile: String?

  @Option(help: ArgumentHelp("Where dbt.log is. Default: logs.", valueName: "dir"))
  var logPath: String?

  @Flag(inversion: .prefixedNo, help: "Treat warnings as errors.")
  var warnError: Bool?

  @Option(help: ArgumentHelp("Which warnings are errors: '{\"error\": \"all\"}'.", valueName: "yaml"))
  var warnErrorOptions: String?

  @Flag(inversion: .prefixedNo, help: "Mind what projects and packages say in require-dbt-version.")
  var versionCheck: Bool?

  @Flag(name: .customLong("print"), inversion: .prefixedNo, help: ArgumentHelp("Show what templates print.", visibility: .hidden))
  var prints: Bool?

  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Write artifacts.", visibility: .hidden))
  var writeJson: Bool?

  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Work on one node at a time.", visibility: .hidden))
  var singleThreaded: Bool?

  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Colours.", visibility: .hidden))
  var useColors: Bool?

  @OptionGroup(visibility: .hidden) var accepted: AcceptedOptions

  /// Says to a loader where things are and what is chosen.
  func apply(to load: inout LoadOptions) {
    let settings = Settings(environment: load.environment)
    load.profilesDirectory = settings.text("profiles_dir", profilesDir)
    load.profileName = settings.text("profile", profile)
    load.targetName = settings.text("target", target)
    load.checksVersions = settings.flag("version_check", versionCheck) ?? true
    load.threads = settings.flag("single_threaded", singleThreaded) == true ? 1 : threads
  }

  /// The log of this invocation.
  ///
  /// - Parameter folder: the project's folder, below which logs go.
  /// - Throws: `Diagnostic` (`usage.log-format`, `usage.log-level`).
  func log(_ settings: Settings, folder: String) throws -> EventLog {
    func format(_ text: String?, _ fallback: EventLog.Format) throws -> EventLog.Format {
      guard let text, text != "default" else { return fallback }
      guard let format = EventLog.Format(rawValue: text) else {
        throw Diagnostic(.usage, "usage.log-format", "there is no log format '\(text)'", hint: "choose one of: text, debug, json")
      }
      return format
    }
    func level(_ text: String?, _ fallback: LogEvent.Level) throws -> LogEvent.Level {
      guard let text else { return fallback }
      guard let level = LogEvent.Level(rawValue: text) else {
        throw Diagnostic(.usage, "usage.log-level", "there is no log level '\(text)'", hint: "choose one of: debug, info, warn, error, none")
      }
      return level
    }
    let isQuiet = quiet || settings.flag("quiet") == true
    let isDebug = settings.flag("debug", debug) == true
    let path = settings.text("log_path", logPath) ?? "logs"
    let general = try format(settings.text("log_format", logFormat), isDebug ? .debug : .text)
    return EventLog(
      format: general, level: isQuiet ? .error : isDebug ? .debug : try level(settings.text("log_level", logLevel), .info),
      folder: path.hasPrefix("/") ? path : folder + "/" + path,
      fileFormat: try format(settings.text("log_format_file", logFormatFile), general == .json ? .json : .debug),
      fileLevel: try level(settings.text("log_level_file", logLevelFile), .debug))
  }

  /// What `--vars` holds.
  ///
  /// - Throws: `Diagnostic` (`usage.vars`, `yaml.malformed`).
  func variables() throws -> OrderedDictionary<String, JSON> {
    guard let vars else { return [:] }
    let value = try YAMLDocument(parsing: vars, file: "--vars").value
    if value.isNull { return [:] }
    guard let variables = value.object else {
      throw Diagnostic(.usage, "usage.vars", "--vars is not a mapping", hint: "write it as --vars '{\"key\": \"value\"}'")
    }
    return variables
  }
}

/// The options that choose nodes, named as dbt names them.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: [.short, .long], parsing: .upToNextOption,
    help: "Nodes: name, path:…, tag:…, source:…, +parents, children+, a,b for both, @ for all it takes.")
  var select: [String] = []

  @Option(
    name: [.customLong("models"), .customLong("model"), .customShort("m")], parsing: .upToNextOption,
    help: ArgumentHelp("The same, of models.", visibility: .hidden))
  var models: [String] = []

  @Option(parsing: .upToNextOption, help: "Nodes to leave out, in the same words.")
  var exclude: [String] = []

  @Option(help: "A selector of selectors.yml.")
  var selector: String?

  @Option(
    name: [.customLong("resource-type"), .customLong("resource-types")], parsing: .upToNextOption,
    help: "Only nodes of these types: model, seed, test, source, …")
  var resourceTypes: [String] = []

  @Option(
    name: [.customLong("exclude-resource-type"), .customLong("exclude-resource-types")], parsing: .upToNextOption, help: "No nodes of these types.")
  var excludedResourceTypes: [String] = []

  @Option(help: "Which tests come with the selected nodes: eager, cautious, buildable, empty.")
  var indirectSelection: String?

  @Option(help: ArgumentHelp("Artifacts of an earlier run, for state:… and --defer.", valueName: "dir"))
  var state: String?

  @Flag(name: .customLong("defer"), inversion: .prefixedNo, help: "Read what is not selected and not built from the relations of --state.")
  var defers: Bool?

  @Flag(inversion: .prefixedNo, help: "With --defer: read it from there even if it is built here.")
  var favorState: Bool?

  @Option(help: ArgumentHelp("Artifacts for --defer, if not those of --state.", valueName: "dir"))
  var deferState: String?

  /// The criteria of `--select` and `--models`.
  var criteria: [String] { select + models }
}

/// What is selected and deferred to, once the environment has had its say.
struct SelectionSettings: Sendable {
  var select: [String] = []
  var exclude: [String] = []
  var selector: String?
  var resourceTypes: [String] = []
  var excludedResourceTypes: [String] = []
  var indirectSelection: String?
  var state: String?
  var defers = false
  var favorState = false
  var deferState: String?
  /// Only these, after everything else; nil is no such limit.
  var only: Set<String>?

  init() {}

  init(_ options: SelectionOptions, _ settings: Settings) {
    select = options.criteria
    exclude = options.exclude
    selector = options.selector
    resourceTypes = settings.list("resource_types", options.resourceTypes)
    excludedResourceTypes = settings.list("exclude_resource_types", options.excludedResourceTypes)
    indirectSelection = settings.text("indirect_selection", options.indirectSelection)
    state = settings.text("state", options.state)
    defers = settings.flag("defer", options.defers) ?? false
    favorState = settings.flag("favor_state", options.favorState) ?? false
    deferState = settings.text("defer_state", options.deferState)
  }
}
