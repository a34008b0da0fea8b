import DataFormats
import Diagnostics
import OrderedCollections

/// Everything that a project says, resolved: what there is, what it is called in the warehouse, and what depends on what.
///
/// Keys of all dictionaries are unique ids. Disabled things are in `disabled` only.
public struct Manifest: Sendable {
  /// The root project's name.
  public var projectName: String
  /// The engine: `sqlite`.
  public var adapterType: String
  /// Models, seeds, snapshots, tests, analyses and hooks.
  public var nodes: OrderedDictionary<String, Node> = [:]
  /// Tables of declared sources.
  public var sources: OrderedDictionary<String, SourceDefinition> = [:]
  /// Macros of the project, its packages and scv itself.
  public var macros: OrderedDictionary<String, ProjectMacro> = [:]
  /// Documentation blocks.
  public var docs: OrderedDictionary<String, DocumentationBlock> = [:]
  /// Exposures.
  public var exposures: OrderedDictionary<String, Exposure> = [:]
  /// Groups.
  public var groups: OrderedDictionary<String, GroupDefinition> = [:]
  /// Unit tests.
  public var unitTests: OrderedDictionary<String, UnitTest> = [:]
  /// Semantic models, metrics and saved queries as their files hold them, by unique id.
  public var semantics: OrderedDictionary<String, JSON> = [:]
  /// What is switched off, by unique id; several may share one.
  public var disabled: OrderedDictionary<String, [DisabledEntry]> = [:]
  /// The named selectors of `selectors.yml`.
  public var selectors: OrderedDictionary<String, NamedSelector> = [:]
  /// What depends on what; filled by the loader.
  public var graph = Graph.empty
  /// Which macro a name means where.
  public var macroResolver = MacroResolver()

  /// An empty manifest.
  public init(projectName: String, adapterType: String = "sqlite") {
    self.projectName = projectName
    self.adapterType = adapterType
  }

  /// Something that is switched off.
  public enum DisabledEntry: Sendable, Hashable {
    /// A model, seed, snapshot, test or analysis.
    case node(Node)
    /// A source table.
    case source(SourceDefinition)
    /// An exposure.
    case exposure(Exposure)
    /// A unit test.
    case unitTest(UnitTest)
  }

  /// What kind of thing a unique id names; nil if nothing enabled bears it.
  public func resourceType(of id: String) -> ResourceType? {
    if let node = nodes[id] { return node.resourceType }
    if sources[id] != nil { return .source }
    if exposures[id] != nil { return .exposure }
    if unitTests[id] != nil { return .unitTest }
    guard semantics[id] != nil, let kind = id.split(separator: ".").first else { return nil }
    return ResourceType(rawValue: String(kind))
  }

  /// The tests, generic ones and unit tests, that stand directly on a node.
  public func tests(of id: String) -> [String] {
    graph.children(of: id).filter { nodes[$0]?.resourceType == .test || unitTests[$0] != nil }
  }
}
