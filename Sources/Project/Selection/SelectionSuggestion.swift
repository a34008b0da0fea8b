import DataFormats
import Diagnostics
import OrderedCollections

/// What a criterion that matches nothing may have meant.
struct SelectionSuggestion {
  let manifest: Manifest
  let members: [SelectableMember]

  /// A hint; nil if there is nothing to say.
  func hint(_ criterion: SelectionCriterion) -> String? {
    let value = criterion.value
    if criterion.method == .fqn, let other = elsewhere(value) { return other }
    guard let (what, names) = candidates(criterion) else { return nil }
    let unique = OrderedSet(names)
    if unique.contains(value) { return nil }
    if let near = Suggestion.didYouMean(value, among: unique) { return near }
    if unique.isEmpty { return "the project has no \(what)" }
    return unique.count <= 10 && criterion.method != .fqn ? "\(what) are \(unique.sorted().joined(separator: ", "))" : nil
  }

  /// A plain word that is no node, but something that another method finds.
  private func elsewhere(_ value: String) -> String? {
    if members.contains(where: { $0.tags.contains(value) }) { return "'\(value)' is a tag: write tag:\(value)" }
    if manifest.sources.values.contains(where: { $0.sourceName == value || $0.searchName == value }) { return "'\(value)' is a source: write source:\(value)" }
    if manifest.exposures.values.contains(where: { $0.name == value }) { return "'\(value)' is an exposure: write +exposure:\(value)" }
    if manifest.selectors[value] != nil { return "'\(value)' is a selector: write --selector \(value)" }
    return nil
  }

  private func candidates(_ criterion: SelectionCriterion) -> (what: String, names: [String])? {
    switch criterion.method {
    case .fqn: ("nodes", members.filter { $0.type != .test }.map(\.name) + members.filter { $0.type == .test }.map(\.name) + members.flatMap(\.fqn))
    case .tag: ("tags", members.flatMap(\.tags))
    case .source: ("sources", manifest.sources.values.flatMap { [$0.sourceName, $0.searchName] })
    case .package: ("packages", members.map(\.package))
    case .exposure: ("exposures", manifest.exposures.values.map(\.name))
    case .group: ("groups", manifest.groups.values.map(\.name))
    case .path: ("files", members.flatMap { folders($0.file) } + members.map(\.file))
    case .file: ("files", members.map { String($0.file.split(separator: "/").last ?? "") })
    case .testName: ("generic tests", manifest.nodes.values.compactMap { $0.testMetadata?.name })
    case .metric: ("metrics", names(.metric))
    case .semanticModel: ("semantic models", names(.semanticModel))
    case .savedQuery: ("saved queries", names(.savedQuery))
    case .unitTest: ("unit tests", names(.unitTest))
    case .access: ("kinds of access", ["private", "protected", "public"])
    case .config: ("values of \(criterion.arguments.joined(separator: "."))", values(criterion.arguments))
    default: nil
    }
  }

  private func names(_ type: ResourceType) -> [String] { members.filter { $0.type == type }.map(\.name) }

  /// The folders above a file: `models`, `models/staging`.
  private func folders(_ file: String) -> [String] {
    let parts = file.split(separator: "/").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: "/") }
  }

  private func values(_ path: [String]) -> [String] {
    manifest.nodes.values.flatMap { node -> [String] in
      var value: JSON? = .object(node.config.values)
      for part in path { value = value?[NodeConfiguration.canonical(part)] }
      switch value {
      case nil, .null: return []
      case .array(let elements): return elements.map(\.plainText)
      case .object(let members): return Array(members.keys)
      case .some(let scalar): return [scalar.plainText]
      }
    }
  }
}
