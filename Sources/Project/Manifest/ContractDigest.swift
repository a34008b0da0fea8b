import Crypto
import DataFormats
import Jinja

/// The digest of an enforced contract, as dbt computes it (`contract.checksum` in the manifest): the same contract bears the
/// same digest in the artifacts of both.
enum ContractDigest {
  /// SHA-256, in hexadecimal, of names, types and constraints of the columns, by name, and of what a table enforces as a whole.
  static func text(_ node: Node) -> String {
    var text = ""
    for column in node.columns.values.sorted(by: { $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars) }) {
      text += "|\(column.name)\(column.dataType ?? "None")\(list(column.constraints, "ColumnLevelConstraint"))"
    }
    let materialized = node.config["materialized"]?.string ?? "view"
    if BrokenContract.enforcesConstraints(materialized) { text += materialized + list(node.constraints, "ModelLevelConstraint") }
    return PureFunctions.hexadecimal(SHA256.hash(data: Array(text.utf8)))
  }

  /// Constraints as Python shows a list of its data classes.
  private static func list(_ constraints: [JSON], _ name: String) -> String {
    let texts = constraints.map { constraint in
      let type = constraint["type"]?.string ?? ""
      var members = ["type=<ConstraintType.\(type): '\(type)'>"]
      for key in ["name", "expression"] { members.append("\(key)=\(shown(constraint[key]))") }
      for key in ["warn_unenforced", "warn_unsupported"] { members.append("\(key)=\(constraint[key]?.bool ?? true ? "True" : "False")") }
      members.append("to=\(shown(constraint["to"]))")
      members.append("to_columns=\(shown(constraint["to_columns"] ?? .array([])))")
      if name.hasPrefix("Model") { members.append("columns=\(shown(constraint["columns"] ?? .array([])))") }
      return "\(name)(\(members.joined(separator: ", ")))"
    }
    return "[" + texts.joined(separator: ", ") + "]"
  }

  private static func shown(_ value: JSON?) -> String { Value(json: value ?? .null).representation }
}
