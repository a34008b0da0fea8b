import Jinja

/// Stands for what only a run knows, while a project is read: any attribute, item or call of it is such a thing again; it
/// prints as nothing, iterates as nothing and is false.
final class LenientStub: JinjaObject {
  static let value = Value.object(LenientStub())

  var typeName: String { "object" }
  var isCallable: Bool { true }
  var count: Int? { 0 }
  var isTrue: Bool { false }
  var representation: String { "" }
  func attribute(_ name: String) throws -> Value? { LenientStub.value }
  func item(_ key: Value) throws -> Value? { LenientStub.value }
  func callMethod(_ name: String, _ call: Call) throws -> Value? { LenientStub.value }
  func call(_ call: Call) throws -> Value { LenientStub.value }
  func makeIterator() throws -> ValueIterator? { ValueIterator([]) }
  func contains(_ needle: Value) throws -> Bool? { false }
  func text() throws -> String { "" }
  func compare(to other: Value) -> Int? { 0 }
  func apply(_ operation: BinaryOperation, _ other: Value, reversed: Bool) throws -> Value? { LenientStub.value }
  func formatted(_ specification: String) throws -> String? { "" }
}
