extension Value: Hashable {
  /// Python's `==`: numbers by value whatever their type, sequences by element, dicts and sets regardless of order.
  public static func == (left: Value, right: Value) -> Bool { left.isEqual(to: right, depth: 0) }

  private func isEqual(to right: Value, depth: Int) -> Bool {
    // Two structures that contain themselves would be compared for ever.
    guard depth < 200 else { return false }
    switch (self, right) {
    case (.string(let a), .string(let b)), (.markup(let a), .markup(let b)), (.string(let a), .markup(let b)),
      (.markup(let a), .string(let b)):
      return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.bool(let a), .bool(let b)): return a == b
    case (.none, .none): return true
    case (.undefined(let a), .undefined(let b)): return a.kind == b.kind
    case (.list(let a), .list(let b)): return a === b || Value.areEqual(a.elements, b.elements, depth: depth)
    case (.tuple(let a), .tuple(let b)): return Value.areEqual(a, b, depth: depth)
    case (.dict(let a), .dict(let b)):
      if a === b { return true }
      guard a.members.count == b.members.count else { return false }
      return a.members.allSatisfy { key, value in b.members[key].map { value.isEqual(to: $0, depth: depth + 1) } ?? false }
    case (.set(let a), .set(let b)): return a.elements.count == b.elements.count && a.elements.allSatisfy(b.elements.contains)
    case (.range(let a), .range(let b)):
      return a.count == b.count && (a.count == 0 || a.start == b.start && (a.count == 1 || a.step == b.step))
    case (.iterator(let a), .iterator(let b)): return a === b
    case (.function(let a), .function(let b)): return a === b
    case (.macro(let a), .macro(let b)): return a === b
    case (.object(let a), _): return a.isEqual(to: right)
    case (_, .object(let b)): return b.isEqual(to: self)
    default: return numericOrder(right) == 0
    }
  }

  private static func areEqual(_ a: [Value], _ b: [Value], depth: Int) -> Bool {
    guard a.count == b.count else { return false }
    for index in a.indices where !a[index].isEqual(to: b[index], depth: depth + 1) { return false }
    return true
  }

  /// Values that are equal hash alike, whatever their types: 1, 1.0 and true.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .string(let text), .markup(let text): hasher.combine(text)
    case .int(let value): hasher.combine(value)
    case .bool(let value): hasher.combine(value ? Int64(1) : Int64(0))
    case .double(let value): if let whole = Int64(exactly: value) { hasher.combine(whole) } else { hasher.combine(value) }
    case .bigInt(let value): hasher.combine(value.double)
    case .none: hasher.combine(0xF0)
    case .undefined: hasher.combine(0xF1)
    case .tuple(let elements): hasher.combine(elements)
    case .range(let range): hasher.combine(range.count)
    case .list(let box): hasher.combine(box.elements.count)
    case .dict(let box): hasher.combine(box.members.count)
    case .set(let box): hasher.combine(box.elements.count)
    case .iterator(let iterator): hasher.combine(ObjectIdentifier(iterator))
    case .function(let function): hasher.combine(ObjectIdentifier(function))
    case .macro(let macro): hasher.combine(ObjectIdentifier(macro))
    case .object(let object): object.hash(into: &hasher)
    }
  }

  /// Whether it can be a key of a dict or an element of a set: everything but lists, dicts, sets, and tuples of them.
  public var isHashable: Bool {
    switch self {
    case .list, .dict, .set: false
    case .tuple(let elements): elements.allSatisfy(\.isHashable)
    default: true
    }
  }

  /// Throws `jinja.type` if the value cannot be a key.
  public func requireHashable() throws {
    guard isHashable else { throw Fault(.type, "unhashable type: '\(typeName)'") }
  }

  /// -1, 0 or 1 for two numbers; nil if one of them is none, or not a number.
  private func numericOrder(_ other: Value) -> Int? {
    switch (self, other) {
    case (.bigInt(let a), .bigInt(let b)): return a == b ? 0 : a < b ? -1 : 1
    case (.bigInt(let a), .int), (.bigInt(let a), .bool): return a.isNegative ? -1 : 1
    case (.int, .bigInt(let b)), (.bool, .bigInt(let b)): return b.isNegative ? 1 : -1
    default: break
    }
    if let a = int, let b = other.int { return a == b ? 0 : a < b ? -1 : 1 }
    guard let a = double, let b = other.double, !a.isNaN, !b.isNaN else { return nil }
    return a == b ? 0 : a < b ? -1 : 1
  }

  /// Less (-1), equal (0) or greater (1); nil for numbers that are not numbers. Throws `jinja.type` for what has no order.
  func order(_ other: Value, _ sign: String = "<") throws -> Int? {
    switch (self, other) {
    case (.int(let a), .int(let b)): return a == b ? 0 : a < b ? -1 : 1
    case (.string(let a), .string(let b)), (.markup(let a), .markup(let b)), (.string(let a), .markup(let b)),
      (.markup(let a), .string(let b)):
      return a == b ? 0 : a < b ? -1 : 1
    case (.list(let a), .list(let b)): return try Value.order(a.elements, b.elements, sign)
    case (.tuple(let a), .tuple(let b)): return try Value.order(a, b, sign)
    case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.fault
    case (.object(let object), _): if let order = object.compare(to: other) { return order }
    case (_, .object(let object)): if let order = object.compare(to: self) { return -order }
    default:
      if let order = numericOrder(other) { return order }
      if double != nil, other.double != nil { return nil }
    }
    throw Fault(.type, "'\(sign)' not supported between instances of '\(typeName)' and '\(other.typeName)'")
  }

  private static func order(_ a: [Value], _ b: [Value], _ sign: String) throws -> Int? {
    for (x, y) in zip(a, b) where x != y { return try x.order(y, sign) }
    return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
  }

  /// `self < other`. Throws `jinja.type` for what has no order.
  public func isLess(than other: Value) throws -> Bool { try order(other) == -1 }

  func compares(_ operation: ComparisonOperation, _ other: Value) throws -> Bool {
    switch operation {
    case .equal, .notEqual:
      if case .undefined(let undefined) = self, undefined.kind == .strict { throw undefined.fault }
      if case .undefined(let undefined) = other, undefined.kind == .strict { throw undefined.fault }
      return (self == other) == (operation == .equal)
    case .contained: return try other.contains(self)
    case .notContained: return try !other.contains(self)
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      if case .set(let a) = self, case .set(let b) = other { return Value.compareSets(a, operation, b) }
      guard let order = try order(other, operation.rawValue) else { return false }
      switch operation {
      case .less: return order < 0
      case .lessOrEqual: return order <= 0
      case .greater: return order > 0
      default: return order >= 0
      }
    }
  }

  private static func compareSets(_ a: SetBox, _ operation: ComparisonOperation, _ b: SetBox) -> Bool {
    switch operation {
    case .less: a.elements.isStrictSubset(of: b.elements)
    case .lessOrEqual: a.elements.isSubset(of: b.elements)
    case .greater: a.elements.isStrictSuperset(of: b.elements)
    default: a.elements.isSuperset(of: b.elements)
    }
  }

  /// `needle in self`.
  public func contains(_ needle: Value) throws -> Bool {
    switch self {
    case .list(let box): return box.elements.contains(needle)
    case .tuple(let elements): return elements.contains(needle)
    case .dict(let box):
      try needle.requireHashable()
      return box.members[needle] != nil
    case .set(let box):
      try needle.requireHashable()
      return box.elements.contains(needle)
    case .range(let range):
      guard let value = needle.int ?? needle.double.flatMap({ Int64(exactly: $0) }) else { return false }
      let isInside = range.step > 0 ? value >= range.start && value < range.stop : value <= range.start && value > range.stop
      return isInside && (value &- range.start) % range.step == 0
    case .string(let text), .markup(let text):
      guard let part = needle.text else {
        if case .undefined(let undefined) = needle { throw undefined.fault }
        throw Fault(.type, "'in <string>' requires string as left operand, not \(needle.typeName)")
      }
      return text.includes(part)
    case .undefined(let undefined):
      if undefined.kind == .strict { throw undefined.fault }
      return false
    case .object(let object):
      if let found = try object.contains(needle) { return found }
    case .iterator: break
    default: throw Fault(.type, "argument of type '\(typeName)' is not iterable")
    }
    let iterator = try makeIterator()
    while let value = try iterator.next() { if value == needle { return true } }
    return false
  }

  /// `bool(value)`. Throws for strict undefineds.
  public var isTrue: Bool {
    get throws {
      switch self {
      case .bool(let value): return value
      case .none: return false
      case .string(let text), .markup(let text): return !text.isEmpty
      case .int(let value): return value != 0
      case .bigInt: return true
      case .double(let value): return value != 0
      case .list(let box): return !box.elements.isEmpty
      case .tuple(let elements): return !elements.isEmpty
      case .dict(let box): return !box.members.isEmpty
      case .set(let box): return !box.elements.isEmpty
      case .range(let range): return range.count > 0
      case .undefined(let undefined):
        if undefined.kind == .strict { throw undefined.fault }
        return false
      case .object(let object): return object.isTrue
      case .iterator, .function, .macro: return true
      }
    }
  }

  /// `len(value)`; nil if it has none.
  public func count() throws -> Int? {
    switch self {
    case .string(let text), .markup(let text): return text.length
    case .list(let box): return box.elements.count
    case .tuple(let elements): return elements.count
    case .dict(let box): return box.members.count
    case .set(let box): return box.elements.count
    case .range(let range): return range.count
    case .object(let object): return object.count
    case .undefined(let undefined):
      if undefined.kind == .strict { throw undefined.fault }
      return 0
    default: return nil
    }
  }
}
