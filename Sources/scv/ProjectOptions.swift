import ArgumentParser

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
