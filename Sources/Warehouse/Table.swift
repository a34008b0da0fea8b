/// One value of a result.
public enum SQLValue: Sendable, Hashable {
  /// NULL.
  case null
  /// An integer.
  case integer(Int64)
  /// A floating point number.
  case real(Double)
  /// A text.
  case text(String)
  /// Bytes.
  case blob([UInt8])

  /// The value as the engine's own shell would print it; NULL is nil, bytes are hexadecimal.
  public var text: String? {
    switch self {
    case .null: nil
    case .integer(let value): String(value)
    case .real(let value): "\(value)"
    case .text(let value): value
    case .blob(let bytes): bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// Whether it is NULL.
  public var isNull: Bool { self == .null }

  /// Whether it is an integer or a floating point number.
  public var isNumber: Bool {
    switch self {
    case .integer, .real: true
    default: false
    }
  }

  /// The value as an integer, if it is one or a decimal without fraction.
  public var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .real(let value): Int64(exactly: value)
    default: nil
    }
  }
}

/// The rows of a query, in memory.
public struct Table: Sendable, Equatable {
  /// The names of the columns, in order; they may repeat.
  public var columns: [String]
  /// The declared types of the columns; empty for expressions.
  public var types: [String]
  /// The rows, each as long as `columns`.
  public var rows: [[SQLValue]]

  /// A table of `rows`.
  public init(columns: [String], types: [String] = [], rows: [[SQLValue]] = []) {
    self.columns = columns
    self.types = types.isEmpty ? Array(repeating: "", count: columns.count) : types
    self.rows = rows
  }

  /// The place of the column `name`; nil if there is none.
  public func index(of name: String) -> Int? {
    columns.firstIndex(of: name)
  }
}
