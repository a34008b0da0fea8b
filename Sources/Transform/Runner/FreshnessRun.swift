import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import Project
import Warehouse

/// How old a source table is.
public struct FreshnessResult: Sendable {
  /// The source table.
  public var uniqueID: String
  /// `pass`, `warn`, `error` or `runtime error`.
  public var status: NodeStatus
  /// The newest row, as ISO 8601 in UTC.
  public var maxLoadedAt: String?
  /// When that was found out, as ISO 8601 in UTC.
  public var snapshottedAt: String?
  /// Seconds between the two.
  public var age: Double?
  /// What counts as stale.
  public var criteria: Freshness
  /// What went wrong.
  public var diagnostic: Diagnostic?
  /// The measured parts.
  public var timing: [Timing] = []
  /// Seconds from beginning to end.
  public var executionTime: Double = 0
}

/// Finds out how old source tables are (docs.getdbt.com/reference/resource-properties/freshness).
struct FreshnessRun {
  let run: RunContext

  /// nil where the source does not ask for it.
  func run(_ source: SourceDefinition) -> FreshnessResult? {
    guard let freshness = source.freshness, freshness.warnAfter != nil || freshness.errorAfter != nil else { return nil }
    let began = Date()
    var result = FreshnessResult(uniqueID: source.uniqueID, status: .pass, criteria: freshness)
    do {
      try measure(source, freshness, &result)
    } catch {
      result.status = .runtimeError
      result.diagnostic = NodeFailure.diagnostic(error, at: nil, run)
    }
    result.executionTime = Date().timeIntervalSince(began)
    result.timing = [
      Timing(name: "compile", startedAt: began, completedAt: began), Timing(name: "execute", startedAt: began, completedAt: Date()),
    ]
    return result
  }

  private func measure(_ source: SourceDefinition, _ freshness: Freshness, _ result: inout FreshnessResult) throws {
    var node = Node(
      uniqueID: source.uniqueID, resourceType: .source, name: source.name, packageName: source.packageName, path: source.originalFilePath,
      originalFilePath: source.originalFilePath)
    node.schema = source.schema
    node.alias = source.identifier
    node.config = source.config
    let context = NodeContext(run, node)
    defer { context.end() }
    let relation = Value.object(context.object(Relation(schema: source.schema, identifier: source.identifier)))
    let answer: Value
    if let query = source.loadedAtQuery {
      answer = try context.callValue("collect_freshness_custom_sql", [relation, .string(try context.render(query, name: source.originalFilePath))])
    } else if let field = source.loadedAtField {
      answer = try context.callValue("collect_freshness", [relation, .string(field), freshness.filter.map { .string($0) } ?? Value.none])
    } else {
      throw Diagnostic(
        .compilation, "source.no-loaded-at",
        "Could not compute freshness for source \(source.name): no 'loaded_at_field' provided and SQLite does not support metadata-based freshness checks.",
        at: source.location, hint: "add loaded_at_field: _airbyte_extracted_at")
    }
    guard case .object(let object) = answer, case .object(let table)? = try object.attribute("table"), let table = table as? TableObject,
      let row = table.table.rows.first, let newest = row.first?.text, let time = CivilTime(iso: newest)
    else {
      throw Diagnostic(
        .database, "source.no-rows", "the freshness of \(source.searchName) cannot be found out: it has no rows with a time", at: source.location)
    }
    let now = row.count > 1 ? row[1].text.flatMap { CivilTime(iso: $0) } ?? DateTimeObject(Date()).time : DateTimeObject(Date()).time
    let age = Double(now.utcMicroseconds - time.utcMicroseconds) / 1_000_000
    result.age = age
    result.maxLoadedAt = CivilTime(microseconds: time.utcMicroseconds, offset: 0).iso()
    result.snapshottedAt = CivilTime(microseconds: now.utcMicroseconds, offset: 0).iso()
    if let limit = freshness.errorAfter, age > Double(limit.seconds) {
      result.status = .error
    } else if let limit = freshness.warnAfter, age > Double(limit.seconds) {
      result.status = .warn
    }
  }
}
