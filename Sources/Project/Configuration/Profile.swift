import DataFormats
import Diagnostics
import OrderedCollections

/// Where a project's relations live: one output of one profile, chosen and rendered.
public struct Profile: Sendable {
  /// The profile: what `profile:` in `dbt_project.yml` names.
  public var profileName: String
  /// The chosen output.
  public var targetName: String
  /// How many nodes may run at a time.
  public var threads: Int
  /// The output as the file has it, rendered, secrets included: never show it.
  public var output: OrderedDictionary<String, JSON>
  /// The file that the profile was found in, an absolute path.
  public var file: String
  /// Whether the file is dbt's `profiles.yml` rather than `profiles.json`.
  public var isYAML: Bool { !file.hasSuffix(".json") }

  /// Makes a profile; see the properties.
  public init(profileName: String, targetName: String, threads: Int = 1, output: OrderedDictionary<String, JSON>, file: String) {
    self.profileName = profileName
    self.targetName = targetName
    self.threads = threads
    self.output = output
    self.file = file
  }

  /// The engine: `sqlite`.
  public var type: String { output["type"]?.string ?? "" }
  /// The default schema.
  public var schema: String { output["schema"]?.string ?? "main" }
  /// The default database; SQLite's own word for its only one unless the profile names another.
  public var database: String { output["database"]?.string ?? "main" }

  /// What templates see as `target`: the output without its secrets, with `profile_name`, `name`, `target_name`, `type`,
  /// `threads`, `schema` and `database`.
  public var target: OrderedDictionary<String, JSON> {
    var values = output.filter { !Profile.isSecret($0.key) }
    values["name"] = .string(targetName)
    values["target_name"] = .string(targetName)
    values["profile_name"] = .string(profileName)
    values["type"] = .string(type)
    values["threads"] = .int(Int64(threads))
    values["schema"] = .string(schema)
    values["database"] = .string(database)
    return values
  }

  /// The texts of the output that must not be shown.
  public var secrets: [String] {
    output.compactMap { Profile.isSecret($0.key) ? $0.value.string : nil }
  }

  private static func isSecret(_ key: String) -> Bool {
    let name = key.lowercased()
    return ["password", "pass", "token", "secret", "keyfile", "private_key", "api_key"].contains { name.contains($0) }
  }
}
