import DataFormats
import Warehouse

/// What a column of a CSV file holds: the narrowest of these types that takes every value, as dbt finds it out.
enum SeedType: Sendable, Equatable {
  case integer, number, date, timestamp, boolean, text

  /// The type's name in SQLite.
  var declaration: String {
    switch self {
    case .integer, .boolean: "INT"
    case .number: "REAL"
    case .date, .timestamp, .text: "TEXT"
    }
  }

  /// Whether a field stands for NULL: nothing, or the word null.
  static func isNull(_ field: UnsafeRawBufferPointer) -> Bool {
    if field.isEmpty { return true }
    guard field.count >= 4 || field.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return false }
    let text = trimmed(field)
    return text.isEmpty || (text.count == 4 && text.elementsEqual("null".utf8) { $0 | 0x20 == $1 })
  }

  /// The value of a field in a column of this type.
  func value(_ field: UnsafeRawBufferPointer) -> SQLValue {
    if SeedType.isNull(field) { return .null }
    switch self {
    case .integer: return SeedType.integer(SeedType.trimmed(field)).map { .integer($0) } ?? .text(String(decoding: field, as: UTF8.self))
    case .number: return SeedType.number(SeedType.trimmed(field)).map { .real($0) } ?? .text(String(decoding: field, as: UTF8.self))
    case .boolean: return .integer(SeedType.trimmed(field).first.map { $0 | 0x20 } == UInt8(ascii: "t") ? 1 : 0)
    case .date: return .text(String(decoding: SeedType.trimmed(field), as: UTF8.self))
    case .timestamp:
      // One way of writing them, so that they compare: 2026-01-31 13:05:09.
      let text = String(decoding: SeedType.trimmed(field), as: UTF8.self)
      return .text(text.utf8.count > 10 ? CivilTime(iso: text)?.iso(separator: " ") ?? text : text)
    case .text: return .text(String(decoding: field, as: UTF8.self))
    }
  }

  static func trimmed(_ field: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
    var slice = field[...]
    while let first = slice.first, first == 0x20 || first == 0x09 { slice = slice.dropFirst() }
    while let last = slice.last, last == 0x20 || last == 0x09 { slice = slice.dropLast() }
    return slice
  }

  static func integer(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int64? {
    var rest = bytes
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    guard !rest.isEmpty, rest.count <= 18 else { return rest.isEmpty ? nil : Int64(String(decoding: bytes, as: UTF8.self)) }
    var value: Int64 = 0
    for byte in rest {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    return isNegative ? -value : value
  }

  /// A decimal: digits with at most one point, and an exponent; not the words that `Double` reads too.
  static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> Double? {
    for byte in bytes {
      switch byte {
      case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"): continue
      default: return nil
      }
    }
    return Double(String(decoding: bytes, as: UTF8.self))
  }
}

/// Watches the values of one column and narrows down its type.
struct SeedTypeFinder: Sendable {
  private var canBeInteger = true
  private var canBeNumber = true
  private var canBeDate = true
  private var canBeTimestamp = true
  private var canBeBoolean = true

  /// Looks at one field.
  mutating func look(at field: UnsafeRawBufferPointer) {
    guard canBeNumber || canBeDate || canBeTimestamp || canBeBoolean, !SeedType.isNull(field) else { return }
    let text = SeedType.trimmed(field)
    if canBeInteger { canBeInteger = SeedType.integer(text) != nil }
    if canBeNumber, !canBeInteger { canBeNumber = SeedType.number(text) != nil }
    if canBeBoolean { canBeBoolean = ["true", "false"].contains { text.count == $0.utf8.count && text.elementsEqual($0.utf8) { $0 | 0x20 == $1 } } }
    guard canBeDate || canBeTimestamp else { return }
    let time = text.count < 8 || text.count > 35 ? nil : CivilTime(iso: String(decoding: text, as: UTF8.self))
    if canBeDate { canBeDate = time != nil && text.count == 10 }
    if canBeTimestamp { canBeTimestamp = time != nil }
  }

  /// The narrowest type that takes everything seen so far.
  var type: SeedType {
    if canBeInteger { return .integer }
    if canBeNumber { return .number }
    if canBeDate { return .date }
    if canBeTimestamp { return .timestamp }
    return canBeBoolean ? .boolean : .text
  }
}
