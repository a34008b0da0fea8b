import DataFormats
import Diagnostics
import Jinja
import Project
import Warehouse

/// The contract of a model: columns with types and constraints, that its query must agree with
/// (docs.getdbt.com/reference/resource-configs/contract).
struct Constraints {
  private let node: NodeContext
  private var adapter: any Adapter { node.run.adapter }

  init(_ node: NodeContext) {
    self.node = node
  }

  /// One clause a column: `id integer not null primary key`.
  func columns() throws -> [String] {
    try node.node.columns.values.map { column in
      let name = column.quote == true ? adapter.quote(column.name) : column.name
      let clauses = try column.constraints.compactMap { try clause($0, isColumn: true) }
      return ([name, column.dataType ?? ""] + clauses).filter { !$0.isEmpty }.joined(separator: " ")
    }
  }

  /// The clauses of the table as a whole.
  func model() throws -> [String] {
    try node.node.constraints.compactMap { try clause($0, isColumn: false) }
  }

  private func clause(_ constraint: JSON, isColumn: Bool) throws -> String? {
    let written = constraint["expression"]?.string ?? ""
    let expression = try node.render(written, name: node.node.originalFilePath)
    let columns = (constraint["columns"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
    let prefix = isColumn ? "" : constraint["name"]?.string.map { "constraint \($0) " } ?? ""
    switch constraint["type"]?.string {
    case "not_null": return isColumn ? "not null" + (expression.isEmpty ? "" : " " + expression) : nil
    case "unique": return prefix + (isColumn ? "unique" : "unique (\(columns))")
    case "primary_key": return prefix + (isColumn ? "primary key" : "primary key (\(columns))")
    case "check": return expression.isEmpty ? nil : prefix + "check (\(expression))"
    case "foreign_key":
      var target = local(expression)
      if let to = constraint["to"]?.string, let other = constraint["to_columns"]?.array {
        let relation = try GenericTestArguments.value(.string(to), node)
        let name = try RelationObject.from(relation)?.withoutSchema ?? relation.str()
        target = "\(name) (\(other.compactMap(\.string).joined(separator: ", ")))"
      }
      guard !target.isEmpty else { return nil }
      return prefix + (isColumn ? "references \(target)" : "foreign key (\(columns)) references \(target)")
    case "custom": return expression.isEmpty ? nil : prefix + expression
    default: return nil
    }
  }

  /// What a foreign key refers to, without the schema: SQLite takes a table of the same file only.
  private func local(_ target: String) -> String {
    let end = target.firstIndex(of: "(") ?? target.endIndex
    let parts = target[..<end].split(separator: ".").map { $0.trimmed.replacing("\"", with: "") }
    guard parts.count > 1, let name = parts.last else { return target }
    let relation = Relation(schema: parts[parts.count - 2], identifier: name)
    return node.object(relation).withoutSchema + " " + target[end...]
  }

  /// Checks that the query gives just the declared columns, of the declared types where SQLite knows types.
  ///
  /// - Throws: `Diagnostic` (`transform.contract`) with both lists side by side.
  func check(_ sql: String) throws {
    guard !node.node.columns.isEmpty else {
      throw Diagnostic(
        .compilation, "transform.contract", "This model has an enforced contract, and its 'columns' specification is missing", at: node.node.place,
        hint: "list its columns with name and data_type in a property file")
    }
    let untyped = node.node.columns.values.filter { ($0.dataType ?? "").isEmpty }.map { "'\($0.name)'" }
    guard untyped.isEmpty else {
      throw Diagnostic(
        .compilation, "transform.contract",
        "Contracted models require data_type to be defined for each column. Please ensure that the column name and data_type are defined within the "
          + "YAML configuration for the [\(untyped.joined(separator: ", "))] column(s).", at: node.node.place)
    }
    let found = try QueryTypes(node: node).columns(of: sql)
    let wanted = node.node.columns.values
    var rows: [[String]] = []
    for column in found {
      guard let contract = wanted.first(where: { $0.name.lowercased() == column.name.lowercased() }) else {
        rows.append([column.name, column.type.uppercased(), "", "missing in contract"])
        continue
      }
      let type = contract.dataType ?? ""
      guard let given = ContractType(column.type), let shallBe = ContractType(type), !shallBe.takes(given) else { continue }
      rows.append([column.name, column.type.uppercased(), type.uppercased(), "data type mismatch"])
    }
    for column in wanted where !found.contains(where: { $0.name.lowercased() == column.name.lowercased() }) {
      rows.append([column.name, "", (column.dataType ?? "").uppercased(), "missing in definition"])
    }
    guard !rows.isEmpty || found.count != wanted.count else { return }
    rows.sort { $0[0] < $1[0] }
    throw Diagnostic(
      .compilation, "transform.contract",
      "This model has an enforced contract that failed.\n"
        + "Please ensure the name, data_type, and number of columns in your contract match the columns in your model's definition.\n\n"
        + ResultTable(
          Table(columns: ["column_name", "definition_type", "contract_type", "mismatch_reason"], rows: rows.map { $0.map { .text($0) } })
        ).text(),
      at: node.node.place)
  }
}
