import DataFormats
import Diagnostics

/// What becomes of warnings: `--warn-error` and `--warn-error-options`
/// (docs.getdbt.com/reference/global-configs/warnings). A warning is named as dbt names its event, or by scv's own code.
struct WarningPolicy: Sendable {
  /// What is done with one warning.
  enum Treatment: Sendable {
    case shown, silenced, fatal
  }

  private let all: Bool
  private let errors: Set<String>
  private let exempt: Set<String>
  private let silenced: Set<String>

  /// Reads the settings.
  ///
  /// - Throws: `Diagnostic` (`usage.warn-error-options`) if they contradict each other.
  init(_ settings: Settings, warnError: Bool?, options: String?) throws {
    let always = settings.flag("warn_error", warnError) == true
    let text = settings.text("warn_error_options", options) ?? "{}"
    let value = try YAMLDocument(parsing: text, file: "--warn-error-options").value
    for (old, new) in [("include", "error"), ("exclude", "warn")] where value[old] != nil && value[new] != nil {
      throw Diagnostic(
        .usage, "usage.warn-error-options", "Only `\(old)` or `\(new)` can be specified in `warn_error_options`, not both",
        hint: "`\(new)` is the newer word")
    }
    func names(_ value: JSON?) -> [String] { value?.array?.map(\.plainText) ?? value?.string.map { [$0] } ?? [] }
    let fatal = names(value["error"] ?? value["include"])
    all = always || fatal.contains { ["all", "*"].contains($0) }
    errors = Set(fatal)
    exempt = Set(names(value["warn"] ?? value["exclude"]))
    silenced = Set(names(value["silence"]))
  }

  /// Whether every warning is an error that nobody exempted: those of tests too.
  var isStrict: Bool { all }

  /// What is done with `warning`.
  func treatment(of warning: Diagnostic) -> Treatment {
    let names = [warning.code, WarningPolicy.event(of: warning).name]
    if names.contains(where: silenced.contains) { return .silenced }
    if names.contains(where: exempt.contains) { return .shown }
    return all || names.contains(where: errors.contains) ? .fatal : .shown
  }

  /// The event as which programs that watch a run know a warning.
  static func event(of warning: Diagnostic) -> (name: String, code: String) {
    switch warning.code {
    case "selection.empty": ("NoNodesForSelectionCriteria", "M030")
    case "project.deprecated-model": ("DeprecatedModel", "I065")
    case "project.unmatched-properties": ("NoNodeForYamlKey", "I058")
    case "selection.state-is-target": ("WarnStateTargetEqual", "I072")
    case "selection.seed-grew": ("SeedIncreased", "I052")
    case "selection.seed-too-big": ("SeedExceedsLimitSamePath", "I053")
    case "selection.seed-moved": ("SeedExceedsLimitAndPathChanged", "I054")
    case "selection.unversioned-contract": ("UnversionedBreakingChange", "I071")
    case "transform.constraints-ignored": ("UnsupportedConstraintMaterialization", "I068")
    case "project.freshness-unknown": ("FreshnessConfigProblem", "I073")
    case "project.unfiltered-batches": ("MicrobatchModelNoEventTimeInputs", "I074")
    case "project.unused-config": ("UnusedResourceConfigPath", "I050")
    default: ("Warning", warning.code)
    }
  }
}
