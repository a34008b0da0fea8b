import ConnectorKit
import DataFormats

/// What the values of a column are, as far as some of them tell.
enum ColumnType: String, CaseIterable {
  /// No value has been seen.
  case null
  case boolean
  case integer
  case number
  case date
  case dateTime = "date-time"
  case string
  case object
  case array
  /// Values of several kinds.
  case any

  /// The names that a user may write.
  static let names = allCases.filter { $0 != .null && $0 != .any }.map(\.rawValue)

  /// The narrowest type that holds what both hold.
  func joined(_ other: ColumnType) -> ColumnType {
    if self == other || other == .null { return self }
    switch (self, other) {
    case (.null, _): return other
    case (.integer, .number), (.number, .integer): return .number
    case (.date, .dateTime), (.dateTime, .date): return .dateTime
    case (.any, _), (_, .any), (.object, _), (_, .object), (.array, _), (_, .array): return .any
    default: return .string
    }
  }

  /// The type of a CSV field.
  init(_ bytes: UnsafeRawBufferPointer) {
    if FieldText.isInteger(bytes) {
      self = .integer
    } else if FieldText.isNumber(bytes) {
      self = .number
    } else if FieldText.boolean(bytes) != nil {
      self = .boolean
    } else {
      self = ColumnType.ofText(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// The type of a JSON value.
  init(_ value: JSON) {
    switch value {
    case .null: self = .null
    case .bool: self = .boolean
    case .int: self = .integer
    case .double: self = .number
    case .number(let text): self = text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (48...57).contains($0) } ? .integer : .number
    case .string(let text): self = ColumnType.ofText(text)
    case .array: self = .array
    case .object: self = .object
    }
  }

  private static func ofText(_ text: String) -> ColumnType {
    guard text.utf8.count >= 10, Instant(text) != nil else { return .string }
    return text.utf8.count == 10 ? .date : .dateTime
  }

  /// The type as a property of a stream's schema.
  var property: PropertyType {
    switch self {
    case .null, .string: .string
    case .boolean: .boolean
    case .integer: .integer
    case .number: .number
    case .date: .date
    case .dateTime: .dateTime
    case .object: .object
    case .array: .array
    case .any: .any
    }
  }
}
