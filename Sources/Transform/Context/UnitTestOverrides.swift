import DataFormats
import Jinja
import OrderedCollections
import Project
import Warehouse

/// What a unit test puts in the place of the real thing while its model is compiled.
struct UnitTestOverrides: @unchecked Sendable {
  /// The unit test: what it gives no rows for is not there.
  var test: UnitTest?
  /// Fixtures by the unique id of the relation that they replace; each adds its common table expression and names it.
  var fixtures: [String: (NodeContext) throws -> RelationObject] = [:]
  /// The fixture of `this`.
  var this: RelationObject?
  /// The common table expression that `this` stands for.
  var thisCTEs: OrderedDictionary<String, String> = [:]
  /// Macros by name (`is_incremental`, `dbt_utils.star`), as functions.
  var macros: [String: Value] = [:]
  /// Variables.
  var variables: OrderedDictionary<String, JSON> = [:]
  /// Environment variables.
  var environment: [String: String] = [:]

  func environmentFunction(_ run: RunContext) -> Value {
    ConfigurationContext.environmentFunction(run.project.options.environment.merging(environment) { $1 })
  }
}
