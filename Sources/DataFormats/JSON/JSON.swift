import OrderedCollections

/// A JSON value, without loss: members keep their order, and numbers that neither `Int64` nor `Double` holds exactly keep
/// the text they were written in.
public enum JSON: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// An integer of up to 64 bits.
  case int(Int64)
  /// A decimal that a `Double` holds exactly as written.
  case double(Double)
  /// Any other number, as it was written: `12345678901234567890`, `0.1234567890123456789`, `1e400`.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object; of members with the same name the last one counts.
  case object(OrderedDictionary<String, JSON>)
}

extension JSON {
  /// The member `key` of an object; nil for other values and absent members.
  public subscript(key: String) -> JSON? {
    get {
      if case .object(let members) = self { members[key] } else { nil }
    }
    set {
      guard case .object(var members) = self else { return }
      self = .null  // the only reference to the members: they change in place
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The value at a path of member names; nil where the path ends early.
  public subscript(path: [String]) -> JSON? {
    var value: JSON? = self
    for key in path { value = value?[key] }
    return value
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The string, if it is one.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The truth value, if it is one.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The integer, if it is one of up to 64 bits; a decimal without fraction counts.
  public var int: Int64? {
    switch self {
    case .int(let value): value
    case .double(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// The number as a `Double`, rounded if need be; nil for what is no number.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    case .number(let text): Double(text)
    default: nil
    }
  }

  /// The elements, if it is an array.
  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members, if it is an object.
  public var object: OrderedDictionary<String, JSON>? {
    if case .object(let members) = self { members } else { nil }
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A literal of null.
  public init(nilLiteral: ()) { self = .null }
  /// A literal of a boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A literal of an integer.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// A literal of a number with a fraction.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A literal of a text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A literal of an array.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// A literal of an object; of members with one key the last counts.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(OrderedDictionary(elements) { _, last in last })
  }
}
