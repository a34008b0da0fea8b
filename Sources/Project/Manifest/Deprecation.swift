import Diagnostics

extension Manifest {
  /// Models that should have been gone by now (docs.getdbt.com/reference/resource-properties/deprecation_date).
  ///
  /// - Parameter today: the date in ISO 8601: `2026-01-31`.
  public func deprecations(today: String) -> [Diagnostic] {
    nodes.values.compactMap { node in
      guard let date = node.deprecationDate, date.prefix(10) < today else { return nil }
      let version = node.version.map { ".v\($0.plainText)" } ?? ""
      return Diagnostic(
        .configuration, "project.deprecated-model",
        "Model \(node.name)\(version) has passed its deprecation date of \(date). This model should be disabled or removed.", at: node.place,
        hint: "disable or remove it, or move its deprecation_date", severity: .warning)
    }
  }
}
