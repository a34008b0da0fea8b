import DataFormats
import Diagnostics
import FoundationEssentials

/// How schemas lie in SQLite, which has none: as prefixes in one file, or as one attached file each.
///
/// The profile `{"type": "sqlite", "path": "warehouse.db"}` means prefixes: the relation `stripe.charges` is the table
/// `stripe__charges`, and relations of the default schema have no prefix. A profile in dbt-sqlite's own shape
/// (`schemas_and_paths`, `schema_directory`; https://github.com/codeforkjeff/dbt-sqlite) means attached files.
public enum SQLiteLayout: Sendable, Equatable {
  /// One file; `defaultSchema` is the one without a prefix.
  case prefixes(path: String, defaultSchema: String)
  /// One file a schema; `main` is the file that is opened, `directory` where further schemas are found and made.
  case attached(main: String, schemas: [String: String], directory: String?, defaultSchema: String)

  /// Reads the layout from one output of a profile.
  ///
  /// - Parameters:
  ///   - output: the members `path`, or `schemas_and_paths` and `schema_directory`, and `schema`.
  ///   - folder: what relative paths are relative to: the project's folder.
  /// - Throws: `Diagnostic` (`profile.sqlite-path`) if neither is there.
  public init(output: JSON, relativeTo folder: String) throws {
    func absolute(_ path: String) -> String {
      if path.hasPrefix("/") || path == ":memory:" { return path }
      if path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] { return home + path.dropFirst() }
      return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }
    let schema = output["schema"]?.string ?? "main"
    if let paths = output["schemas_and_paths"]?.object {
      let files = paths.compactMapValues { $0.string.map(absolute) }
      guard let main = files["main"] ?? files.values.first else {
        throw Diagnostic(
          .configuration, "profile.sqlite-path", "`schemas_and_paths` of the profile names no file",
          hint: #"name at least one: {"schemas_and_paths": {"main": "warehouse.db"}}"#)
      }
      let others = Dictionary(uniqueKeysWithValues: files.filter { $0.key != "main" }.map { ($0.key, $0.value) })
      self = .attached(main: main, schemas: others, directory: output["schema_directory"]?.string.map(absolute), defaultSchema: schema)
      return
    }
    guard let path = output["path"]?.string ?? output["database_path"]?.string, !path.isEmpty else {
      throw Diagnostic(
        .configuration, "profile.sqlite-path", "the profile does not say where the SQLite warehouse is",
        hint: #"add a path: {"type": "sqlite", "path": "warehouse.db"}"#)
    }
    self = .prefixes(path: absolute(path), defaultSchema: schema)
  }

  /// The file that is opened.
  public var path: String {
    switch self {
    case .prefixes(let path, _): path
    case .attached(let main, _, _, _): main
    }
  }

  /// A relation's name as it stands in SQL, also where no warehouse is open.
  public func render(_ relation: Relation) -> String { SQLiteNaming(self).render(relation) }

  /// The schema of relations that name none.
  public var defaultSchema: String {
    switch self {
    case .prefixes(_, let schema), .attached(_, _, _, let schema): schema
    }
  }
}
