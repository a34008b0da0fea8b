import DataFormats
import Diagnostics
import OrderedCollections

/// A test of a model's logic: given these rows of its inputs, it should give these rows.
public struct UnitTest: Sendable, Hashable, Identifiable {
  /// Rows that stand in for an input, or that are expected.
  public struct Fixture: Sendable, Hashable {
    /// How rows are written.
    public enum Format: String, Sendable {
      /// Objects of column and value.
      case dict
      /// CSV text with a header.
      case csv
      /// A SELECT.
      case sql
    }

    /// `ref('orders')`, `source('a', 'b')` or `this`; nil for the expectation.
    public var input: String?
    /// How the rows are written.
    public var format: Format
    /// The rows: an array of objects, or a text for `csv` and `sql` (also of the file that `fixture` names).
    public var rows: JSON
    /// The fixture file, if the rows are in one.
    public var fixture: String?

    /// Makes a fixture; see the properties.
    public init(input: String? = nil, format: Format = .dict, rows: JSON = .array([]), fixture: String? = nil) {
      self.input = input
      self.format = format
      self.rows = rows
      self.fixture = fixture
    }
  }

  /// `unit_test.shop.orders.counts_returns`.
  public var uniqueID: String
  /// Its name.
  public var name: String
  /// The model that it tests, as written.
  public var model: String
  /// The package that declares it.
  public var packageName: String
  /// The property file, relative to the root of its package.
  public var originalFilePath: String
  /// Package, folders, model and name.
  public var fqn: [String] = []
  /// The description.
  public var description: String = ""
  /// What the model reads.
  public var given: [Fixture] = []
  /// What it should give.
  public var expect = Fixture()
  /// Stand-ins for `macros`, `vars` and `env_vars`.
  public var overrides: OrderedDictionary<String, JSON> = [:]
  /// The merged configuration: `tags`, `meta`, `enabled`.
  public var config = NodeConfiguration()
  /// Tags.
  public var tags: [String] = []
  /// The version of the model that is tested.
  public var version: JSON?
  /// The schema of the tested model.
  public var schema: String?
  /// The tested model, in a list.
  public var dependsOnNodes: [String] = []
  /// A digest of the declaration, for state comparison.
  public var checksum: String?
  /// Where it is declared.
  public var location = SourceLocation()

  /// Makes a unit test; what is not given is set afterwards.
  public init(uniqueID: String, name: String, model: String, packageName: String, originalFilePath: String) {
    self.uniqueID = uniqueID
    self.name = name
    self.model = model
    self.packageName = packageName
    self.originalFilePath = originalFilePath
  }

  /// The unique id.
  public var id: String { uniqueID }
}
