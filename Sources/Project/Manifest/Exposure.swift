import DataFormats
import Diagnostics
import OrderedCollections

/// A use of the project downstream of it: a dashboard, a notebook, an application.
public struct Exposure: Sendable, Hashable, Identifiable {
  /// `exposure.shop.weekly_report`.
  public var uniqueID: String
  /// Its name.
  public var name: String
  /// The package that declares it.
  public var packageName: String
  /// The property file, relative to the root of its package.
  public var originalFilePath: String
  /// Package, folders and name.
  public var fqn: [String] = []
  /// `dashboard`, `notebook`, `analysis`, `ml`, `application`.
  public var type: String
  /// `name` and `email` of who answers for it.
  public var owner: OrderedDictionary<String, JSON> = [:]
  /// A title.
  public var label: String?
  /// `low`, `medium`, `high`.
  public var maturity: String?
  /// Where it is to be seen.
  public var url: String?
  /// The description, with `doc()` filled in.
  public var description: String = ""
  /// Free annotations.
  public var meta: OrderedDictionary<String, JSON> = [:]
  /// Tags.
  public var tags: [String] = []
  /// The merged configuration.
  public var config = NodeConfiguration()
  /// What the property file itself sets.
  public var unrenderedConfig: OrderedDictionary<String, JSON> = [:]
  /// What it refers to, as written.
  public var refs: [Reference] = []
  /// The sources that it reads.
  public var sources: [SourceReference] = []
  /// The metrics that it shows: package, if it is written, and name.
  public var metrics: [[String]] = []
  /// The unique ids of what it uses.
  public var dependsOnNodes: [String] = []
  /// Where it is declared.
  public var location = SourceLocation()

  /// Makes an exposure; what is not given is set afterwards.
  public init(uniqueID: String, name: String, packageName: String, originalFilePath: String, type: String) {
    self.uniqueID = uniqueID
    self.name = name
    self.packageName = packageName
    self.originalFilePath = originalFilePath
    self.type = type
  }

  /// The unique id.
  public var id: String { uniqueID }
}
