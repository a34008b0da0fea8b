import DataFormats
import Diagnostics
import Jinja
import Project

/// The comment that statements bear in the log: `query-comment` of the project
/// (docs.getdbt.com/reference/project-configs/query-comment). SQLite keeps no log of queries in which it would be of use.
struct QueryComment: Sendable {
  private let profile: Profile
  /// The template; nil for dbt's own comment.
  private let template: String?
  private let isNone: Bool
  private let isAppended: Bool

  init(_ project: LoadedProject) {
    profile = project.profile
    let setting = project.configuration.queryComment
    template = setting?.string ?? setting?["comment"]?.string
    isAppended = setting?["append"]?.bool ?? false
    isNone = setting == .null || template?.isEmpty == true
  }

  /// Whether the project says what the comment is.
  var isCustom: Bool { template != nil && !isNone }

  /// `sql` with the comment for the node of `context`.
  ///
  /// - Throws: `Diagnostic` (`project.query-comment`) if the comment would end before its end.
  func adding(to sql: String, _ context: NodeContext) throws -> String {
    guard let comment = try comment(context)?.trimmed, !comment.isEmpty else { return sql }
    guard !comment.contains("*/") else {
      throw Diagnostic(
        .configuration, "project.query-comment", "query comment contains illegal value \"*/\": \(comment)",
        at: SourceLocation(file: "dbt_project.yml", subject: "query-comment"), hint: "take the \"*/\" out: it ends the comment")
    }
    guard isAppended else { return "/* \(comment) */\n\(sql)" }
    let body = sql.trimmed
    return body.hasSuffix(";") ? "\(body.dropLast())\n/* \(comment) */;" : "\(body)\n/* \(comment) */"
  }

  private func comment(_ context: NodeContext) throws -> String? {
    if isNone { return nil }
    let id = context.node.uniqueID
    guard let template else {
      let comment: JSON = [
        "app": "dbt", "dbt_version": .string(PureFunctions.dbtVersion), "profile_name": .string(profile.profileName),
        "target_name": .string(profile.targetName), "node_id": .string(id),
      ]
      return comment.dumped()
    }
    // As a macro, so that it may `return`.
    let source = "{%- macro query_comment_macro(connection_name, node) -%}\n\(template)\n{%- endmacro -%}"
    let read = try context.run.macros.environment.template(source, name: "query-comment")
    guard let definition = read.macro(named: "query_comment_macro") else { return nil }
    return try read.bind(definition, to: context.context)([.string(id), context.context.value(of: "model") ?? Value.none]).str()
  }
}
