import DataFormats
import Diagnostics

/// What a node's configuration must hold to, known before anything is run.
enum ConfigurationCheck {
  /// - Throws: `Diagnostic` for what contradicts itself.
  static func check(_ node: Node) throws {
    guard node.config.isEnabled else { return }
    try materialization(node)
    if let color = node.config["docs"]?["node_color"]?.string, !NodeColor.isValid(color) {
      throw Diagnostic(
        .parsing, "project.color", "Invalid color name for docs.node_color: \(color). It is neither a valid HTML color name nor a valid HEX code.",
        at: node.place, hint: Suggestion.didYouMean(color.lowercased(), among: NodeColor.names) ?? "write a name as 'teal', or '#008080'")
    }
    if node.resourceType == .model { try contract(node) }
    if node.config.materialized == "incremental", node.config.text("incremental_strategy") == "microbatch" { try microbatch(node) }
  }

  /// Seeds, snapshots and tests are materialized in one way only.
  private static func materialization(_ node: Node) throws {
    let only: String
    switch node.resourceType {
    case .seed: only = "seed"
    case .snapshot: only = "snapshot"
    case .test: only = "test"
    default: return
    }
    guard node.config.materialized != only else { return }
    throw Diagnostic(
      .parsing, "project.materialized", "A \(only) must have a materialized value of '\(only)', and \(node.name) has '\(node.config.materialized)'",
      at: node.place, hint: "take `materialized` out of its configuration, or of that of its folder in dbt_project.yml")
  }

  /// docs.getdbt.com/reference/resource-configs/contract
  private static func contract(_ node: Node) throws {
    guard node.config["contract"]?["enforced"]?.bool == true else { return }
    func failure(_ code: String, _ message: String, hint: String) -> Diagnostic { Diagnostic(.parsing, code, message, at: node.place, hint: hint) }
    var problems: [String] = []
    // A model without any property file is told when it is run, as its contract may come from the project.
    if node.patchPath != nil, node.columns.isEmpty {
      problems.append("Constraints must be defined in a `yml` schema configuration file like `schema.yml`.")
    }
    if node.language != "sql" { problems.append("Language Error: Expected 'sql' but found '\(node.language)'") }
    guard problems.isEmpty else {
      throw failure(
        "project.contract", "Contract enforcement failed for: (\(node.originalFilePath)) \(node.uniqueID)\n" + problems.joined(separator: "\n"),
        hint: "a contract needs a SQL model, and its columns with name and data_type")
    }
    let keyed = node.columns.values.filter { $0.constraints.contains { $0["type"]?.string == "primary_key" } }.map(\.name)
    if keyed.count > 1 {
      problems.append(
        "Found \(keyed.count) columns ([\(keyed.map { "'\($0)'" }.joined(separator: ", "))]) with primary key constraints defined. "
          + "Primary keys for multiple columns must be defined as a model level constraint.")
    }
    if !keyed.isEmpty, node.constraints.contains(where: { $0["type"]?.string == "primary_key" }) {
      problems.append(
        "Primary key constraints defined at the model level and the columns level. "
          + "Primary keys can be defined at the model level or the column level, not both.")
    }
    guard problems.isEmpty else {
      throw failure(
        "project.contract-key", "Primary key constraint error: (\(node.originalFilePath))\n" + problems.joined(separator: "\n"),
        hint: "write constraints: [{type: primary_key, columns: […]}] beside the columns")
    }
    let change = node.config.text("on_schema_change") ?? "ignore"
    guard node.config.materialized == "incremental", !["append_new_columns", "fail"].contains(change) else { return }
    throw failure(
      "project.contract-schema-change",
      "Invalid value for on_schema_change: \(change). Models materialized as incremental with contracts enabled must set on_schema_change to "
        + "'append_new_columns' or 'fail'", hint: "add on_schema_change='append_new_columns' to its config")
  }

  /// docs.getdbt.com/docs/build/incremental-microbatch
  private static func microbatch(_ node: Node) throws {
    func failure(_ message: String) -> Diagnostic {
      Diagnostic(
        .parsing, "project.microbatch", message, at: node.place,
        hint: "write config(materialized='incremental', incremental_strategy='microbatch', event_time='created_at', batch_size='day', begin='2026-01-01')")
    }
    guard node.config["event_time"]?.string != nil else {
      throw failure("Microbatch model '\(node.name)' must provide an 'event_time' (string) config that indicates the name of the event time column(s).")
    }
    guard node.config["begin"]?.string != nil else {
      throw failure(
        "Microbatch model '\(node.name)' must provide a 'begin' (datetime) config that indicates the earliest timestamp the microbatch model should be built from."
      )
    }
    let sizes = ["hour", "day", "month", "year"]
    guard let size = node.config["batch_size"]?.string, sizes.contains(size) else {
      throw failure(
        "Microbatch model '\(node.name)' must provide a 'batch_size' config that is one of ['hour', 'day', 'month', 'year'], but got: \(node.config.text("batch_size") ?? "None")."
      )
    }
  }
}
