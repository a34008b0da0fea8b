import DataFormats
import Diagnostics

/// The keys that property files know (docs.getdbt.com/reference/configs-and-properties, "properties"), and warnings of others.
enum PropertyKeys {
  /// The keys of the entries of each list; none for lists that are carried through unread.
  static let lists: [String: Set<String>] = [
    "models": [
      "name", "description", "columns", "config", "tests", "data_tests", "docs", "meta", "access", "group", "constraints", "versions",
      "latest_version", "deprecation_date", "tags", "time_spine", "primary_key", "identifier", "freshness", "unit_tests", "quote_columns",
    ],
    "seeds": ["name", "description", "columns", "config", "tests", "data_tests", "docs", "meta", "tags", "group", "access", "quote_columns"],
    "snapshots": ["name", "description", "columns", "config", "tests", "data_tests", "docs", "meta", "relation", "tags", "group", "access", "quote_columns"],
    "analyses": ["name", "description", "columns", "config", "docs", "meta", "tags", "data_tests", "tests", "group", "access"],
    "data_tests": ["name", "description", "config", "docs", "meta", "columns"],
    "tests": ["name", "description", "config", "docs", "meta", "columns"],
    "macros": ["name", "description", "arguments", "docs", "meta", "config"],
    "sources": [
      "name", "description", "database", "catalog", "schema", "loader", "loaded_at_field", "loaded_at_query", "freshness", "meta", "tags", "config", "tables",
      "quoting", "overrides", "tests", "data_tests",
    ],
    "exposures": ["name", "description", "type", "owner", "label", "maturity", "url", "depends_on", "meta", "tags", "config", "enabled"],
    "groups": ["name", "owner", "description", "config", "meta"],
    "unit_tests": ["name", "description", "model", "given", "expect", "overrides", "config", "versions", "meta", "tags"],
    "metrics": [], "semantic_models": [], "saved_queries": [], "functions": [],
  ]

  /// Keys of a file that are no lists of entries.
  static let others: Set<String> = ["version", "anchors", "spark_version"]

  /// The keys of mappings inside of entries, by the list that the entry is in and the key that they stand under.
  private static let inner: [String: [String: Set<String>]] = [
    "sources": [
      "tables": [
        "name", "description", "identifier", "loaded_at_field", "loaded_at_query", "freshness", "meta", "tags", "config", "columns", "quoting", "external",
        "tests", "data_tests", "docs", "loader", "source_meta", "constraints",
      ],
      "freshness": freshness,
    ],
    "models": [
      "versions": [
        "v", "defined_in", "name", "description", "columns", "config", "tests", "data_tests", "docs", "access", "constraints", "deprecation_date", "meta",
        "tags", "alias", "group",
      ]
    ],
    "macros": ["arguments": ["name", "type", "description"]],
    "unit_tests": [
      "given": ["input", "rows", "format", "fixture"], "expect": ["rows", "format", "fixture"], "overrides": ["macros", "vars", "env_vars"],
    ],
  ]

  private static let freshness: Set<String> = ["warn_after", "error_after", "filter"]

  /// What a column can be told. Only keys that are nearly one of these are warned of, since tools of all kinds leave notes in columns; a
  /// slip of the finger would lose tests.
  private static let columns: Set<String> = [
    "name", "description", "data_type", "constraints", "data_tests", "tests", "tags", "meta", "config", "quote", "policy_tags", "docs", "granularity",
  ]

  /// A key at the top of a file that means nothing.
  static func unknown(_ key: String, in document: YAMLDocument) -> Diagnostic {
    document.diagnostic(
      .parsing, "project.unknown-key", "property files know no key '\(key)'", at: [.key(key)], onKey: true,
      hint: Suggestion.didYouMean(key, among: lists.keys) ?? "keys are \(lists.keys.sorted().joined(separator: ", "))", severity: .warning)
  }

  /// Warnings of keys of an entry, and of what it consists of, that mean nothing.
  static func odd(_ entry: PropertyEntry, _ known: Set<String>) -> [Diagnostic] {
    var found = warnings(entry.raw, known, [], "'\(entry.kind)' entries", entry)
    for (key, known) in inner[entry.kind] ?? [:] {
      guard let value = entry.raw[key] else { continue }
      for (index, element) in (value.array ?? [value]).enumerated() {
        let steps: [YAMLDocument.Step] = value.array == nil ? [.key(key)] : [.key(key), .index(index)]
        found += warnings(element, known, steps, "'\(key)'", entry)
        guard key == "tables" else { continue }
        if let rule = element["freshness"] { found += warnings(rule, freshness, steps + ["freshness"], "'freshness'", entry) }
        found += oddColumns(element, steps, entry)
      }
    }
    return found + oddColumns(entry.raw, [], entry)
  }

  private static func warnings(
    _ value: JSON, _ known: Set<String>, _ steps: [YAMLDocument.Step], _ name: String, _ entry: PropertyEntry
  ) -> [Diagnostic] {
    (value.object ?? [:]).keys.filter { !known.contains($0) }.map { key in
      entry.diagnostic(
        "project.unknown-key", "\(name) know no key '\(key)'", at: steps + [.key(key)], onKey: true,
        hint: Suggestion.didYouMean(key, among: known) ?? "put keys of your own under meta:", severity: .warning)
    }
  }

  private static func oddColumns(_ holder: JSON, _ steps: [YAMLDocument.Step], _ entry: PropertyEntry) -> [Diagnostic] {
    (holder["columns"]?.array ?? []).enumerated().flatMap { index, column in
      (column.object ?? [:]).keys.filter { !columns.contains($0) }.compactMap { key in
        Suggestion.didYouMean(key, among: columns).map { hint in
          entry.diagnostic(
            "project.unknown-key", "columns know no key '\(key)'", at: steps + ["columns", .index(index), .key(key)], onKey: true, hint: hint,
            severity: .warning)
        }
      }
    }
  }
}
