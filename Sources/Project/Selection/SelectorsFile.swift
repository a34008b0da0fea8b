import DataFormats
import Diagnostics
import OrderedCollections

/// Reads `selectors.yml` (docs.getdbt.com/reference/node-selection/yaml-selectors).
struct SelectorsFile {
  private let document: YAMLDocument
  private var selectors: OrderedDictionary<String, NamedSelector> = [:]

  /// The selectors of the project in `root`; none without the file.
  ///
  /// - Throws: `Diagnostic` (`selection.malformed`, `selection.unknown-method`, `yaml.malformed`).
  static func read(root: String, context: ConfigurationContext) throws -> OrderedDictionary<String, NamedSelector> {
    guard let text = try FileReader.text(FileReader.join(root, "selectors.yml"), name: "selectors.yml") else { return [:] }
    let document = try YAMLDocument(parsing: text, file: "selectors.yml")
    guard document.value != .null else { return [:] }
    let value = try context.render(document.value, document: document)
    var file = SelectorsFile(document: document)
    guard let list = value["selectors"]?.array else { throw file.malformed("selectors.yml holds a list 'selectors'", []) }
    for (index, entry) in list.enumerated() { try file.add(entry, ["selectors", .index(index)]) }
    return file.selectors
  }

  private init(document: YAMLDocument) {
    self.document = document
  }

  private func malformed(_ message: String, _ path: [YAMLDocument.Step], hint: String? = nil) -> Diagnostic {
    document.diagnostic(.configuration, "selection.malformed", message, at: path, hint: hint)
  }

  private mutating func add(_ entry: JSON, _ path: [YAMLDocument.Step]) throws {
    guard let name = entry["name"]?.plainText, let definition = entry["definition"], definition != .null else {
      throw malformed("a selector needs a name and a definition", path, hint: "write - name: nightly, and definition: 'tag:nightly'")
    }
    guard selectors[name] == nil else { throw malformed("there are two selectors named '\(name)'", path + ["name"], hint: "rename one of them") }
    var isDefault = entry["default"]?.bool ?? false
    if let text = entry["default"]?.string { isDefault = text.lowercased() == "true" }
    if isDefault, let other = selectors.values.first(where: \.isDefault) {
      throw malformed("two selectors are the default: '\(other.name)' and '\(name)'", path + ["default"], hint: "only one can be")
    }
    selectors[name] = NamedSelector(
      name: name, description: entry["description"]?.string ?? "", isDefault: isDefault, selector: try selector(definition, path + ["definition"]),
      definition: definition)
  }

  private func selector(_ definition: JSON, _ path: [YAMLDocument.Step]) throws -> Selector {
    switch definition {
    case .string(let text):
      do {
        return .criterion(try SelectionCriterion(parsing: text))
      } catch let error as Diagnostic {
        throw ConfigurationContext.placed(error, at: path, in: document)
      }
    case .object(let members):
      for key in ["union", "intersection"] {
        guard let value = members[key] else { continue }
        guard let list = value.array else { throw malformed("'\(key)' is a list", path + [.key(key)], hint: "put '- ' before each criterion") }
        return try combination(key, list, path + [.key(key)])
      }
      return try criterion(members, path)
    default:
      throw malformed("a definition is a text, a method with a value, a union or an intersection", path)
    }
  }

  private func combination(_ key: String, _ list: [JSON], _ path: [YAMLDocument.Step]) throws -> Selector {
    var parts: [Selector] = []
    var excluded: Selector?
    for (index, element) in list.enumerated() {
      if let exclusions = element["exclude"], element["method"] == nil {
        guard excluded == nil else { throw malformed("one exclude is enough in a set", path + [.index(index)], hint: "put all of them into one list") }
        excluded = try exclusion(exclusions, path + [.index(index), "exclude"])
      } else {
        parts.append(try selector(element, path + [.index(index)]))
      }
    }
    let base: Selector = key == "union" ? .union(parts) : .intersection(parts)
    return excluded.map { .difference(base, $0) } ?? base
  }

  private func exclusion(_ value: JSON, _ path: [YAMLDocument.Step]) throws -> Selector {
    guard let list = value.array else { throw malformed("'exclude' is a list", path, hint: "put '- ' before each criterion") }
    return .union(try list.enumerated().map { try selector($1, path + [.index($0)]) })
  }

  private func criterion(_ members: OrderedDictionary<String, JSON>, _ path: [YAMLDocument.Step]) throws -> Selector {
    var method = members["method"]?.string
    var value = members["value"]
    if members.count == 1, let only = members.elements.first {
      method = only.key
      value = only.value
    }
    guard let method, let value, value != .null else {
      throw malformed("a criterion is a method and a value", path, hint: "write method: tag, and value: nightly")
    }
    if method == "selector" {
      guard let named = selectors[value.plainText] else {
        throw malformed(
          "Existing selector definition for \(value.plainText) not found", path + ["value"],
          hint: Suggestion.didYouMean(value.plainText, among: selectors.keys) ?? "define it further up")
      }
      return named.selector
    }
    do {
      let parts = method.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      var criterion = SelectionCriterion(
        method: try SelectionCriterion.method(named: parts[0], in: method), arguments: Array(parts.dropFirst()), value: value.plainText)
      criterion.parents = members["parents"]?.bool ?? false
      criterion.parentsDepth = members["parents_depth"]?.int.map { Int($0) }
      criterion.children = members["children"]?.bool ?? false
      criterion.childrenDepth = members["children_depth"]?.int.map { Int($0) }
      criterion.childrensParents = members["childrens_parents"]?.bool ?? false
      if criterion.childrensParents && criterion.children {
        throw malformed("childrens_parents and children contradict each other", path, hint: "childrens_parents includes all descendants already")
      }
      if let indirect = members["indirect_selection"]?.string {
        guard let mode = IndirectSelection(rawValue: indirect) else {
          throw malformed("'\(indirect)' is no indirect selection", path + ["indirect_selection"], hint: "it is eager, cautious, buildable or empty")
        }
        criterion.indirect = mode
      }
      guard let excluded = members["exclude"] else { return .criterion(criterion) }
      return .difference(.criterion(criterion), try exclusion(excluded, path + ["exclude"]))
    } catch let error as Diagnostic where error.location == nil {
      throw ConfigurationContext.placed(error, at: path, in: document)
    }
  }
}
