import OrderedCollections

/// Filters on sequences.
enum SequenceFilters {
  static let all: [String: Filter] = [
    "batch": batch, "dictsort": dictSort, "first": first, "groupby": groupBy, "join": join, "last": last,
    "max": extreme(wantsGreatest: true), "min": extreme(wantsGreatest: false), "random": random, "reverse": reverse, "slice": slice,
    "sort": sort, "sum": sum, "unique": unique,
  ]

  private static func nothing(_ call: Call, _ explanation: String) -> Value {
    call.scope.template.environment.undefined(nil, explanation: explanation)
  }

  private static let batch: Filter = { value, call in
    guard let size = try call.integer(0, "linecount") else { throw Fault(.type, "batch() missing required argument 'linecount'") }
    let filler = call.argument(1, "fill_with") ?? .none
    let elements = try value.collect()
    guard size > 0 else { return .iterator(ValueIterator(elements.isEmpty ? [] : [Value(elements)])) }
    if !filler.isNone { try Limits.check(list: Int(clamping: size)) }
    let batches = stride(from: 0, to: elements.count, by: Int(clamping: size)).map { start in
      var batch = Array(elements[start..<min(elements.count, start + Int(size))])
      if !filler.isNone { while batch.count < Int(size) { batch.append(filler) } }
      return Value(batch)
    }
    return .iterator(ValueIterator(batches))
  }

  private static let slice: Filter = { value, call in
    guard let slices = try call.integer(0, "slices"), slices > 0 else { throw Fault(.value, "slice() takes a positive number of slices") }
    let filler = call.argument(1, "fill_with") ?? .none
    let elements = try value.collect()
    let count = Int(clamping: slices)
    guard count <= 1_000_000 else { throw Fault(.overflow, "too many slices") }
    let (size, longer) = elements.count.quotientAndRemainder(dividingBy: count)
    var start = 0
    return .iterator(
      ValueIterator(
        (0..<count).map { index in
          let end = start + size + (index < longer ? 1 : 0)
          var part = Array(elements[start..<end])
          start = end
          if !filler.isNone, index >= longer { part.append(filler) }
          return Value(part)
        }))
  }

  private static let first: Filter = { value, call in
    try value.makeIterator().next() ?? nothing(call, "no first item, sequence was empty")
  }

  private static let last: Filter = { value, call in
    if let text = value.text { return text.unicodeScalars.last.map { .string(String($0)) } ?? nothing(call, "no last item, sequence was empty") }
    return try value.collect().last ?? nothing(call, "no last item, sequence was empty")
  }

  private static let random: Filter = { value, call in
    try value.collect().randomElement() ?? nothing(call, "no random item, sequence was empty")
  }

  private static let reverse: Filter = { value, _ in
    if let text = value.text { return TextFilters.made(String(String.UnicodeScalarView(text.unicodeScalars.reversed())), like: value) }
    return .iterator(ValueIterator(try value.collect().reversed(), kind: "list_reverseiterator"))
  }

  private static let join: Filter = { value, call in
    let separator = call.argument(0, "d") ?? ""
    var elements = try value.collect()
    if let attribute = call.argument(1, "attribute"), !attribute.isNone {
      let path = AttributePath(attribute, call)
      elements = try elements.map { try path.value(of: $0) }
    }
    guard call.run.autoescape else {
      let separator = try separator.str()
      var text = ""
      for (index, element) in elements.enumerated() {
        if index > 0 { text += separator }
        text += try element.str()
      }
      return .string(text)
    }
    guard separator.isMarkup || elements.contains(where: \.isMarkup) else {
      return .string(try elements.map { try $0.str() }.joined(separator: try separator.str()))
    }
    return .markup(try elements.map { try $0.escaped() }.joined(separator: try separator.escaped()))
  }

  private static let sum: Filter = { value, call in
    let path = AttributePath(call.argument(0, "attribute") ?? .none, call)
    return try value.collect().reduce(call.argument(1, "start") ?? 0) { try $0.applying(.add, path.value(of: $1)) }
  }

  // MARK: Order

  private static let sort: Filter = { value, call in
    let elements = try value.collect()
    let path = AttributePath(call.argument(2, "attribute") ?? .none, call, ignoresCase: !(try call.flag(1, "case_sensitive")))
    let order = try Sorting.order(try elements.map { try path.values(of: $0) }, reversed: try call.flag(0, "reverse"))
    return Value(order.map { elements[$0] })
  }

  private static let dictSort: Filter = { value, call in
    guard let members = value.dict?.members else { throw Fault(.type, "dictsort takes a dict, not \(value.typeName)") }
    let by = try call.string(1, "by") ?? "key"
    guard by == "key" || by == "value" else { throw Fault(.value, "you can only sort by either 'key' or 'value'") }
    let path = AttributePath(.none, call, ignoresCase: !(try call.flag(0, "case_sensitive")))
    let keys = try (by == "key" ? Array(members.keys) : Array(members.values)).map { try path.value(of: $0) }
    let order = try Sorting.order(keys, reversed: try call.flag(2, "reverse"))
    return Value(order.map { .tuple([members.elements[$0].key, members.elements[$0].value]) })
  }

  private static let unique: Filter = { value, call in
    let path = AttributePath(call.argument(1, "attribute") ?? .none, call, ignoresCase: !(try call.flag(0, "case_sensitive")))
    let source = try value.makeIterator()
    var seen: Set<Value> = []
    return .iterator(
      try ValueIterator(on: source) {
        while let next = try source.next() {
          let key = try path.value(of: next)
          try key.requireHashable()
          if seen.insert(key).inserted { return next }
        }
        return nil
      })
  }

  private static func extreme(wantsGreatest: Bool) -> Filter {
    { value, call in
      let path = AttributePath(call.argument(1, "attribute") ?? .none, call, ignoresCase: !(try call.flag(0, "case_sensitive")))
      var best: (key: Value, element: Value)?
      for element in try value.collect() {
        let key = try path.value(of: element)
        if let current = best, try !(wantsGreatest ? current.key.isLess(than: key) : key.isLess(than: current.key)) { continue }
        best = (key, element)
      }
      return best?.element ?? nothing(call, "no aggregated item, sequence was empty")
    }
  }

  private static let groupBy: Filter = { value, call in
    let ignoresCase = !(try call.flag(2, "case_sensitive"))
    let attribute = try call.required(0, "attribute", of: "groupby")
    let path = AttributePath(attribute, call, fallback: call.argument(1, "default"))
    let folded = AttributePath(attribute, call, ignoresCase: ignoresCase, fallback: call.argument(1, "default"))
    let elements = try value.collect()
    let keys = try elements.map { try folded.value(of: $0) }
    var groups: [(key: Value, grouper: Value, elements: [Value])] = []
    for index in try Sorting.order(keys, reversed: false) {
      if let last = groups.indices.last, groups[last].key == keys[index] {
        groups[last].elements.append(elements[index])
      } else {
        groups.append((keys[index], try path.value(of: elements[index]), [elements[index]]))
      }
    }
    return Value(groups.map { .object(GroupObject($0.grouper, $0.elements)) })
  }
}

/// A group that `groupby` makes: a tuple of the grouper and the list, with names.
final class GroupObject: JinjaObject, @unchecked Sendable {
  private let parts: [Value]

  init(_ grouper: Value, _ elements: [Value]) {
    parts = [grouper, Value(elements)]
  }

  let typeName = "_GroupTuple"

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "grouper": parts[0]
    case "list": parts[1]
    default: nil
    }
  }

  func item(_ key: Value) throws -> Value? { key.int.flatMap { Value.offset($0, 2) }.map { parts[$0] } }
  func makeIterator() throws -> ValueIterator? { ValueIterator(parts) }
  var count: Int? { 2 }
  var representation: String { Value.tuple(parts).representation }
  func compare(to other: Value) -> Int? {
    guard case .object(let group as GroupObject) = other else { return nil }
    return (try? Value.tuple(parts).order(.tuple(group.parts))).flatMap { $0 }
  }
}

/// What `attribute=` of many filters names: `a.b.0`, or for `sort` several of them, `a,b`.
struct AttributePath {
  private let paths: [[Value]]
  private let environment: Environment
  private let ignoresCase: Bool
  private let fallback: Value?

  init(_ attribute: Value, _ call: Call, ignoresCase: Bool = false, fallback: Value? = nil) {
    environment = call.scope.template.environment
    self.ignoresCase = ignoresCase
    self.fallback = fallback
    if let text = attribute.text {
      paths = text.parts(separatedBy: ",").map { path in
        path.trimmedWhitespace().parts(separatedBy: ".").map { Int64($0).map { .int($0) } ?? .string($0) }
      }
    } else {
      paths = attribute.isNone || attribute.isUndefined ? [] : [[attribute]]
    }
  }

  private func value(of element: Value, _ path: [Value]) throws -> Value {
    var value = element
    for key in path {
      value = try value.item(key, environment: environment)
      if value.isUndefined, let fallback {
        value = fallback
        break
      }
    }
    if ignoresCase, let text = value.text { return .string(text.lowercased()) }
    return value
  }

  /// The value that the path leads to from `element`.
  func value(of element: Value) throws -> Value { try value(of: element, paths.first ?? []) }

  /// The values that all the paths lead to, as one that compares like them.
  func values(of element: Value) throws -> Value {
    guard paths.count > 1 else { return try value(of: element) }
    return Value(try paths.map { try value(of: element, $0) })
  }
}

/// Sorting as Python does it: equal elements keep their order, also when reversed.
enum Sorting {
  /// The indices of `keys` in their order. Throws `jinja.type` for keys that cannot be compared.
  static func order(_ keys: [Value], reversed: Bool) throws -> [Int] {
    try keys.indices.sorted { a, b in
      if try (reversed ? keys[b].isLess(than: keys[a]) : keys[a].isLess(than: keys[b])) { return true }
      if try (reversed ? keys[a].isLess(than: keys[b]) : keys[b].isLess(than: keys[a])) { return false }
      return a < b
    }
  }
}
