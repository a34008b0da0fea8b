import DataFormats
import Diagnostics
import OrderedCollections

extension Manifest {
  /// What a request selects (docs.getdbt.com/reference/node-selection/syntax).
  ///
  /// - Throws: `Diagnostic` (`selection.malformed`, `selection.unknown-method`, `selection.unknown-selector`,
  ///   `selection.bad-value`, `selection.no-state`).
  public func select(_ request: SelectionRequest) throws -> Selection {
    var selector = NodeSelector(manifest: self, request: request)
    return try selector.select()
  }
}

/// Evaluates a selection over a manifest.
struct NodeSelector {
  let manifest: Manifest
  let request: SelectionRequest
  let members: [SelectableMember]
  let state: StateComparison?
  private var warnings: [Diagnostic] = []
  /// Whether nobody said what to select.
  private var isDefault = false

  init(manifest: Manifest, request: SelectionRequest) {
    self.manifest = manifest
    self.request = request
    members = SelectableMember.all(manifest)
    state = request.previous.flatMap { previous in previous.manifest.map { StateComparison(manifest: manifest, previous: $0) } }
  }

  /// What is selected directly, and tests that may join when all they need is there.
  private struct Found {
    var direct: Set<String>
    var indirect: Set<String>
  }

  mutating func select() throws -> Selection {
    isDefault = request.select.isEmpty && request.selectorName == nil
    var found = try evaluate(try included())
    isDefault = false
    if !request.exclude.isEmpty {
      let excluded = try evaluate(try Selector(parsing: request.exclude, indirect: request.indirect))
      found = combine([found, excluded]) { $0.subtracting($1) }
    }
    var ids = found.direct
    if let types = request.resourceTypes { ids = ids.filter { manifest.resourceType(of: $0).map(types.contains) ?? false } }
    if !request.excludedResourceTypes.isEmpty {
      ids = ids.filter { !(manifest.resourceType(of: $0).map(request.excludedResourceTypes.contains) ?? false) }
    }
    var order = manifest.graph.topologicalOrder.filter(ids.contains)
    if order.count < ids.count { order += ids.subtracting(order).sorted() }
    return Selection(ids: order, warnings: warnings)
  }

  private func included() throws -> Selector {
    if let name = request.selectorName { return try named(name) }
    if !request.select.isEmpty { return try Selector(parsing: request.select, indirect: request.indirect) }
    if let selector = manifest.selectors.values.first(where: \.isDefault) { return selector.selector }
    return .union(
      ["fqn:*", "source:*", "exposure:*", "metric:*", "semantic_model:*", "saved_query:*"].compactMap { word in
        (try? SelectionCriterion(parsing: word, indirect: request.indirect)).map { Selector.criterion($0) }
      })
  }

  private func named(_ name: String) throws -> Selector {
    if let selector = manifest.selectors[name] { return selector.selector }
    let names = manifest.selectors.keys
    throw Diagnostic(
      .configuration, "selection.unknown-selector", "Could not find selector named \(name), expected one of \(Array(names))",
      at: SourceLocation(file: "selectors.yml"),
      hint: Suggestion.didYouMean(name, among: names) ?? (names.isEmpty ? "define it in selectors.yml" : "selectors are \(names.joined(separator: ", "))"))
  }

  // MARK: Expressions

  private mutating func evaluate(_ selector: Selector) throws -> Found {
    switch selector {
    case .criterion(let criterion):
      if criterion.method == .selector { return try evaluate(try named(criterion.value)) }
      return try evaluate(criterion)
    case .union(let parts):
      return combine(try evaluateAll(parts)) { $0.union($1) }
    case .intersection(let parts):
      let found = try evaluateAll(parts)
      let result = combine(found) { $0.intersection($1) }
      if result.direct.isEmpty, let first = parts.first, case .criterion(let criterion) = first { warn(parts, criterion) }
      return result
    case .difference(let first, let second):
      return combine([try evaluate(first), try evaluate(second)]) { $0.subtracting($1) }
    }
  }

  private mutating func evaluateAll(_ parts: [Selector]) throws -> [Found] {
    var found: [Found] = []
    for part in parts { found.append(try evaluate(part)) }
    return found
  }

  /// Combines the direct parts, then lets tests join all of whose nodes came together only now.
  private func combine(_ parts: [Found], _ operation: (Set<String>, Set<String>) -> Set<String>) -> Found {
    guard let first = parts.first else { return Found(direct: [], indirect: []) }
    guard parts.count > 1 else { return first }
    var direct = parts.dropFirst().reduce(first.direct) { operation($0, $1.direct) }
    let candidates = parts.dropFirst().reduce(first.direct.union(first.indirect)) { operation($0, $1.direct.union($1.indirect)) }
    if candidates != direct, request.indirect == .cautious || request.indirect == .buildable {
      let reachable = request.indirect == .buildable ? direct.union(manifest.graph.ancestors(of: direct)) : direct
      for id in candidates where isTest(id) && Set(manifest.graph.parents(of: id)).isSubset(of: reachable) { direct.insert(id) }
    }
    return Found(direct: direct, indirect: candidates.subtracting(direct))
  }

  private func isTest(_ id: String) -> Bool { manifest.nodes[id]?.resourceType == .test || manifest.unitTests[id] != nil }

  private mutating func evaluate(_ criterion: SelectionCriterion) throws -> Found {
    var selected = try matches(criterion)
    let graph = manifest.graph
    let start = selected
    if criterion.childrensParents {
      selected.formUnion(graph.descendants(of: start))
      selected.formUnion(graph.ancestors(of: selected))
    }
    if criterion.parents { selected.formUnion(graph.ancestors(of: start, depth: criterion.parentsDepth)) }
    if criterion.children { selected.formUnion(graph.descendants(of: start, depth: criterion.childrenDepth)) }
    return expanded(selected, criterion.indirect)
  }

  /// Adds the tests that come along.
  private func expanded(_ selected: Set<String>, _ indirect: IndirectSelection) -> Found {
    guard indirect != .empty else { return Found(direct: selected, indirect: []) }
    var found = Found(direct: selected, indirect: [])
    let reachable = indirect == .buildable ? selected.union(manifest.graph.ancestors(of: selected)).union(manifest.sources.keys) : selected
    for id in selected {
      for child in manifest.graph.children(of: id) where isTest(child) && !selected.contains(child) {
        if indirect == .eager || manifest.graph.parents(of: child).allSatisfy(reachable.contains) {
          found.direct.insert(child)
        } else {
          found.indirect.insert(child)
        }
      }
    }
    return found
  }

  private mutating func warn(_ parts: [Selector], _ first: SelectionCriterion) {
    let raw = parts.compactMap { if case .criterion(let criterion) = $0 { criterion.raw } else { nil } }.joined(separator: ",")
    // The default criteria select what there is, also nothing.
    guard !isDefault else { return }
    let warning = Diagnostic(
      .usage, "selection.empty", "The selection criterion '\(raw)' does not match any enabled nodes",
      hint: SelectionSuggestion(manifest: manifest, members: members).hint(first), severity: .warning)
    if !warnings.contains(warning) { warnings.append(warning) }
  }

  // MARK: Criteria

  private mutating func matches(_ criterion: SelectionCriterion) throws -> Set<String> {
    let found = try SelectionMethods(manifest: manifest, members: members, state: state, request: request).matches(criterion)
    if criterion.method == .state, ["modified", "unmodified", "modified.contract"].contains(criterion.value) {
      for warning in (state?.contractWarnings ?? []) + (state?.seedWarnings ?? []) where !warnings.contains(warning) { warnings.append(warning) }
    }
    return found
  }
}
