import DataFormats
import OrderedCollections
import Synchronization

/// What `dbt_project.yml` files say about all things of one kind in one folder.
struct ProjectLevels: Sendable {
  /// The defaults, and the levels that come before what a thing says itself.
  let base: OrderedDictionary<String, JSON>
  /// The levels that come after it: those of the root project about a package.
  let after: [OrderedDictionary<String, JSON>]
  /// The same as it is written.
  let rawBase: OrderedDictionary<String, JSON>
  let rawAfter: [OrderedDictionary<String, JSON>]
  /// The configuration of what says nothing itself, which most things share.
  let config: NodeConfiguration
  let unrendered: OrderedDictionary<String, JSON>
  /// Names in the folder that the files say more about.
  let names: Set<String>
}

/// Finds the levels once a folder rather than once a node. Used by many threads at a time.
final class LevelCache: Sendable {
  private struct Key: Hashable {
    let type: ResourceType
    let package: String
    let folders: ArraySlice<String>
    let language: String
  }

  private let known = Mutex<[Key: ProjectLevels]>([:])

  /// The levels of a node: those of its folder, unless the project files name the node itself.
  func find(_ node: Node, _ make: () -> ProjectLevels) -> ProjectLevels {
    let key = Key(type: node.resourceType, package: node.packageName, folders: node.fqn.dropLast(), language: node.language)
    if let levels = known.withLock({ $0[key] }) { return node.fqn.last.map(levels.names.contains) == true ? make() : levels }
    let levels = make()
    // Of a node that is named the levels are its own.
    if node.fqn.last.map(levels.names.contains) != true { known.withLock { $0[key] = levels } }
    return levels
  }
}
