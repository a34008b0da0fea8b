import DataFormats
import Diagnostics
import OrderedCollections

/// A package's `dbt_project.yml`, rendered: the root project's or an installed package's.
public struct ProjectConfiguration: Sendable {
  /// The package's name.
  public var name: String
  /// Its own version, free text.
  public var version: String?
  /// The folder of `dbt_project.yml`, an absolute path.
  public var root: String
  /// Which profile it wants.
  public var profileName: String?
  /// Folders of models.
  public var modelPaths = ["models"]
  /// Folders of seeds.
  public var seedPaths = ["seeds"]
  /// Folders of singular tests, generic tests (in `generic/`) and fixtures (in `fixtures/`).
  public var testPaths = ["tests"]
  /// Folders of analyses.
  public var analysisPaths = ["analyses"]
  /// Folders of macros.
  public var macroPaths = ["macros"]
  /// Folders of snapshots.
  public var snapshotPaths = ["snapshots"]
  /// Folders of documentation blocks; all other folders unless given.
  public var docsPaths: [String] = []
  /// Folders copied into the documentation site.
  public var assetPaths: [String] = []
  /// Where compiled code and artifacts go.
  public var targetPath = "target"
  /// Where logs go.
  public var logPath = "logs"
  /// What `clean` removes.
  public var cleanTargets: [String] = ["target"]
  /// Where packages are installed.
  public var packagesInstallPath = "dbt_packages"
  /// Variables: by name, or by package and name.
  public var vars: OrderedDictionary<String, JSON> = [:]
  /// The configuration trees by their key in the file: `models`, `seeds`, `snapshots`, `tests` (with `data_tests`), `sources`,
  /// `exposures`, `unit_tests`. Still with `+`, rendered.
  public var trees: OrderedDictionary<String, JSON> = [:]
  /// The same trees before rendering, for state comparison.
  public var unrenderedTrees: OrderedDictionary<String, JSON> = [:]
  /// Hooks before a run, templates.
  public var onRunStart: [String] = []
  /// Hooks after a run, templates.
  public var onRunEnd: [String] = []
  /// Where `adapter.dispatch` looks for the macros of a namespace.
  public var dispatch: [String: [String]] = [:]
  /// `flags:` of the file.
  public var flags: OrderedDictionary<String, JSON> = [:]
  /// `quoting:` of the file.
  public var quoting: OrderedDictionary<String, JSON> = [:]
  /// `query-comment:` as written: text, object, null, or nil where absent.
  public var queryComment: JSON?
  /// Version ranges that the project asks for.
  public var requireDbtVersion: [String] = []
  /// Whether keys that apply to nothing should be refused.
  public var restrictAccess = false
  /// The `dbt-cloud` block, unread.
  public var dbtCloud: JSON?
  /// The file itself, relative to the working directory of the command: for messages.
  public var file = "dbt_project.yml"

  /// The file as written, with the place of every key.
  var document: YAMLDocument?

  /// A configuration with dbt's defaults.
  public init(name: String, root: String) {
    self.name = name
    self.root = root
  }
}
