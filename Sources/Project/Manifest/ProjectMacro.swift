import DataFormats
import Diagnostics
import OrderedCollections

/// A macro of the project, of a package or built in; generic tests and materializations are macros too.
public struct ProjectMacro: Sendable, Hashable, Identifiable {
  /// `macro.shop.cents_to_dollars`.
  public var uniqueID: String
  /// The name under which it is called: `cents_to_dollars`, `test_is_positive`, `materialization_view_default`.
  public var name: String
  /// The package that it belongs to: the project's, an installed one's, `dbt` or `dbt_sqlite`.
  public var packageName: String
  /// The file, relative to the root of its package.
  public var originalFilePath: String
  /// The whole block, from `{% macro` to `endmacro %}`.
  public var macroSQL: String
  /// The line of the file on which `macroSQL` begins, counted from 1.
  public var firstLine: Int = 1
  /// The column of that line at which it begins, counted from 1.
  public var firstColumn: Int = 1
  /// The description from a property file.
  public var description: String = ""
  /// `meta` from a property file.
  public var meta: OrderedDictionary<String, JSON> = [:]
  /// `docs` from a property file.
  public var docs: OrderedDictionary<String, JSON> = ["show": true, "node_color": nil]
  /// The property file that describes it.
  public var patchPath: String?
  /// Its arguments: objects with `name`, `type`, `description`.
  public var arguments: [JSON] = []
  /// Of a materialization: the languages it supports.
  public var supportedLanguages: [String]?
  /// The unique ids of the macros that it calls.
  public var dependsOnMacros: [String] = []

  /// Makes a macro; what is not given is set afterwards.
  public init(uniqueID: String, name: String, packageName: String, originalFilePath: String, macroSQL: String) {
    self.uniqueID = uniqueID
    self.name = name
    self.packageName = packageName
    self.originalFilePath = originalFilePath
    self.macroSQL = macroSQL
  }

  /// The unique id.
  public var id: String { uniqueID }
  /// Where it is defined.
  public var place: SourceLocation { SourceLocation(file: originalFilePath, line: firstLine, column: firstColumn, subject: "macro \(name)") }
}

/// A documentation block: `{% docs orders_status %} … {% enddocs %}`.
public struct DocumentationBlock: Sendable, Hashable, Identifiable {
  /// `doc.shop.orders_status`.
  public var uniqueID: String
  /// The name by which `doc()` finds it.
  public var name: String
  /// The package that it belongs to.
  public var packageName: String
  /// The file, relative to its resource folder.
  public var path: String
  /// The file, relative to the root of its package.
  public var originalFilePath: String
  /// The text.
  public var contents: String

  /// Makes a block; see the properties.
  public init(uniqueID: String, name: String, packageName: String, path: String, originalFilePath: String, contents: String) {
    self.uniqueID = uniqueID
    self.name = name
    self.packageName = packageName
    self.path = path
    self.originalFilePath = originalFilePath
    self.contents = contents
  }

  /// The unique id.
  public var id: String { uniqueID }
}

/// An owner of nodes, who alone may `ref` the private ones.
public struct GroupDefinition: Sendable, Hashable, Identifiable {
  /// `group.shop.finance`.
  public var uniqueID: String
  /// The group's name.
  public var name: String
  /// The package that declares it.
  public var packageName: String
  /// The property file, relative to the root of its package.
  public var originalFilePath: String
  /// `name`, `email` and whatever else describes the owner.
  public var owner: OrderedDictionary<String, JSON>
  /// The description.
  public var description: String?
  /// The `config` of the group: `meta`.
  public var config: OrderedDictionary<String, JSON>

  /// Makes a group; see the properties.
  public init(
    uniqueID: String, name: String, packageName: String, originalFilePath: String, owner: OrderedDictionary<String, JSON> = [:],
    description: String? = nil, config: OrderedDictionary<String, JSON> = [:]
  ) {
    self.uniqueID = uniqueID
    self.name = name
    self.packageName = packageName
    self.originalFilePath = originalFilePath
    self.owner = owner
    self.description = description
    self.config = config
  }

  /// The unique id.
  public var id: String { uniqueID }
}
