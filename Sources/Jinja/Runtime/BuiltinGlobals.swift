import OrderedCollections

/// The functions that every template sees: `range`, `dict`, `lipsum`, `cycler`, `joiner`, `namespace`.
enum BuiltinGlobals {
  static let all: [String: Value] = [
    "range": Value(function: "range", range),
    "dict": Value(function: "dict", dict),
    "lipsum": Value(function: "lipsum", lipsum),
    "cycler": Value(function: "cycler") { call in
      guard !call.positional.isEmpty else { throw Fault(.type, "at least one item has to be provided") }
      return .object(Cycler(call.positional))
    },
    "joiner": Value(function: "joiner") { call in .object(Joiner(try call.argument(0, "sep")?.str() ?? ", ")) },
    "namespace": Value(function: "namespace") { call in .object(Namespace(try members(call))) },
  ]

  @Sendable private static func range(_ call: Call) throws -> Value {
    let bounds = try call.positional.map { value in
      guard let number = value.int else {
        if case .undefined(let undefined) = value { throw undefined.fault }
        throw Fault(.type, "'\(value.typeName)' object cannot be interpreted as an integer")
      }
      return number
    }
    let range: RangeValue
    switch bounds.count {
    case 1: range = RangeValue(start: 0, stop: bounds[0], step: 1)
    case 2: range = RangeValue(start: bounds[0], stop: bounds[1], step: 1)
    case 3: range = RangeValue(start: bounds[0], stop: bounds[1], step: bounds[2])
    default: throw Fault(.type, "range expected 1 to 3 arguments, got \(bounds.count)")
    }
    guard range.step != 0 else { throw Fault(.value, "range() arg 3 must not be zero") }
    let options = call.scope.template.environment.options
    if let longest = options.longestRange ?? (options.sandbox == nil ? nil : 100_000), range.count > longest {
      throw Fault(.overflow, "Range too big: ranges larger than \(longest) are refused")
    }
    return .range(range)
  }

  private static func members(_ call: Call) throws -> DictBox {
    let box = DictBox()
    if let first = call.positional.first { try DictMethods.merge(first, into: box) }
    for keyword in call.keywords { box[keyword.name] = keyword.value }
    return box
  }

  @Sendable private static func dict(_ call: Call) throws -> Value { .dict(try members(call)) }

  private static let words = [
    "a", "ac", "accumsan", "ad", "aenean", "aliquam", "aliquet", "amet", "ante", "arcu", "at", "augue", "bibendum", "blandit",
    "commodo", "congue", "consectetuer", "consequat", "cras", "curabitur", "cursus", "dapibus", "diam", "dictum", "dolor", "donec",
    "dui", "egestas", "eget", "eleifend", "elit", "enim", "erat", "eros", "est", "et", "etiam", "eu", "facilisis", "fames",
    "felis", "fermentum", "fusce", "gravida", "habitant", "hendrerit", "iaculis", "id", "in", "ipsum", "justo", "lacinia",
    "lacus", "lectus", "leo", "libero", "ligula", "lorem", "luctus", "magna", "massa", "mattis", "mauris", "metus", "mi",
  ]

  @Sendable private static func lipsum(_ call: Call) throws -> Value {
    let paragraphs = Int(clamping: min(try call.integer(0, "n") ?? 5, 1000))
    let isHTML = try call.flag(1, "html", default: true)
    let shortest = Int(clamping: max(1, try call.integer(2, "min") ?? 20))
    let longest = Int(clamping: min(100_000, max(Int64(shortest) + 1, try call.integer(3, "max") ?? 100)))
    let texts = (0..<max(0, paragraphs)).map { _ in
      let count = Int.random(in: min(shortest, longest - 1)..<longest)
      let text = (0..<count).map { _ in words.randomElement() ?? "lorem" }.joined(separator: " ")
      return text.capitalizedFirst + "."
    }
    return isHTML ? .markup(texts.map { "<p>\($0)</p>" }.joined(separator: "\n")) : .string(texts.joined(separator: "\n\n"))
  }
}

/// `namespace(…)`: attributes that can be assigned from inner scopes.
final class Namespace: JinjaObject, @unchecked Sendable {
  private let box: DictBox

  init(_ box: DictBox) {
    self.box = box
  }

  let typeName = "Namespace"
  func attribute(_ name: String) throws -> Value? { box[name] }
  func item(_ key: Value) throws -> Value? { box.members[key] }

  func setAttribute(_ name: String, to value: Value) throws -> Bool {
    try value.checkNesting()
    box[name] = value
    return true
  }

  var isTrue: Bool { true }
  var representation: String { "<Namespace \(Value.dict(box).representation)>" }
}

/// `cycler(a, b)`: one after the other, over and over.
final class Cycler: JinjaObject, @unchecked Sendable {
  private var items: [Value]
  private var position = 0

  init(_ items: [Value]) {
    self.items = items
  }

  deinit { Value.dismantle(&items) }

  let typeName = "Cycler"

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "current": items[position]
    case "next", "reset": Value(function: name) { [self] call in try callMethod(name, call) ?? .none }
    default: nil
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "next":
      defer { position = (position + 1) % items.count }
      return items[position]
    case "reset":
      position = 0
      return Value.none
    default: return nil
    }
  }
}

/// `joiner(separator)`: nothing the first time it is called, then the separator.
final class Joiner: JinjaObject, @unchecked Sendable {
  private let separator: String
  private var isUsed = false

  init(_ separator: String) {
    self.separator = separator
  }

  let typeName = "Joiner"
  var isCallable: Bool { true }

  func call(_ call: Call) throws -> Value {
    defer { isUsed = true }
    return isUsed ? .string(separator) : ""
  }
}
