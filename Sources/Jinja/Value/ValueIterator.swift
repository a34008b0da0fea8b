/// Something that gives values one after the other, once. `@unchecked Sendable` under the ownership rule of `Value`.
public final class ValueIterator: @unchecked Sendable {
  private enum Source {
    case array([Value], Int)
    case list(ListBox, Int)
    case range(RangeValue, Int)
    case generator(() throws -> Value?)
  }

  private var source: Source
  /// What made it, for its `repr`: `generator`, `map`.
  let kind: String
  /// How many iterators work on each other up to this one.
  private let depth: Int

  private init(_ source: Source, kind: String, depth: Int = 1) {
    self.source = source
    self.kind = kind
    self.depth = depth
  }

  deinit {
    guard case .array(var values, _) = source else { return }
    source = .array([], 0)
    Value.dismantle(&values)
  }

  /// Gives the elements of `array`.
  public convenience init(_ array: [Value], kind: String = "generator") {
    self.init(.array(array, 0), kind: kind)
  }

  /// Gives what `next` gives, until it gives nil.
  public convenience init(kind: String = "generator", _ next: @escaping () throws -> Value?) {
    self.init(.generator(next), kind: kind)
  }

  /// Gives what `next` makes of the values of `other`, until it gives nil. Throws `jinja.recursion` where too many work on
  /// each other.
  convenience init(on other: ValueIterator, _ next: @escaping () throws -> Value?) throws {
    guard other.depth < 1000 else {
      throw Fault(.recursion, "more than 1000 iterators work on each other", hint: "make a list of them now and then: | list")
    }
    self.init(.generator(next), kind: "generator", depth: other.depth + 1)
  }

  /// Gives the elements of a list as it is when they are asked for, so that changes during the iteration are seen.
  convenience init(list: ListBox) { self.init(.list(list, 0), kind: "list_iterator") }

  convenience init(range: RangeValue) { self.init(.range(range, 0), kind: "range_iterator") }

  /// The next value, or nil at the end.
  public func next() throws -> Value? {
    switch source {
    case .array(let array, let index):
      guard index < array.count else { return nil }
      source = .array(array, index + 1)
      return array[index]
    case .list(let box, let index):
      guard index < box.elements.count else { return nil }
      source = .list(box, index + 1)
      return box.elements[index]
    case .range(let range, let index):
      guard index < range.count else { return nil }
      source = .range(range, index + 1)
      return .int(range[index])
    case .generator(let next):
      return try next()
    }
  }

  /// How many values are left, if that is known without looking.
  public var remaining: Int? {
    switch source {
    case .array(let array, let index): array.count - index
    case .list(let box, let index): max(0, box.elements.count - index)
    case .range(let range, let index): range.count - index
    case .generator: nil
    }
  }

  /// All that are left.
  public func collect() throws -> [Value] {
    if case .array(let array, 0) = source {
      source = .array([], 0)
      return array
    }
    var values: [Value] = []
    if let remaining {
      try Limits.check(list: remaining)
      values.reserveCapacity(remaining)
    }
    while let value = try next() {
      values.append(value)
      if values.count & 0xFFFF == 0 { try Limits.check(list: values.count) }
    }
    return values
  }
}

extension Value {
  /// The elements, one after the other; throws `jinja.type` for what cannot be iterated.
  public func makeIterator() throws -> ValueIterator {
    switch self {
    case .list(let box): return ValueIterator(list: box)
    case .tuple(let elements): return ValueIterator(elements)
    case .dict(let box): return ValueIterator(Array(box.members.keys))
    case .set(let box): return ValueIterator(Array(box.elements))
    case .range(let range): return ValueIterator(range: range)
    case .iterator(let iterator): return iterator
    case .string(let text): return ValueIterator(text.unicodeScalars.map { .string(String($0)) })
    case .markup(let text): return ValueIterator(text.unicodeScalars.map { .markup(String($0)) })
    case .undefined(let undefined):
      if undefined.kind == .strict { throw undefined.fault }
      return ValueIterator([])
    case .object(let object):
      if let iterator = try object.makeIterator() { return iterator }
    default: break
    }
    throw Fault(.type, "'\(typeName)' object is not iterable")
  }

  /// All elements; throws `jinja.type` for what cannot be iterated.
  public func collect() throws -> [Value] {
    switch self {
    case .list(let box): return box.elements
    case .tuple(let elements): return elements
    default: return try makeIterator().collect()
    }
  }
}
