import OrderedCollections

/// The methods of `list` and `tuple`.
enum ListMethods {
  static func call(_ method: Method, on box: ListBox, _ call: Call) throws -> Value {
    switch method {
    case .append:
      try Limits.check(list: box.elements.count + 1)
      let added = try call.required(0, "object", of: "append")
      try added.checkNesting()
      box.elements.append(added)
      return .none
    case .extend:
      let added = try call.required(0, "iterable", of: "extend").collect()
      try Limits.check(list: box.elements.count + added.count)
      for value in added { try value.checkNesting() }
      box.elements += added
      return .none
    case .insert:
      let count = Int64(box.elements.count)
      let index = try call.integer(0, "index") ?? 0
      let offset = min(max(index < 0 ? index &+ count : index, 0), count)
      let added = try call.required(1, "object", of: "insert")
      try added.checkNesting()
      box.elements.insert(added, at: Int(offset))
      return .none
    case .pop:
      guard !box.elements.isEmpty else { throw Fault(.index, "pop from empty list") }
      guard let offset = Value.offset(try call.integer(0, "index") ?? -1, box.elements.count) else {
        throw Fault(.index, "pop index out of range")
      }
      return box.elements.remove(at: offset)
    case .remove:
      let value = try call.required(0, "value", of: "remove")
      guard let index = box.elements.firstIndex(of: value) else { throw Fault(.value, "list.remove(x): x not in list") }
      box.elements.remove(at: index)
      return .none
    case .clear:
      box.elements = []
      return .none
    case .copy: return Value(box.elements)
    case .reverse:
      box.elements.reverse()
      return .none
    case .sort:
      let key = call.keyword("key")
      let keys = try box.elements.map { element in try key.map { try call.invoke($0, [element]) } ?? element }
      let order = try Sorting.order(keys, reversed: try call.keyword("reverse")?.isTrue ?? false)
      box.elements = order.map { box.elements[$0] }
      return .none
    case .setItem:
      guard let offset = Value.offset(try call.integer(0, "index") ?? 0, box.elements.count) else {
        throw Fault(.index, "list assignment index out of range")
      }
      box.elements[offset] = try call.required(1, "value", of: "__setitem__")
      return .none
    default: return try ListMethods.call(method, on: box.elements, call)
    }
  }

  static func call(_ method: Method, on elements: [Value], _ call: Call) throws -> Value {
    switch method {
    case .count:
      let value = try call.required(0, "value", of: "count")
      return .int(Int64(elements.count { $0 == value }))
    case .index:
      let value = try call.required(0, "value", of: "index")
      let start = Int(clamping: max(0, try call.integer(1, "start") ?? 0))
      guard start <= elements.count, let index = elements[start...].firstIndex(of: value) else {
        throw Fault(.value, "\(value.representation) is not in the sequence")
      }
      return .int(Int64(index))
    case .contains: return .bool(elements.contains(try call.required(0, "key", of: "__contains__")))
    case .length: return .int(Int64(elements.count))
    default:
      guard let offset = Value.offset(try call.integer(0, "index") ?? 0, elements.count) else {
        throw Fault(.index, "index out of range")
      }
      return elements[offset]
    }
  }
}

/// The methods of `dict`.
enum DictMethods {
  static func call(_ method: Method, on box: DictBox, _ call: Call) throws -> Value {
    func key() throws -> Value {
      let key = try call.required(0, "key", of: method.rawValue)
      try key.requireHashable()
      return key
    }
    switch method {
    case .get: return try box.members[key()] ?? call.argument(1, "default") ?? .none
    case .items: return .object(DictView(box, .items))
    case .keys: return .object(DictView(box, .keys))
    case .values: return .object(DictView(box, .values))
    case .copy: return Value(box.members)
    case .update:
      if let other = call.positional.first { try merge(other, into: box) }
      for keyword in call.keywords { try keyword.value.checkNesting() }
      for keyword in call.keywords { box.members[.string(keyword.name)] = keyword.value }
      return .none
    case .pop:
      let key = try key()
      if let value = box.members.removeValue(forKey: key) { return value }
      if let value = call.argument(1, "default") { return value }
      throw Fault(.key, key.representation, hint: "pop(key, default) gives a default instead")
    case .popitem:
      guard let last = box.members.elements.last else { throw Fault(.key, "popitem(): dictionary is empty") }
      box.members.removeLast()
      return .tuple([last.key, last.value])
    case .setdefault:
      let key = try key()
      if let value = box.members[key] { return value }
      let value = call.argument(1, "default") ?? .none
      try value.checkNesting()
      box.members[key] = value
      return value
    case .clear:
      box.members = [:]
      return .none
    case .fromkeys:
      let result = DictBox()
      for key in try call.required(0, "iterable", of: "fromkeys").collect() {
        try key.requireHashable()
        result.members[key] = call.argument(1, "value") ?? Value.none
      }
      return .dict(result)
    case .getItem:
      let key = try key()
      guard let value = box.members[key] else { throw Fault(.key, key.representation) }
      return value
    case .setItem:
      box.members[try key()] = try call.required(1, "value", of: "__setitem__")
      return .none
    case .contains: return .bool(box.members[try key()] != nil)
    default: return .int(Int64(box.members.count))
    }
  }

  /// `dict.update(other)`: another dict, or pairs.
  static func merge(_ other: Value, into box: DictBox) throws {
    if let members = other.dict?.members {
      for (key, value) in members {
        try value.checkNesting()
        box.members[key] = value
      }
      return
    }
    for (index, pair) in try other.collect().enumerated() {
      let parts = try pair.collect()
      guard parts.count == 2 else {
        throw Fault(.value, "dictionary update sequence element #\(index) has length \(parts.count); 2 is required")
      }
      try parts[0].requireHashable()
      try parts[1].checkNesting()
      box.members[parts[0]] = parts[1]
    }
  }
}

/// What `keys()`, `values()` and `items()` give: a view that follows its dict.
final class DictView: JinjaObject, @unchecked Sendable {
  enum Part: String {
    case keys, values, items
  }

  private let box: DictBox
  private let part: Part

  init(_ box: DictBox, _ part: Part) {
    self.box = box
    self.part = part
  }

  var typeName: String { "dict_\(part.rawValue)" }

  private var elements: [Value] {
    switch part {
    case .keys: Array(box.members.keys)
    case .values: Array(box.members.values)
    case .items: box.members.map { .tuple([$0.key, $0.value]) }
    }
  }

  func makeIterator() throws -> ValueIterator? { ValueIterator(elements) }
  var count: Int? { box.members.count }
  var representation: String { "\(typeName)(\(Value(elements).representation))" }

  func contains(_ needle: Value) throws -> Bool? {
    guard part == .keys else { return nil }
    try needle.requireHashable()
    return box.members[needle] != nil
  }

  func isEqual(to other: Value) -> Bool {
    guard part != .values else {
      if case .object(let object) = other { return object === self }
      return false
    }
    switch other {
    case .object(let view as DictView): return Set(elements) == Set(view.elements)
    case .set(let set): return Set(elements) == Set(set.elements)
    default: return false
    }
  }

  func apply(_ operation: BinaryOperation, _ other: Value, reversed: Bool) throws -> Value? {
    guard operation == .subtract, part != .values else { return nil }
    let mine = OrderedSet(elements)
    let others = OrderedSet(try other.collect())
    return .set(SetBox(reversed ? others.subtracting(mine) : mine.subtracting(others)))
  }
}

/// The methods of `set`.
enum SetMethods {
  static func call(_ method: Method, on box: SetBox, _ call: Call) throws -> Value {
    func others() throws -> [OrderedSet<Value>] { try call.positional.map { try set($0) } }
    func element() throws -> Value {
      let value = try call.required(0, "element", of: method.rawValue)
      try value.requireHashable()
      return value
    }
    switch method {
    case .add: box.elements.append(try element())
    case .discard: box.elements.remove(try element())
    case .remove:
      let value = try element()
      guard box.elements.remove(value) != nil else { throw Fault(.key, value.representation) }
    case .pop:
      guard !box.elements.isEmpty else { throw Fault(.key, "pop from an empty set") }
      return box.elements.removeFirst()
    case .clear: box.elements = []
    case .update: for other in try others() { box.elements.formUnion(other) }
    case .differenceUpdate: for other in try others() { box.elements.subtract(other) }
    case .intersectionUpdate: for other in try others() { box.elements.formIntersection(other) }
    case .symmetricDifferenceUpdate: for other in try others() { box.elements.formSymmetricDifference(other) }
    case .copy: return .set(SetBox(box.elements))
    case .union: return .set(SetBox(try others().reduce(box.elements) { $0.union($1) }))
    case .difference: return .set(SetBox(try others().reduce(box.elements) { $0.subtracting($1) }))
    case .intersection: return .set(SetBox(try others().reduce(box.elements) { $0.intersection($1) }))
    case .symmetricDifference: return .set(SetBox(try others().reduce(box.elements) { $0.symmetricDifference($1) }))
    case .isdisjoint: return .bool(try others().allSatisfy { box.elements.isDisjoint(with: $0) })
    case .issubset: return .bool(try others().allSatisfy { box.elements.isSubset(of: $0) })
    case .issuperset: return .bool(try others().allSatisfy { box.elements.isSuperset(of: $0) })
    case .contains: return .bool(box.elements.contains(try element()))
    default: return .int(Int64(box.elements.count))
    }
    return .none
  }

  static func set(_ value: Value) throws -> OrderedSet<Value> {
    if case .set(let box) = value { return box.elements }
    let elements = try value.collect()
    for element in elements { try element.requireHashable() }
    return OrderedSet(elements)
  }
}

/// The methods of `int` and `float`.
enum NumberMethods {
  static func call(_ method: Method, on value: Value) throws -> Value {
    switch (method, value) {
    case (.bitLength, _):
      guard let number = value.int else { return .int(64) }
      return .int(Int64(64 - number.magnitude.leadingZeroBitCount))
    case (.isInteger, .double(let number)): return .bool(number.isFinite && number.rounded() == number)
    case (.isInteger, _): return true
    case (.asIntegerRatio, .double(var number)):
      guard number.isFinite else { throw Fault(.value, "cannot convert \(value.representation) to integer ratio") }
      var denominator: Int64 = 1
      while number.rounded() != number, denominator < 1 << 60 { (number, denominator) = (number * 2, denominator * 2) }
      return .tuple([BigInt(truncating: number)?.value ?? .none, .int(denominator)])
    case (.asIntegerRatio, _): return .tuple([value, 1])
    default: return value
    }
  }
}
