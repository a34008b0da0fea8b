import DataFormats
import Diagnostics
import OrderedCollections

/// The freshness of a source table out of what its source and the table itself say, beside `config` and in it, in that order
/// (docs.getdbt.com/reference/resource-properties/freshness).
struct FreshnessRule {
  let entry: PropertyEntry
  let table: JSON
  let steps: [YAMLDocument.Step]

  /// The rule: nil where it is switched off by a null.
  ///
  /// - Parameter project: the rule of dbt_project.yml, which counts where the property file has none.
  /// - Throws: `Diagnostic` (`project.malformed-properties`).
  func freshness(project: JSON?) throws -> Freshness? {
    guard var rule = written else { return nil }
    if !FreshnessRule.isRule(rule), let project = project?.object { rule = project }
    guard !rule.isEmpty else { return nil }
    return Freshness(warnAfter: try period("warn_after", rule), errorAfter: try period("error_after", rule), filter: rule["filter"]?.string)
  }

  /// What the property file says, of all its levels; nil where a null switches it off.
  var written: OrderedDictionary<String, JSON>? {
    // What is not written is an empty rule, and not none.
    let levels = [entry.value["freshness"], entry.value["config"]?["freshness"], table["freshness"], table["config"]?["freshness"]]
    var merged: OrderedDictionary<String, JSON>? = levels[0] == .null ? nil : levels[0]?.object ?? [:]
    for level in levels.dropFirst() {
      let update: OrderedDictionary<String, JSON>? = level == .null ? nil : level?.object ?? [:]
      switch (merged, update) {
      case (let base?, let update?): merged = FreshnessRule.merged(base, update)
      case (nil, let update?) where FreshnessRule.isRule(update): merged = update
      default: merged = nil
      }
    }
    return merged
  }

  /// Half a period is completed by that of the level before, an empty one is that, and a null switches it off.
  private static func merged(
    _ base: OrderedDictionary<String, JSON>, _ update: OrderedDictionary<String, JSON>
  ) -> OrderedDictionary<String, JSON> {
    var result = base
    for (key, value) in update {
      if let half = value.object, let whole = result[key]?.object { result[key] = .object(whole.merging(half) { $1 }) } else { result[key] = value }
    }
    return result
  }

  private static func isRule(_ rule: OrderedDictionary<String, JSON>) -> Bool {
    ["warn_after", "error_after"].contains { rule[$0]?.object?.isEmpty == false }
  }

  private func period(_ key: String, _ rule: OrderedDictionary<String, JSON>) throws -> Freshness.Period? {
    guard let value = rule[key], value != .null else { return nil }
    guard let count = value["count"]?.int, let unit = value["period"]?.string else {
      if value.object?.isEmpty == true { return nil }
      throw entry.diagnostic(
        "project.malformed-properties", "'\(key)' needs a count and a period", at: steps + ["freshness", .key(key)],
        hint: "write \(key): {count: 12, period: hour}")
    }
    guard ["minute", "hour", "day"].contains(unit) else {
      throw entry.diagnostic(
        "project.malformed-properties", "'\(unit)' is not a period", at: steps + ["freshness", .key(key)], hint: "periods are minute, hour and day")
    }
    return Freshness.Period(count: Int(count), period: unit)
  }
}
