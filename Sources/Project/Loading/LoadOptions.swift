import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// What the command line and the environment say about loading a project.
public struct LoadOptions: Sendable {
  /// The folder of `dbt_project.yml`: `--project-dir`.
  public var projectDirectory: String
  /// The folder of the profiles file: `--profiles-dir`.
  public var profilesDirectory: String?
  /// The profile, instead of the project's: `--profile`.
  public var profileName: String?
  /// The output, instead of the profile's: `--target`.
  public var targetName: String?
  /// Variables: `--vars`.
  public var vars: OrderedDictionary<String, JSON> = [:]
  /// `--threads`.
  public var threads: Int?
  /// The environment of the process: what `env_var` and `DBT_*` read.
  public var environment: [String: String]
  /// The command: `flags.WHICH`.
  public var command: String
  /// Further members of `flags` that templates see, in upper case: `FULL_REFRESH`, `STORE_FAILURES`, ….
  public var flags: OrderedDictionary<String, JSON> = [:]
  /// Macros, generic tests and materializations that come with scv, package by package, least specific first.
  public var builtins: [BuiltinPackage]
  /// Further names that templates see while they are read (`modules`, `api`): functions of the runtime that need no warehouse.
  public var globals: [String: Value] = [:]
  /// How relations are written in SQL, by schema and name, where the warehouse of a profile knows better than `"schema"."name"`.
  public var relationNaming: (@Sendable (Profile) throws -> @Sendable (_ schema: String, _ identifier: String) -> String)?
  /// SQL from the command line that becomes a node `sql_operation.PROJECT.inline_query`.
  public var inlineSQL: String?
  /// Whether `require-dbt-version` is minded: `--no-version-check` says no.
  public var checksVersions = true
  /// Whether what was found out about files is kept in the target folder, and used the next time.
  public var keepsState = false
  /// The target folder, instead of the project's `target-path`: `--target-path`.
  public var targetPath: String?
  /// How many errors are collected before loading gives up.
  public var errorLimit = 20
  /// How many files are worked on at a time; all processors unless given.
  public var parallelism: Int?

  /// Options for the project in `projectDirectory`.
  public init(
    projectDirectory: String, environment: [String: String] = [:], command: String = "run", builtins: [BuiltinPackage] = []
  ) {
    self.projectDirectory = projectDirectory
    self.environment = environment
    self.command = command
    self.builtins = builtins
  }
}

/// What a name says is secret: environment variables and `--vars` that begin with `DBT_ENV_SECRET`
/// (docs.getdbt.com/docs/build/environment-variables).
public struct SecretValues: Sendable {
  private let texts: [String]

  /// The secret ones among environment variables and variables.
  public init(environment: [String: String] = [:], vars: OrderedDictionary<String, JSON> = [:]) {
    let named = environment.map { ($0, $1) } + vars.map { ($0, $1.plainText) }
    texts = Set(named.filter { $0.0.hasPrefix("DBT_ENV_SECRET") && !$0.1.trimmingBlanks.isEmpty }.map(\.1)).sorted { $0.utf8.count > $1.utf8.count }
  }

  /// `text` with stars for the secrets, as dbt writes them.
  public func scrub(_ text: String) -> String {
    texts.reduce(text) { $0.replacing($1, with: "*****") }
  }

  /// `value` with stars for the secrets in its texts, and for numbers that are one.
  public func scrub(_ value: JSON) -> JSON {
    guard !texts.isEmpty else { return value }
    switch value {
    case .string(let text): return .string(scrub(text))
    case .array(let elements): return .array(elements.map(scrub))
    case .object(let members): return .object(members.mapValues(scrub))
    case .bool, .null: return value
    default: return texts.contains(value.plainText) ? .string("*****") : value
    }
  }
}

extension LoadOptions {
  /// The secrets of this invocation, which nothing shows.
  public var secrets: SecretValues { SecretValues(environment: environment, vars: vars) }
}

/// A package of macros that comes with scv: `dbt`, whose names every package may override, or what the engine needs of a
/// package that knows nothing of it.
public struct BuiltinPackage: Sendable {
  /// A file of macros.
  public struct File: Sendable {
    /// Its path as it appears in the manifest: `macros/materializations/view.sql`.
    public var path: String
    /// Its text.
    public var source: String

    /// Makes a file.
    public init(path: String, source: String) {
      self.path = path
      self.source = source
    }
  }

  /// The package's name.
  public var name: String
  /// The installed package that this one completes, if it is no package of its own: `adapter.dispatch` finds the engine's
  /// implementations here that the package itself lacks.
  public var completes: String?
  /// Its files.
  public var files: [File]

  /// Makes a package.
  public init(name: String, completes: String? = nil, files: [File]) {
    self.name = name
    self.completes = completes
    self.files = files
  }
}

/// A project with everything that was needed to read it.
public struct LoadedProject: Sendable {
  /// The root project's configuration.
  public var configuration: ProjectConfiguration
  /// The configurations of all packages by name, the root project's first.
  public var packages: OrderedDictionary<String, ProjectConfiguration>
  /// The chosen profile.
  public var profile: Profile
  /// Everything that the project says.
  public var manifest: Manifest
  /// What is odd but did not stop the loading.
  public var warnings: [Diagnostic]
  /// What the command line and the environment said.
  public var options: LoadOptions
}
