import DataFormats
import Diagnostics
import OrderedCollections

/// Finds a project's profile: `profiles.json`, then `profiles.yml`, in the folder that was asked for, or else in the
/// project's, the working one and `~/.dbt` (docs.getdbt.com/docs/core/connect-data-platform/profiles.yml).
struct ProfileFinder {
  let options: LoadOptions
  /// The project's folder, absolute.
  let root: String

  private static let fileNames = ["profiles.json", "profiles.yml", "profiles.yaml"]

  /// The folders to look in, first one first.
  var folders: [String] {
    if let folder = options.profilesDirectory { return [folder] }
    if let folder = options.environment["DBT_PROFILES_DIR"], !folder.isEmpty { return [folder] }
    let home = options.environment["HOME"].map { [FileReader.join($0, ".dbt")] } ?? []
    return Array(OrderedSet([root, FileReader.resolved(".")] + home))
  }

  /// The chosen output of the profile `name`.
  ///
  /// - Throws: `Diagnostic` (`profile.not-found`, `profile.unknown`, `profile.unknown-target`, `profile.malformed`).
  func find(_ name: String?) throws -> Profile {
    let wanted = options.profileName ?? options.environment["DBT_PROFILE"] ?? name
    guard let wanted, !wanted.isEmpty else {
      throw Diagnostic(
        .configuration, "profile.unnamed", "the project names no profile", at: SourceLocation(file: "dbt_project.yml"),
        hint: "add 'profile: NAME' to dbt_project.yml, or pass --profile NAME")
    }
    var tried: [String] = []
    var known: [String] = []
    for folder in folders {
      for fileName in ProfileFinder.fileNames {
        let path = FileReader.join(folder, fileName)
        guard let text = try FileReader.text(path) else {
          if fileName != "profiles.yaml" { tried.append(path) }
          continue
        }
        let document = try read(text, path)
        guard let profiles = document.value.object else {
          throw document.diagnostic(
            .configuration, "profile.malformed", "a profiles file is a mapping of profile names", at: [],
            hint: "write NAME: {target: dev, outputs: {dev: {type: sqlite, path: warehouse.db}}}")
        }
        if let profile = profiles[wanted] { return try choose(wanted, profile, document, path) }
        known += profiles.keys.filter { $0 != "config" }
        tried.append("\(path) (has \(profiles.keys.filter { $0 != "config" }.map { "'\($0)'" }.joined(separator: ", ")))")
      }
    }
    throw notFound(wanted, tried, known)
  }

  private func notFound(_ wanted: String, _ tried: [String], _ known: [String]) -> Diagnostic {
    let places = "looked in " + tried.joined(separator: ", ")
    if known.isEmpty {
      return Diagnostic(
        .configuration, "profile.not-found", "Could not find profile named '\(wanted)': there is no profiles file",
        hint:
          "write profiles.json beside dbt_project.yml: {\"\(wanted)\": {\"target\": \"dev\", \"outputs\": {\"dev\": {\"type\": \"sqlite\", \"path\": \"warehouse.db\"}}}}",
        cause: places)
    }
    return Diagnostic(
      .configuration, "profile.unknown", "Could not find profile named '\(wanted)'",
      hint: Suggestion.didYouMean(wanted, among: known) ?? "profiles are \(known.map { "'\($0)'" }.joined(separator: ", ")); choose one with --profile",
      cause: places)
  }

  private func read(_ text: String, _ path: String) throws -> YAMLDocument {
    // JSON is YAML but for what only JSON's own parser says well: where a JSON text is broken.
    if path.hasSuffix(".json") {
      do {
        _ = try JSON.parse(text)
      } catch var error as Diagnostic {
        error.location?.file = path
        error.category = .configuration
        throw error
      }
    }
    return try YAMLDocument(parsing: text.replacing("\t", with: path.hasSuffix(".json") ? " " : "\t"), file: path)
  }

  private func choose(_ name: String, _ profile: JSON, _ document: YAMLDocument, _ path: String) throws -> Profile {
    guard let outputs = profile["outputs"]?.object, !outputs.isEmpty else {
      throw document.diagnostic(
        .configuration, "profile.malformed", "the profile '\(name)' has no outputs", at: [.key(name)], onKey: true,
        hint: "add outputs: {dev: {type: sqlite, path: warehouse.db}}")
    }
    let context = ConfigurationContext(environment: options.environment, vars: options.vars, target: nil, name: path)
    var target = options.targetName ?? options.environment["DBT_TARGET"]
    if target == nil, let written = profile["target"] {
      target = try context.render(written, document: document, path: [.key(name), "target"]).plainText
    }
    let targetName = target ?? "default"
    guard let raw = outputs[targetName] else {
      let names = outputs.keys.map { "'\($0)'" }.joined(separator: ", ")
      let complaint = "The profile '\(name)' does not have a target named '\(targetName)'. The valid target names for this profile are: \(names)"
      throw document.diagnostic(
        .configuration, "profile.unknown-target", complaint, at: [.key(name), "outputs"], onKey: true,
        hint: Suggestion.didYouMean(targetName, among: outputs.keys) ?? "choose one of them with --target")
    }
    guard case .object(let output) = try context.render(raw, document: document, path: [.key(name), "outputs", .key(targetName)]) else {
      throw document.diagnostic(
        .configuration, "profile.malformed", "the output '\(targetName)' is not a mapping", at: [.key(name), "outputs", .key(targetName)], onKey: true,
        hint: "write type: sqlite and path: warehouse.db below it")
    }
    guard output["type"]?.string != nil else {
      throw document.diagnostic(
        .configuration, "profile.malformed", "the output '\(targetName)' has no type", at: [.key(name), "outputs", .key(targetName)], onKey: true,
        hint: "add type: sqlite")
    }
    let threads = options.threads ?? options.environment["DBT_THREADS"].flatMap { Int($0) } ?? output["threads"]?.int.map { Int($0) } ?? 1
    guard threads > 0 else {
      throw Diagnostic(.usage, "profile.threads", "threads must be at least 1, not \(threads)", at: SourceLocation(file: path))
    }
    return Profile(profileName: name, targetName: targetName, threads: threads, output: output, file: FileReader.resolved(path))
  }
}
