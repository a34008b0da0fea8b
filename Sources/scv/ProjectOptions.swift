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

  @Flag(inversion: .prefixedNo, help: ArgumentHelp("Colours.", visibility: .hidden))
  var useColors = true

  /// Says to a loader where things are and what is chosen.
  func apply(to load: inout LoadOptions) {
    load.profilesDirectory = profilesDir ?? load.environment["DBT_PROFILES_DIR"]
    load.profileName = profile ?? load.environment["DBT_PROFILE"]
    load.targetName = target ?? load.environment["DBT_TARGET"]
    load.threads = threads
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
    name: [.short, .long, .customLong("models"), .customShort("m")], parsing: .upToNextOption,
    help: "Nodes: name, path:…, tag:…, source:…, +parents, children+, a,b for both, @ for all it takes.")
  var select: [String] = []

  @Option(parsing: .upToNextOption, help: "Nodes to leave out, in the same words.")
  var exclude: [String] = []

  @Option(help: "A selector of selectors.yml.")
  var selector: String?

  @Option(name: [.customLong("resource-type")], parsing: .upToNextOption, help: "Only nodes of these types: model, seed, test, source, …")
  var resourceTypes: [String] = []

  @Option(help: "Which tests come with the selected nodes: eager, cautious, buildable, empty.")
  var indirectSelection: String?
}
