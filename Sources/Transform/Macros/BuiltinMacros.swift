import Project

/// The macros that every project has without asking: the package `dbt`, as Jinja texts, one a theme.
///
/// They bear dbt's names, so that a project or a package overrides them, or calls them, as it does with dbt itself
/// (docs.getdbt.com/reference/dbt-jinja-functions/cross-database-macros and …/dispatch). What they emit is plain SQLite SQL
/// wherever that is possible: a view that scv created opens in any SQLite tool.
public enum BuiltinMacros {
  /// The name of the package that holds them.
  public static let packageName = "dbt"

  /// The files of the package: path inside it, and Jinja text.
  public static let files: [(path: String, text: String)] = [
    ("macros/names.sql", nameMacros),
    ("macros/statements.sql", statementMacros),
    ("macros/relations.sql", relationMacros),
    ("macros/metadata.sql", metadataMacros),
    ("macros/hooks.sql", hookMacros),
    ("macros/incremental.sql", incrementalMacros),
    ("macros/schema_changes.sql", schemaChangeMacros),
    ("macros/snapshots.sql", snapshotMacros),
    ("macros/data_tests.sql", dataTestMacros),
    ("macros/unit_tests.sql", unitTestMacros),
    ("macros/dates.sql", dateMacros),
    ("macros/date_series.sql", dateSeriesMacros),
    ("macros/texts.sql", textMacros),
    ("macros/types.sql", typeMacros),
    ("macros/sets_and_arrays.sql", setMacros),
  ]

  /// All packages that come with scv: the package `dbt`, and completions of packages that do not know SQLite. Those bear the
  /// engine's prefix, so that an implementation of the project, or of the package itself, is preferred.
  public static let packages: [BuiltinPackage] =
    [BuiltinPackage(name: packageName, files: files.map { .init(path: $0.path, source: $0.text) })]
    + completions.map { name, text in
      BuiltinPackage(name: "scv_\(name)", completes: name, files: [.init(path: "macros/packages/\(name).sql", source: text)])
    }

  private static let completions: [(package: String, text: String)] = [
    ("dbt_utils", dbtUtilsMacros),
  ]
}
