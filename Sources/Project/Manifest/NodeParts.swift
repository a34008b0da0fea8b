import DataFormats
import OrderedCollections

/// A digest of a file: SHA-256 of its text, or for big seeds the path alone, as dbt does it.
public struct Checksum: Sendable, Hashable {
  /// `sha256`, `path` or `none`.
  public var name: String
  /// The digest in lower-case hexadecimal, or the path.
  public var value: String

  /// Makes a checksum; by default of nothing.
  public init(name: String = "none", value: String = "") {
    self.name = name
    self.value = value
  }
}

/// A call of `ref`: `ref('shop', 'orders', version=2)`.
public struct Reference: Sendable, Hashable {
  /// The model, seed or snapshot.
  public var name: String
  /// The package, if given.
  public var package: String?
  /// The version, if given.
  public var version: JSON?

  /// Makes a reference.
  public init(name: String, package: String? = nil, version: JSON? = nil) {
    self.name = name
    self.package = package
    self.version = version
  }

  /// How it would be written in a template.
  public var description: String {
    let arguments = (package.map { ["'\($0)'"] } ?? []) + ["'\(name)'"] + (version.map { ["version=\($0.plainText)"] } ?? [])
    return "ref(\(arguments.joined(separator: ", ")))"
  }
}

/// A call of `source`: `source('stripe', 'charges')`.
public struct SourceReference: Sendable, Hashable {
  /// The source.
  public var source: String
  /// Its table.
  public var table: String

  /// Makes a reference.
  public init(source: String, table: String) {
    self.source = source
    self.table = table
  }
}

/// Which generic test a test node is an instance of.
public struct TestMetadata: Sendable, Hashable {
  /// The test: `not_null`.
  public var name: String
  /// The package in which it is looked up, if one was written: `dbt_utils`.
  public var namespace: String?
  /// Its arguments, `model` and `column_name` included, templates still unrendered.
  public var arguments: OrderedDictionary<String, JSON>

  /// Makes metadata of a generic test.
  public init(name: String, namespace: String? = nil, arguments: OrderedDictionary<String, JSON> = [:]) {
    self.name = name
    self.namespace = namespace
    self.arguments = arguments
  }
}

/// A described column of a node or source.
public struct ColumnDefinition: Sendable, Hashable {
  /// The column.
  public var name: String
  /// The description, with `doc()` filled in.
  public var description: String = ""
  /// Free annotations.
  public var meta: OrderedDictionary<String, JSON> = [:]
  /// The declared type; what contracts and unit tests go by.
  public var dataType: String?
  /// `not_null`, `unique`, `check`, …, as objects.
  public var constraints: [JSON] = []
  /// Whether the name must be quoted.
  public var quote: Bool?
  /// Tags; tests on the column inherit them.
  public var tags: [String] = []
  /// The column's `config`.
  public var config: OrderedDictionary<String, JSON> = [:]
  /// The time grain, for the semantic layer.
  public var granularity: String?
  /// The documentation blocks that the description uses.
  public var docBlocks: [String] = []

  /// Makes a column without properties.
  public init(name: String) {
    self.name = name
  }
}

extension JSON {
  /// Scalars as Python's `str` writes them in names and messages: `2`, `1.5`, `true` as `True`; containers as JSON.
  public var plainText: String {
    switch self {
    case .null: "None"
    case .bool(let flag): flag ? "True" : "False"
    case .int(let number): String(number)
    case .double(let number): String(number)
    case .number(let text), .string(let text): text
    case .array, .object: text()
    }
  }
}
