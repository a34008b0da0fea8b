import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// Finds `{% docs name %} … {% enddocs %}` in Markdown; whatever else looks like Jinja in it is left alone.
enum DocumentationBlocks {
  /// Name and text of every block.
  ///
  /// - Throws: `Diagnostic` (`project.malformed-docs`) for a block that does not end.
  static func blocks(_ source: String, file: String) throws -> [(name: String, contents: String)] {
    var found: [(name: String, contents: String)] = []
    var rest = source[...]
    while let opening = rest.firstRange(of: "{%") {
      let head = rest[opening.upperBound...]
      guard let closing = head.firstRange(of: "%}") else { break }
      let words = head[..<closing.lowerBound].split { $0 == " " || $0 == "-" || $0 == "\n" || $0 == "\t" || $0 == "+" }
      rest = head[closing.upperBound...]
      guard words.first == "docs", words.count == 2 else { continue }
      guard let (body, after) = end(of: rest) else {
        let line = source[..<opening.lowerBound].count { $0.isNewline } + 1
        throw Diagnostic(
          .compilation, "project.malformed-docs", "the block '\(words[1])' does not end", at: SourceLocation(file: file, line: line),
          window: SourceWindow(source: source, line: line), hint: "end it with {% enddocs %}")
      }
      found.append((String(words[1]), String(body).trimmingBlanks))
      rest = after
    }
    return found
  }

  private static func end(of text: Substring) -> (body: Substring, after: Substring)? {
    var rest = text
    while let opening = rest.firstRange(of: "{%") {
      let head = rest[opening.upperBound...]
      guard let closing = head.firstRange(of: "%}") else { return nil }
      let words = head[..<closing.lowerBound].split { $0 == " " || $0 == "-" || $0 == "\n" || $0 == "\t" || $0 == "+" }
      if words == ["enddocs"] { return (text[..<opening.lowerBound], head[closing.upperBound...]) }
      rest = head[closing.upperBound...]
    }
    return nil
  }
}

/// Fills `doc()` into descriptions.
struct DescriptionRenderer: Sendable {
  let docs: OrderedDictionary<String, DocumentationBlock>
  let rootPackage: String
  let configuration: ConfigurationContext

  /// The description rendered, and the documentation blocks that it used.
  ///
  /// - Throws: `Diagnostic` (`project.unknown-docs`), or that of the template.
  func render(_ text: String, package: String) throws -> (text: String, blocks: [String]) {
    guard ProjectTemplates.isTemplate(text) else { return (text, []) }
    let used = UsedBlocks()
    let context = configuration.renderContext()
    context.variables["doc"] = Value(function: "doc") { [self] call in
      let names = call.positional.compactMap(\.text)
      guard names.count == call.positional.count, (1...2).contains(names.count) else { throw Fault(.type, "doc() takes a name, or a package and a name") }
      guard let block = find(names, package) else {
        throw Diagnostic(
          .compilation, "project.unknown-docs", "Documentation for '\(names.joined(separator: "."))' not found", at: call.location,
          hint: Suggestion.didYouMean(names[names.count - 1], among: docs.values.map(\.name))
            ?? "write it in a .md file: {% docs \(names[names.count - 1]) %} … {% enddocs %}")
      }
      used.ids.append(block.uniqueID)
      return .string(block.contents)
    }
    let rendered = try ProjectTemplates.environment.template(text, name: configuration.name).render(in: context)
    return (rendered, Array(used.ids))
  }

  private func find(_ names: [String], _ package: String) -> DocumentationBlock? {
    if names.count == 2 { return docs["doc.\(names[0]).\(names[1])"] }
    return docs["doc.\(package).\(names[0])"] ?? docs["doc.\(rootPackage).\(names[0])"] ?? docs.values.first { $0.name == names[0] }
  }

  private final class UsedBlocks: @unchecked Sendable {
    var ids: OrderedSet<String> = []
  }
}
