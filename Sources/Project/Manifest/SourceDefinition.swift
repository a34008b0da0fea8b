import DataFormats
import Diagnostics
import OrderedCollections

/// One table of a declared source: read by the project, built by somebody else.
public struct SourceDefinition: Sendable, Hashable, Identifiable {
  /// `source.shop.stripe.charges`.
  public var uniqueID: String
  /// The source: `stripe`.
  public var sourceName: String
  /// What the property file says about the source as a whole.
  public var sourceDescription: String = ""
  /// The source's `meta`.
  public var sourceMeta: OrderedDictionary<String, JSON> = [:]
  /// The table's name in the project.
  public var name: String
  /// The table's name in the warehouse.
  public var identifier: String
  /// The package that declares it.
  public var packageName: String
  /// The property file, relative to the root of its package.
  public var originalFilePath: String
  /// Package, folders, source and table.
  public var fqn: [String] = []
  /// The database, if declared; otherwise the target's.
  public var database: String?
  /// The schema; the source's name unless declared.
  public var schema: String = ""
  /// Who loads it.
  public var loader: String = ""
  /// The description, with `doc()` filled in.
  public var description: String = ""
  /// The documentation blocks that the description uses.
  public var docBlocks: [String] = []
  /// The described columns, by name.
  public var columns: OrderedDictionary<String, ColumnDefinition> = [:]
  /// The merged configuration.
  public var config = NodeConfiguration()
  /// What the property files themselves set.
  public var unrenderedConfig: OrderedDictionary<String, JSON> = [:]
  /// Tags of source and table.
  public var tags: [String] = []
  /// `meta` of source and table.
  public var meta: OrderedDictionary<String, JSON> = [:]
  /// `quoting` of source and table.
  public var quoting: OrderedDictionary<String, JSON> = [:]
  /// The column by whose greatest value freshness is judged.
  public var loadedAtField: String?
  /// A query in place of `loadedAtField`.
  public var loadedAtQuery: String?
  /// When it counts as stale; nil where freshness is not asked for.
  public var freshness: Freshness?
  /// `external` of an external table, unread.
  public var external: JSON?
  /// How the relation is written in SQL, quoted.
  public var relationName: String = ""
  /// Where the table is declared.
  public var location = SourceLocation()

  /// Makes a source table; what is not given is set afterwards.
  public init(uniqueID: String, sourceName: String, name: String, identifier: String, packageName: String, originalFilePath: String) {
    self.uniqueID = uniqueID
    self.sourceName = sourceName
    self.name = name
    self.identifier = identifier
    self.packageName = packageName
    self.originalFilePath = originalFilePath
  }

  /// The unique id.
  public var id: String { uniqueID }
  /// Source and table, as selectors write it: `stripe.charges`.
  public var searchName: String { "\(sourceName).\(name)" }
}

/// How old a source may be.
public struct Freshness: Sendable, Hashable {
  /// A span of time: a count of `minute`, `hour` or `day`.
  public struct Period: Sendable, Hashable {
    /// How many.
    public var count: Int
    /// Of what: `minute`, `hour`, `day`.
    public var period: String

    /// Makes a span.
    public init(count: Int, period: String) {
      self.count = count
      self.period = period
    }

    /// The span in seconds.
    public var seconds: Int {
      switch period {
      case "minute": count * 60
      case "hour": count * 3_600
      default: count * 86_400
      }
    }
  }

  /// Older is worth a warning.
  public var warnAfter: Period?
  /// Older is an error.
  public var errorAfter: Period?
  /// A condition on the rows that are looked at.
  public var filter: String?

  /// Makes a rule; see the properties.
  public init(warnAfter: Period? = nil, errorAfter: Period? = nil, filter: String? = nil) {
    self.warnAfter = warnAfter
    self.errorAfter = errorAfter
    self.filter = filter
  }
}
