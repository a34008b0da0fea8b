/// An object that the host gives to templates: a relation, a column, a module of functions.
///
/// Every requirement but `typeName` has a default, which is that of a Python object without the ability: no attributes, not
/// callable, not iterable, true. Errors are thrown as `Fault` (the engine adds position and trail) or as a complete
/// `Diagnostic`. An object that is shared between renders guards its own state.
public protocol JinjaObject: AnyObject, Sendable {
  /// The name of the type, for messages: `Relation`.
  var typeName: String { get }
  /// `object.name`; nil if there is no such attribute (the item of that name is tried then).
  func attribute(_ name: String) throws -> Value?
  /// `object[key]`; nil if there is no such item (the attribute of that name is tried then).
  func item(_ key: Value) throws -> Value?
  /// `object.name = value`, as `{% set object.name = value %}` does to namespaces; false if that is not possible.
  func setAttribute(_ name: String, to value: Value) throws -> Bool
  /// `object[key] = value`, for methods that do it.
  func setItem(_ key: Value, to value: Value) throws -> Bool
  /// `object.name(…)`; nil if there is no such method (the attribute of that name is called then).
  func callMethod(_ name: String, _ call: Call) throws -> Value?
  /// Whether `object(…)` works.
  var isCallable: Bool { get }
  /// `object(…)`.
  func call(_ call: Call) throws -> Value
  /// The iterator of `for x in object`; nil if it cannot be iterated.
  func makeIterator() throws -> ValueIterator?
  /// How many elements there are; nil if it has no length.
  var count: Int? { get }
  /// `needle in object`; nil to look through the iterator.
  func contains(_ needle: Value) throws -> Bool?
  /// Whether it is a mapping, as the test `mapping` asks.
  var isMapping: Bool { get }
  /// Whether it is true in a condition.
  var isTrue: Bool { get }
  /// `str(object)`.
  func text() throws -> String
  /// `repr(object)`.
  var representation: String { get }
  /// Whether it may stand in HTML as it is (Python's `__html__`).
  var isMarkup: Bool { get }
  /// `object == other`.
  func isEqual(to other: Value) -> Bool
  /// Feeds what `isEqual(to:)` compares.
  func hash(into hasher: inout Hasher)
  /// Less (-1), equal (0) or greater (1) than `other`; nil if they have no order.
  func compare(to other: Value) -> Int?
  /// `object <op> other`, or `other <op> object` if `reversed`; nil if the operation is not supported.
  func apply(_ operation: BinaryOperation, _ other: Value, reversed: Bool) throws -> Value?
  /// `format(object, specification)`, as in `'{:%Y}'.format(date)`; nil to format `text()`.
  func formatted(_ specification: String) throws -> String?
}

extension JinjaObject {
  /// Has none.
  public func attribute(_ name: String) throws -> Value? { nil }
  /// Has none.
  public func item(_ key: Value) throws -> Value? { nil }
  /// Refuses.
  public func setAttribute(_ name: String, to value: Value) throws -> Bool { false }
  /// Refuses.
  public func setItem(_ key: Value, to value: Value) throws -> Bool { false }
  /// Knows none.
  public func callMethod(_ name: String, _ call: Call) throws -> Value? { nil }
  /// Not callable.
  public var isCallable: Bool { false }
  /// Throws a type fault.
  public func call(_ call: Call) throws -> Value { throw Fault(.type, "'\(typeName)' object is not callable") }
  /// Not iterable.
  public func makeIterator() throws -> ValueIterator? { nil }
  /// Has no length.
  public var count: Int? { nil }
  /// Contains nothing, and says so by nil.
  public func contains(_ needle: Value) throws -> Bool? { nil }
  /// No mapping.
  public var isMapping: Bool { false }
  /// True unless it has a length of 0.
  public var isTrue: Bool { count != 0 }
  /// Its representation.
  public func text() throws -> String { representation }
  /// `<type>`
  public var representation: String { "<\(typeName)>" }
  /// Not safe to print unescaped.
  public var isMarkup: Bool { false }
  /// Equal to itself only.
  public func isEqual(to other: Value) -> Bool {
    if case .object(let object) = other { object === self } else { false }
  }
  /// Hashes its identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  /// Has no order.
  public func compare(to other: Value) -> Int? { nil }
  /// Knows no operator.
  public func apply(_ operation: BinaryOperation, _ other: Value, reversed: Bool) throws -> Value? { nil }
  /// Knows no format.
  public func formatted(_ specification: String) throws -> String? { nil }
}
