import Diagnostics

/// What depends on what: a directed acyclic graph of unique ids.
///
/// Edges run from what is read to what reads it (parent to child).
public struct Graph: Sendable {
  /// All unique ids, in the order in which they were given.
  public let ids: [String]
  private let indices: [String: Int32]
  private let parentLists: [[Int32]]
  private let childLists: [[Int32]]
  /// All ids, parents before children; among equals by depth, then in the order of `ids`.
  public let topologicalOrder: [String]
  private let depths: [Int32]

  /// A graph of nothing.
  public static let empty = Graph(ids: [], indices: [:], parentLists: [], childLists: [], topologicalOrder: [], depths: [])

  private init(
    ids: [String], indices: [String: Int32], parentLists: [[Int32]], childLists: [[Int32]], topologicalOrder: [String], depths: [Int32]
  ) {
    self.ids = ids
    self.indices = indices
    self.parentLists = parentLists
    self.childLists = childLists
    self.topologicalOrder = topologicalOrder
    self.depths = depths
  }

  /// A graph of `parents`: every id with the ids that it depends on. Ids that are named as parents only are left out.
  ///
  /// - Throws: `CycleError` if something depends on itself, directly or by way of others.
  public init(_ parents: [(id: String, parents: [String])]) throws(CycleError) {
    let ids = parents.map(\.id)
    var indices = [String: Int32](minimumCapacity: ids.count)
    for (index, id) in ids.enumerated() { indices[id] = Int32(index) }
    var parentLists = [[Int32]](repeating: [], count: ids.count)
    var childLists = [[Int32]](repeating: [], count: ids.count)
    for (index, entry) in parents.enumerated() where indices[entry.id] == Int32(index) {
      var seen: Set<Int32> = []
      for parent in entry.parents {
        guard let parentIndex = indices[parent], seen.insert(parentIndex).inserted else { continue }
        parentLists[index].append(parentIndex)
        childLists[Int(parentIndex)].append(Int32(index))
      }
    }
    var missing = parentLists.map(\.count)
    var depths = [Int32](repeating: 0, count: ids.count)
    var layer = ids.indices.filter { missing[$0] == 0 }
    var order: [String] = []
    order.reserveCapacity(ids.count)
    while !layer.isEmpty {
      var next: [Int] = []
      for index in layer {
        order.append(ids[index])
        for child in childLists[index] {
          depths[Int(child)] = max(depths[Int(child)], depths[index] + 1)
          missing[Int(child)] -= 1
          if missing[Int(child)] == 0 { next.append(Int(child)) }
        }
      }
      layer = next.sorted()
    }
    guard order.count == ids.count else {
      throw CycleError(cycle: Graph.cycle(among: missing, parentLists).map { ids[$0] })
    }
    self.init(ids: ids, indices: indices, parentLists: parentLists, childLists: childLists, topologicalOrder: order, depths: depths)
  }

  /// A walk from parent to parent among what could not be ordered: it must come round.
  private static func cycle(among missing: [Int], _ parentLists: [[Int32]]) -> [Int] {
    guard var at = missing.indices.first(where: { missing[$0] > 0 }) else { return [] }
    var path: [Int] = []
    var position: [Int: Int] = [:]
    while position[at] == nil {
      position[at] = path.count
      path.append(at)
      guard let parent = parentLists[at].first(where: { missing[Int($0)] > 0 }) else { break }
      at = Int(parent)
    }
    // Parent to parent is against the flow of data; turn it round.
    return path[(position[at] ?? 0)...].reversed()
  }

  /// Whether the id is in the graph.
  public func contains(_ id: String) -> Bool { indices[id] != nil }

  /// What `id` depends on directly; empty for unknown ids.
  public func parents(of id: String) -> [String] {
    indices[id].map { parentLists[Int($0)].map { ids[Int($0)] } } ?? []
  }

  /// What depends on `id` directly; empty for unknown ids.
  public func children(of id: String) -> [String] {
    indices[id].map { childLists[Int($0)].map { ids[Int($0)] } } ?? []
  }

  /// The length of the longest way from something without parents to `id`; 0 for unknown ids.
  public func depth(of id: String) -> Int {
    indices[id].map { Int(depths[Int($0)]) } ?? 0
  }

  /// Everything that `start` depends on, up to `depth` steps away, without `start` itself unless it is reached.
  public func ancestors(of start: some Sequence<String>, depth: Int? = nil) -> Set<String> {
    reach(start, parentLists, depth)
  }

  /// Everything that depends on `start`, up to `depth` steps away, without `start` itself unless it is reached.
  public func descendants(of start: some Sequence<String>, depth: Int? = nil) -> Set<String> {
    reach(start, childLists, depth)
  }

  private func reach(_ start: some Sequence<String>, _ lists: [[Int32]], _ depth: Int?) -> Set<String> {
    var seen = [Bool](repeating: false, count: ids.count)
    var layer = start.compactMap { indices[$0] }
    var found: Set<String> = []
    var steps = 0
    while !layer.isEmpty, depth.map({ steps < $0 }) ?? true {
      var next: [Int32] = []
      for index in layer {
        for neighbour in lists[Int(index)] where !seen[Int(neighbour)] {
          seen[Int(neighbour)] = true
          found.insert(ids[Int(neighbour)])
          next.append(neighbour)
        }
      }
      layer = next
      steps += 1
    }
    return found
  }

  /// The graph of `selected` alone, where a way through things left out counts as an edge: what a runner schedules by.
  public func subgraph(of selected: Set<String>) -> Graph {
    var isSelected = [Bool](repeating: false, count: ids.count)
    for id in selected { if let index = indices[id] { isSelected[Int(index)] = true } }
    // For what is left out: the nearest selected things above it. In topological order each is known when it is needed.
    var above = [Set<Int32>](repeating: [], count: ids.count)
    var entries: [(id: String, parents: [String])] = []
    for id in topologicalOrder {
      guard let index = indices[id] else { continue }
      var nearest: Set<Int32> = []
      for parent in parentLists[Int(index)] {
        if isSelected[Int(parent)] { nearest.insert(parent) } else { nearest.formUnion(above[Int(parent)]) }
      }
      if isSelected[Int(index)] {
        entries.append((id, nearest.sorted().map { ids[Int($0)] }))
      } else {
        above[Int(index)] = nearest
      }
    }
    // A part of an acyclic graph is acyclic.
    return (try? Graph(entries)) ?? .empty
  }

  /// The graph in which what reads a tested node also waits for the node's tests, as `build` runs it.
  ///
  /// A test of one node holds back the node's children; a test of several nodes holds back what depends on all of them.
  /// Other tests are never held back.
  ///
  /// - Parameter isTest: whether an id is a data test or unit test.
  public func addingTestEdges(isTest: (String) -> Bool) -> Graph {
    var extra: [Int32: [Int32]] = [:]
    let testFlags = ids.map(isTest)
    for test in ids.indices where testFlags[test] {
      for held in heldBack(by: test) where !testFlags[Int(held)] { extra[held, default: []].append(Int32(test)) }
    }
    let entries = ids.indices.map { index in
      (id: ids[index], parents: (parentLists[index] + (extra[Int32(index)] ?? [])).map { ids[Int($0)] })
    }
    return (try? Graph(entries)) ?? self
  }

  /// The graph in which each of some ids comes before what it depends on directly, and after what that depends on: unit
  /// tests in `build`, which run before the model that they test.
  ///
  /// - Parameter moved: whether an id is moved; what is moved has no children.
  public func movingBeforeParents(_ moved: (String) -> Bool) -> Graph {
    let flags = ids.map(moved)
    guard flags.contains(true) else { return self }
    let entries = ids.indices.map { index -> (id: String, parents: [String]) in
      let parents = parentLists[index]
      guard flags[index] else { return (ids[index], (parents + childLists[index].filter { flags[Int($0)] }).map { ids[Int($0)] }) }
      return (ids[index], parents.flatMap { parentLists[Int($0)] }.map { ids[Int($0)] })
    }
    return (try? Graph(entries)) ?? self
  }

  /// The nearest things that must wait for a test: what they hold back in turn needs no edge of its own.
  private func heldBack(by test: Int) -> [Int32] {
    let tested = parentLists[test]
    guard tested.count > 1 else { return tested.first.map { childLists[Int($0)].filter { $0 != test } } ?? [] }
    var common = descendants(of: [ids[Int(tested[0])]])
    for parent in tested.dropFirst() where !common.isEmpty { common.formIntersection(descendants(of: [ids[Int(parent)]])) }
    return common.compactMap { indices[$0] }.filter { index in
      index != test && !parentLists[Int(index)].contains { common.contains(ids[Int($0)]) }
    }
  }

  /// Something depends on itself.
  public struct CycleError: Error, Sendable, Equatable {
    /// The ids on the way round, each read by the next, the last by the first.
    public var cycle: [String]
  }
}
