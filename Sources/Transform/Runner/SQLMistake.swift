import Diagnostics
import Project
import Warehouse

/// What the warehouse says of a statement, told as its author needs it: the place in the file that they wrote, and what they
/// may have meant.
struct SQLMistake {
  let context: NodeContext

  private var node: Node { context.node }

  /// What SQLite complains about.
  private enum Complaint {
    case table(String)
    case column(String)
    case function(String)
    case syntax(String)

    init?(_ message: String) {
      func rest(_ prefix: String) -> String? { message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : nil }
      if let name = rest("no such table: ") {
        self = .table(name)
      } else if let name = rest("no such column: ") ?? rest("ambiguous column name: ") {
        self = .column(name)
      } else if let name = rest("no such function: ") {
        self = .function(name)
      } else if let name = rest("near \""), let end = name.firstRange(of: "\": syntax error") {
        self = .syntax(String(name[..<end.lowerBound]))
      } else {
        return nil
      }
    }

    /// The word that is complained about.
    var word: String {
      switch self {
      case .table(let name), .column(let name): String(name.split(separator: ".").last ?? Substring(name))
      case .function(let name), .syntax(let name): name
      }
    }
  }

  /// `error` with place and suggestion, if it is about SQL.
  func explained(_ error: any Error) -> any Error {
    guard var diagnostic = error as? Diagnostic, diagnostic.category == .database, diagnostic.code == "warehouse.sql",
      let complaint = Complaint(diagnostic.message)
    else { return error }
    if diagnostic.hint == nil { diagnostic.hint = hint(complaint) }
    place(&diagnostic, complaint)
    return diagnostic
  }

  // MARK: Places

  private func place(_ diagnostic: inout Diagnostic, _ complaint: Complaint) {
    let subject = "\(node.resourceType.rawValue) \(node.name)"
    if node.testMetadata != nil {
      // The SQL of a generic test is a macro's: what its author wrote is the entry in the property file.
      diagnostic.trail.append("compiled SQL (\(context.run.relativeTargetPath)/compiled/\(node.outputPath))")
      diagnostic.location = node.place
      diagnostic.window = nil
      return
    }
    guard let compiled = context.compiledCode else { return }
    let lines = compiled.split(separator: "\n", omittingEmptySubsequences: false)
    guard let at = line(of: diagnostic, complaint, in: lines) else { return }
    let text = String(lines[at])
    let word = complaint.word
    if let (file, source, line) = SourceLines(context).find(text, word) {
      let column = SQLMistake.column(of: word, in: source.split(separator: "\n", omittingEmptySubsequences: false)[line - 1])
      diagnostic.location = SourceLocation(file: file, line: line, column: column, subject: subject)
      diagnostic.window = SourceWindow(source: source, line: line, column: column, length: column == nil ? 1 : word.count)
      if node.resourceType != .sqlOperation {
        diagnostic.trail.append("compiled SQL (\(context.run.relativeTargetPath)/compiled/\(node.outputPath):\(at + 1))")
      }
    } else {
      let column = SQLMistake.column(of: word, in: lines[at])
      diagnostic.location = SourceLocation(
        file: "\(context.run.relativeTargetPath)/compiled/\(node.outputPath)", line: at + 1, column: column, subject: subject)
      diagnostic.window = SourceWindow(source: compiled, line: at + 1, column: column, length: word.count)
    }
  }

  /// The line of the compiled SQL, counted from 0: the one that the warehouse's place shows, or the first that names the word.
  private func line(of diagnostic: Diagnostic, _ complaint: Complaint, in lines: [Substring]) -> Int? {
    guard let window = diagnostic.window, window.lines.indices.contains(window.line - window.firstLine) else {
      return lines.firstIndex { SQLMistake.column(of: complaint.word, in: $0) != nil }
    }
    // What was run is the compiled SQL with something around it: the line whose neighbours fit best is the one.
    let offset = window.line - window.firstLine
    let wanted = window.lines[offset]
    var best: (score: Int, line: Int)?
    for (index, line) in lines.enumerated() where line == wanted[...] || (index == 0 || index == lines.count - 1) && wanted.contains(line.trimmed) {
      var score = 0
      for (other, text) in window.lines.enumerated() {
        let at = index + other - offset
        if lines.indices.contains(at), lines[at] == text[...] { score += 1 }
      }
      guard !line.trimmed.isEmpty, score > best?.score ?? -1 else { continue }
      best = (score, index)
    }
    return best?.line
  }

  /// Where a word stands in a line, counted from 1.
  static func column(of word: String, in line: Substring) -> Int? {
    guard !word.isEmpty else { return nil }
    var rest = line
    while let range = rest.firstRange(of: word) {
      let before = range.lowerBound == line.startIndex ? nil : line[line.index(before: range.lowerBound)]
      let after = range.upperBound == line.endIndex ? nil : line[range.upperBound]
      let isWord = { (character: Character?) in character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false }
      let isPart = isWord(word.first) && isWord(before) || isWord(word.last) && isWord(after)
      if !isPart { return line.distance(from: line.startIndex, to: range.lowerBound) + 1 }
      rest = rest[range.upperBound...]
    }
    return nil
  }

  // MARK: Suggestions

  private func hint(_ complaint: Complaint) -> String? {
    switch complaint {
    case .table(let name): tableHint(name)
    case .column(let name): columnHint(name)
    case .function(let name):
      Suggestion.didYouMean(name, among: Set((try? context.run.adapter.query("SELECT name FROM pragma_function_list"))?.rows.compactMap { $0[0].text } ?? []))
        ?? "SQLite has no such function: macros of the package dbt (dbt.dateadd, dbt.split_part, …) are written in what it has"
    case .syntax(let word): syntaxHint(word)
    }
  }

  private func tableHint(_ written: String) -> String? {
    let name = written.split(separator: ".").last.map(String.init) ?? written
    let manifest = context.run.manifest
    func isNamed(_ schema: String, _ identifier: String) -> Bool {
      let rendered = context.run.adapter.render(Relation(schema: schema, identifier: identifier)).replacing("\"", with: "").lowercased()
      return [rendered, identifier.lowercased()].contains(written.lowercased()) || rendered == name.lowercased()
    }
    let nodes = manifest.nodes.values.filter(\.isRelational)
    if let found = nodes.first(where: { isNamed($0.schema, $0.alias) || $0.name.lowercased() == name.lowercased() }), found.uniqueID != node.uniqueID {
      return node.dependsOnNodes.contains(found.uniqueID)
        ? "'\(found.name)' is not built yet: scv build --select +\(node.resourceType == .test ? found.name : node.name)"
        : "'\(found.name)' is a \(found.resourceType.rawValue) of this project: write {{ ref('\(found.name)') }}, so that it is built first"
    }
    if let found = manifest.sources.values.first(where: { isNamed($0.schema, $0.identifier) }) {
      return node.dependsOnNodes.contains(found.uniqueID)
        ? "the source is declared, and the warehouse does not have the table: load it first, or correct schema and identifier of the source"
        : "it is a source: write {{ source('\(found.sourceName)', '\(found.name)') }}"
    }
    let existing = ((try? context.run.adapter.schemas()) ?? []).flatMap { (try? context.run.adapter.relations(in: $0)) ?? [] }.map(\.identifier)
    guard let nearest = Suggestion.nearest(to: name, among: Set(nodes.map(\.name) + existing), limit: 1).first else { return nil }
    return nodes.contains { $0.name == nearest } ? "did you mean {{ ref('\(nearest)') }}?" : "did you mean '\(nearest)'?"
  }

  private func columnHint(_ written: String) -> String? {
    let name = written.split(separator: ".").last.map(String.init) ?? written
    let manifest = context.run.manifest
    var tables: [(name: String, columns: [String])] = []
    for id in node.dependsOnNodes {
      let relation: (Relation, String)? =
        manifest.nodes[id].flatMap { $0.isRelational ? (Relation(schema: $0.schema, identifier: $0.alias), $0.name) : nil }
        ?? manifest.sources[id].map { (Relation(schema: $0.schema, identifier: $0.identifier), $0.searchName) }
      guard let (relation, title) = relation, let columns = try? context.run.adapter.columns(of: relation), !columns.isEmpty else { continue }
      tables.append((title, columns.map(\.name)))
    }
    let aliases = context.compiledCode.map(SQLText.aliases) ?? []
    if let hint = Suggestion.didYouMean(name, among: Set(tables.flatMap(\.columns) + aliases)) { return hint }
    guard tables.count == 1, let table = tables.first, table.columns.count <= 24 else { return nil }
    return "columns of \(table.name) are \(table.columns.joined(separator: ", "))"
  }

  private func syntaxHint(_ word: String) -> String? {
    guard let compiled = context.compiledCode else { return nil }
    let lower = word.lowercased()
    if ["from", ")", "where", "group", "order"].contains(lower), SQLText.hasCommaBefore(lower, in: compiled) { return "there is a comma too many before it" }
    let foreign = [
      "qualify": "SQLite has no QUALIFY: filter on the window function in an outer query",
      "except": "SQLite has no SELECT * EXCEPT: name the columns, or use dbt_utils.star",
    ]
    return foreign[lower]
      ?? Suggestion.didYouMean(
        lower, among: ["select", "from", "where", "group", "order", "having", "join", "inner", "left", "limit", "union", "with", "distinct", "between"])
  }
}

/// Finds what a line of compiled SQL was written as: in the node's own file, or in a macro that it calls.
private struct SourceLines {
  let context: NodeContext

  init(_ context: NodeContext) { self.context = context }

  /// File, its text (padded, so that lines are those of the file) and line, counted from 1.
  func find(_ line: String, _ word: String) -> (file: String, source: String, line: Int)? {
    let node = context.node
    let isInline = node.resourceType == .sqlOperation
    let padding = String(repeating: "\n", count: max(0, node.firstLine - 1))
    if let found = SourceLines.find(line, word, in: node.rawCode) {
      return (isInline ? "--inline" : node.location.file ?? node.originalFilePath, padding + node.rawCode, found + padding.count)
    }
    // The macros that the node calls, and those that they call in turn.
    var waiting = node.dependsOnMacros[...]
    var seen = Set(waiting)
    while let id = waiting.popFirst() {
      guard let macro = context.run.manifest.macros[id] else { continue }
      waiting += macro.dependsOnMacros.filter { seen.insert($0).inserted }
      guard !context.run.manifest.macroResolver.isBuiltin(id), let found = SourceLines.find(line, word, in: macro.macroSQL)
      else { continue }
      let padding = String(repeating: "\n", count: max(0, macro.firstLine - 1))
      return (macro.originalFilePath, padding + macro.macroSQL, found + padding.count)
    }
    return nil
  }

  /// The line of `source` that became `line`: the same one; or the only one that holds the word and whose text outside of
  /// Jinja is all there.
  private static func find(_ line: String, _ word: String, in source: String) -> Int? {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = line.trimmed
    if let same = lines.firstIndex(where: { $0.trimmed == wanted }) { return same + 1 }
    let holding = lines.indices.filter { SQLMistake.column(of: word, in: lines[$0]) != nil && literals(of: lines[$0]).allSatisfy(wanted.contains) }
    return holding.first.map { $0 + 1 }
  }

  /// The parts of a line outside of `{{ }}`, `{% %}` and `{# #}`.
  private static func literals(of line: Substring) -> [String] {
    var parts: [String] = []
    var rest = line
    while let open = rest.firstIndex(of: "{") {
      parts.append(rest[..<open].trimmed)
      guard let close = rest[open...].firstRange(of: "}}") ?? rest[open...].firstRange(of: "%}") ?? rest[open...].firstRange(of: "#}") else { return parts }
      rest = rest[close.upperBound...]
    }
    return (parts + [rest.trimmed]).filter { !$0.isEmpty }
  }
}
