import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections
import Project
import Transform
import Warehouse

/// A project that a command works on, loaded as its options say.
struct Workspace {
  let options: ProjectOptions
  let project: LoadedProject
  /// Where artifacts go, an absolute path.
  let targetPath: String

  /// Reads the project.
  ///
  /// - Parameters:
  ///   - command: the command's name, which templates see.
  ///   - flags: further flags that templates see, such as `FULL_REFRESH`.
  ///   - inlineSQL: a query from the command line, which becomes a node of the project.
  init(_ options: ProjectOptions, command: String, flags: OrderedDictionary<String, JSON> = [:], inlineSQL: String? = nil) throws {
    self.options = options
    let environment = ProcessInfo.processInfo.environment
    var load = LoadOptions(
      projectDirectory: try Workspace.folder(options, environment), environment: environment, command: command,
      builtins: [BuiltinPackage(name: BuiltinMacros.packageName, files: BuiltinMacros.files.map { .init(path: $0.path, source: $0.text) })])
    options.apply(to: &load)
    load.flags = flags
    load.inlineSQL = inlineSQL
    load.vars = try options.variables()
    project = try ProjectLoader(load).load()
    let configured = options.targetPath ?? environment["DBT_TARGET_PATH"] ?? project.configuration.targetPath
    targetPath = configured.hasPrefix("/") ? configured : load.projectDirectory + "/" + configured
    if !options.quiet {
      for warning in project.warnings { ErrorReport.show(warning) }
    }
  }

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
    return try SQLiteAdapter(layout, readers: max(4, profile.threads + 1), mayCreate: mayCreate)
  }

  /// What the user selected, of the types that the command works on.
  func selection(_ selected: SelectionOptions, types: Set<ResourceType>?) throws -> Selection {
    var request = SelectionRequest()
    request.select = selected.select
    request.exclude = selected.exclude
    request.selectorName = selected.selector
    request.resourceTypes = types
    if !selected.resourceTypes.isEmpty {
      let chosen = try selected.resourceTypes.map { name -> ResourceType in
        guard let type = ResourceType(rawValue: name) else {
          let names = ResourceType.allCases.map(\.rawValue)
          throw Diagnostic(
            .usage, "usage.resource-type", "there is no resource type '\(name)'",
            hint: Suggestion.didYouMean(name, among: names) ?? "types are: \(names.joined(separator: ", "))")
        }
        return type
      }
      request.resourceTypes = types.map { $0.intersection(chosen) } ?? Set(chosen)
    }
    if let indirect = selected.indirectSelection {
      guard let mode = IndirectSelection(rawValue: indirect) else {
        throw Diagnostic(
          .usage, "usage.indirect-selection", "there is no indirect selection '\(indirect)'",
          hint: "choose one of: \(IndirectSelection.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      request.indirect = mode
    }
    let selection = try project.manifest.select(request)
    for warning in selection.warnings where !options.quiet { ErrorReport.show(warning) }
    return selection
  }
}
